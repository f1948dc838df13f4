import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CopyPackageVersionsCommand, DeletePackageVersionsCommand } from '@aws-sdk/client-codeartifact'
import { cleanEnvironment } from '../support/clients.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { firstDomain, Packyard } from '../support/packyard.ts'
import { digestOf, packageFor } from './server-package.ts'
import { freePort, ServerProcess } from '../support/server-process.ts'
import type { Say, Yard } from './ledger.ts'
import { settingsOf, VERSION } from './open-yard.ts'
import { pick, type Random } from './random.ts'

interface LifeParts {
  readonly upstreamUrl: string
  readonly publicNames: readonly string[]
  readonly random: Random
}

const stepsAtOnce = 3

/** One life of a yard as a whole `packyard serve`, asked over HTTP and killed. Resolves to how long it took to be ready. */
export async function liveAsServer(yard: Yard, parts: LifeParts, say: Say): Promise<number> {
  const home = join(yard.folder, 'home')
  await mkdir(home, { recursive: true })
  const env = { ...cleanEnvironment(home), ...settingsOf(yard, parts.upstreamUrl), PACKYARD_PROCESSES: '1' }
  const packyard = new Packyard(new ServerProcess(await freePort(), env, yard.folder), yard.folder, env)
  await packyard.server.start()
  try {
    await packyard.readEnvironment()
    const wire = new NpmWire(await packyard.endpoint('main'), await packyard.token())
    let isDead = false
    const working = Array.from({ length: stepsAtOnce }, async () => {
      // What the kill cuts off is what this is about; a wrong answer is not.
      while (!isDead) await step({ ...parts, yard, say, packyard, wire }).catch(throwUnlessCut)
    })
    await Promise.race([sleep(20 + parts.random() * 600), Promise.all(working)])
    await packyard.kill9()
    isDead = true
    await Promise.all(working)
  } finally {
    if (packyard.server.isRunning) await packyard.kill9()
  }
  return packyard.server.readyAfterMs
}

interface ServerStep extends LifeParts {
  readonly yard: Yard
  readonly say: Say
  readonly packyard: Packyard
  readonly wire: NpmWire
}

class WrongAnswer extends Error {}

function throwUnlessCut(error: unknown): void {
  if (error instanceof WrongAnswer) throw error
}

async function step(parts: ServerStep): Promise<void> {
  const chance = parts.random()
  if (chance < 0.5) return publish(parts)
  if (chance < 0.65) return ingest(parts)
  return change(parts, chance < 0.85 ? 'copy' : 'delete')
}

async function publish({ yard, random, say, wire }: ServerStep): Promise<void> {
  const name = `served-${yard.life}-${Math.floor(random() * 1e9)}`
  const fields = packageFor(name, random)
  const sha256 = await digestOf(fields)
  say({ told: 'version', name, in: 'main', known: 'unknown', sha256 })
  const { status } = await wire.publish(fields)
  if (status === 503) return
  if (status !== 201) throw new WrongAnswer(`a publish answered ${status}`)
  say({ told: 'version', name, in: 'main', known: 'there', sha256 })
  say({ told: 'did', step: 'publish' })
}

async function ingest({ random, publicNames, say, wire }: ServerStep): Promise<void> {
  const name = pick(random, publicNames) ?? ''
  const { status } = await wire.tarball(name, VERSION)
  if (status === 503) return
  if (status !== 200) throw new WrongAnswer(`a tarball from outside answered ${status}`)
  say({ told: 'ingested', name })
  say({ told: 'did', step: 'ingest' })
}

/** Of a version of an earlier life, which no other step touches. */
async function change({ yard, random, say, packyard }: ServerStep, what: 'copy' | 'delete'): Promise<void> {
  const known = Object.entries(yard.versions).filter(([, { main, copies, life }]) => {
    return life < yard.life && main === 'there' && copies === 'gone'
  })
  const [name, entry] = pick(random, known) ?? []
  if (name === undefined || entry === undefined) return
  entry.life = yard.life
  const place = what === 'copy' ? 'copies' : 'main'
  const { sha256 } = entry
  say({ told: 'version', name, in: place, known: 'unknown', sha256 })
  const versions = { domain: firstDomain, format: 'npm' as const, package: name, versions: [VERSION] }
  const answer =
    what === 'copy'
      ? await packyard.sdk.send(
          new CopyPackageVersionsCommand({ ...versions, sourceRepository: 'main', destinationRepository: 'copies' }),
        )
      : await packyard.sdk.send(new DeletePackageVersionsCommand({ ...versions, repository: 'main' }))
  if (!answer.successfulVersions?.[VERSION]) throw new WrongAnswer(`${what} of ${name} did nothing`)
  say({ told: 'version', name, in: place, known: what === 'copy' ? 'there' : 'gone', sha256 })
  say({ told: 'did', step: what })
}
