import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RegistryError } from '../../src/registry/errors.ts'
import { sweep } from '../../src/jobs/sweep/sweep.ts'
import { deleteVersions } from '../../src/registry/version-changes.ts'
import type { VersionDraft } from '../../src/registry/session.ts'
import { bytesOf, makePackage } from '../support/npm-package.ts'
import type { Say, Step, Yard } from './ledger.ts'
import { addressOf, ASSET, caller, type OpenYard, VERSION } from './open-yard.ts'
import { pick, type Random } from './random.ts'

export interface StepParts {
  readonly open: OpenYard
  /** Kept up to date by whoever hears what is said. */
  readonly yard: Yard
  readonly say: Say
  readonly random: Random
  readonly publicNames: readonly string[]
  /** Names that a step is busy with: no other one takes them. */
  readonly busy: Set<string>
}

/** How often each step is taken, added up to 1. */
const chances: readonly (readonly [Step, number])[] = [
  ['publish', 0.45],
  ['ingest', 0.57],
  ['copy', 0.72],
  ['delete', 0.92],
  ['gc', 1],
]

const steps: Readonly<Record<Exclude<Step, 'migrate'>, (parts: StepParts) => Promise<void>>> = {
  publish,
  ingest,
  copy,
  delete: remove,
  gc,
}

/** One step by chance. What is only refused for the moment has not happened, or perhaps has: then it stays unknown. */
export async function takeStep(parts: StepParts): Promise<void> {
  const chance = parts.random()
  const step = chances.find(([, upTo]) => chance < upTo)?.[0] ?? 'gc'
  if (step === 'migrate') return
  try {
    await steps[step](parts)
    parts.say({ told: 'did', step })
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'unavailable') throw error
  }
}

/** Few contents, so that what one step deletes and sweeps another publishes at the same moment. */
async function makeTarball(name: string, random: Random) {
  const files = { 'data.txt': `content ${Math.floor(random() * 4)}` }
  const noise = random() < 0.05 ? { noiseBytes: 700_000 } : {}
  // The name is not in the bytes, so that versions share blobs.
  const bytes = await bytesOf(await makePackage({ name: 'any', version: VERSION, files, ...noise }))
  return { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

async function publish({ open, yard, say, random, busy }: StepParts): Promise<void> {
  const name = `own-${yard.life}-${Math.floor(random() * 1e9)}`
  const { bytes, sha256 } = await makeTarball(name, random)
  const session = await open.session('main')
  await using staged = await session.stageAsset()
  await pipeline(Readable.from([bytes]), staged.writable)
  const document = { name, version: VERSION }
  const draft: VersionDraft = {
    name: open.parse(name),
    version: VERSION,
    status: 'Published',
    document,
    facts: open.facts(document),
    readme: undefined,
    assets: [{ name: ASSET, staged }],
    tags: ['latest'],
    tagsIfAbsent: [],
  }
  busy.add(name)
  say({ told: 'version', name, in: 'main', known: 'unknown', sha256 })
  await session.publish(draft)
  say({ told: 'version', name, in: 'main', known: 'there', sha256 })
  busy.delete(name)
}

async function ingest({ open, say, random, publicNames }: StepParts): Promise<void> {
  const name = pick(random, publicNames) ?? ''
  if ((await open.download('main', name)) === undefined) throw new Error(`${name} cannot be had`)
  say({ told: 'ingested', name })
}

async function copy(parts: StepParts): Promise<void> {
  const chosen = choose(parts, ({ main, copies }) => main === 'there' && copies === 'gone')
  if (!chosen) return
  const { open, say, busy } = parts
  const [name, { sha256 }] = chosen
  say({ told: 'version', name, in: 'copies', known: 'unknown', sha256 })
  const address = { ...addressOf('copies'), package: open.parse(name) }
  const { successful } = await open.sessions.copyVersions(caller, {
    address,
    source: addressOf('main').repository,
    versions: [VERSION],
    revisions: undefined,
    onDifferent: 'refuse',
    lookIn: 'source',
  })
  if (!successful.has(VERSION)) throw new Error(`${name} could not be copied`)
  say({ told: 'version', name, in: 'copies', known: 'there', sha256 })
  busy.delete(name)
}

async function remove(parts: StepParts): Promise<void> {
  const chosen = choose(parts, ({ main, copies }) => main === 'there' || copies === 'there')
  if (!chosen) return
  const { open, say, busy } = parts
  const [name, { sha256, main }] = chosen
  const repository = main === 'there' ? 'main' : 'copies'
  say({ told: 'version', name, in: repository, known: 'unknown', sha256 })
  const address = { ...addressOf(repository), package: open.parse(name) }
  const { successful } = await deleteVersions(open.opened.registry, caller, { address, versions: [VERSION] })
  if (!successful.has(VERSION)) throw new Error(`${name} could not be deleted`)
  say({ told: 'version', name, in: repository, known: 'gone', sha256 })
  busy.delete(name)
}

async function gc({ open, busy }: StepParts): Promise<void> {
  if (busy.has('gc')) return
  busy.add('gc')
  const { metadata, blobs, clock } = open.opened.registry
  const { signal } = new AbortController()
  await sweep({ metadata, blobs, clock, graceMs: 0, signal, onProgress: async () => {} })
  busy.delete('gc')
}

function choose({ yard, random, busy }: StepParts, fits: (entry: Yard['versions'][string]) => boolean) {
  const chosen = pick(
    random,
    Object.entries(yard.versions).filter(([name, entry]) => !busy.has(name) && fits(entry)),
  )
  if (chosen) busy.add(chosen[0])
  return chosen
}
