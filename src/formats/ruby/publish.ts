import type { Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession, VersionDraft } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { TEXT_TYPE } from './documents.ts'
import { readFacts } from './facts.ts'
import { type GemContents, readGemFile, releaseOf } from './inspect.ts'
import { assetName, type GemName, numberOf, parsePackage } from './names.ts'
import { receivePush } from './push-body.ts'
import { type Gem, readRelease } from './release.ts'
import { isSameVersion } from './versions.ts'

/** Gems that are compared by case. Ours: a name that holds the whole name is rare. */
const ALIKE_MAX = 100

/** `POST api/v1/gems`: which gem it is, only the gem itself says. */
export async function push(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  await using body = await receivePush(call.body, call.header('content-type') ?? '', () => session.stageAsset())
  await body.staged.sealed()
  const contents = await readGemFile(body.staged.source('pushed.gem'))
  const { gem } = contents
  const name = parsePackage(gem.name)
  call.log({ 'package.name': gem.name, 'package.version': gem.version, 'asset.name': assetName(gem) })
  await session.authorizePublish(name)
  await checkAlike(session, name)
  await checkStanding(session, name, gem)
  const outcome = await publishOnce(session, draftOf(session, name, contents, body))
  if (outcome.kind === 'unchanged' && outcome.status !== 'Published') throw repushed(gem, `it is ${outcome.status}`)
  const sentence = outcome.kind === 'unchanged' ? 'Gem was already pushed' : 'Successfully registered gem'
  return { status: 200, headers: { 'Content-Type': TEXT_TYPE }, body: `${sentence}: ${shown(gem)}\n` }
}

function shown(gem: GemName): string {
  return `${gem.name} (${numberOf(gem)})`
}

function draftOf(
  session: RepositorySession,
  name: PackageName,
  contents: GemContents,
  { staged, attestations }: Pick<Awaited<ReturnType<typeof receivePush>>, 'staged' | 'attestations'>,
): VersionDraft {
  const { gem, readme } = contents
  const content: Gem = {
    ...contents.content,
    createdAt: new Date(session.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    ...(attestations.length > 0 && { attestations }),
  }
  const document = releaseOf({ gem, content })
  return {
    name,
    version: gem.version,
    status: 'Published',
    document,
    facts: readFacts(document),
    readme,
    assets: [{ name: assetName(gem), staged }],
    tags: [],
    tagsIfAbsent: [],
  }
}

/** On some file systems `Rack` and `rack` would be one gem. Source: rubygems.org, the same rule. */
async function checkAlike(session: RepositorySession, name: PackageName): Promise<void> {
  const { packages } = await session.search({ text: name.name, from: 0, size: ALIKE_MAX })
  const alike = packages.map((hit) => hit.name.name).find((other) => isAlike(other, name.name))
  if (alike === undefined) return
  const details = { resourceType: 'package', resourceId: name.name } as const
  throw new RegistryError('conflict', `There is a gem '${alike}', and '${name.name}' differs only in case.`, details)
}

function isAlike(left: string, right: string): boolean {
  return left !== right && left.toLowerCase() === right.toLowerCase()
}

/** What was taken back does not come again, and `1.0` is not another version beside `1.0.0`. */
async function checkStanding(session: RepositorySession, name: PackageName, gem: GemName): Promise<void> {
  const view = await viewIfAny(session, name)
  for (const standing of view?.versions ?? []) {
    if (!isSameVersion(standing.version, gem.version)) continue
    if (standing.version !== gem.version) throw repushed(gem, `it is the same version as ${standing.version}`)
    if (standing.holder !== 'own') continue
    if (standing.status !== 'Published') throw repushed(gem, `it is ${standing.status}`)
    if (readRelease(standing.document).gems[assetName(gem)]?.yanked) throw repushed(gem, 'it was yanked')
  }
}

async function viewIfAny(session: RepositorySession, name: PackageName): Promise<PackageView | undefined> {
  try {
    return await session.view(name)
  } catch (error) {
    // An upstream that is down cannot object.
    if (error instanceof RegistryError && (error.kind === 'missing' || error.kind === 'unavailable')) return undefined
    throw error
  }
}

async function publishOnce(session: RepositorySession, draft: VersionDraft) {
  try {
    return await session.publish(draft)
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'conflict') throw error
    throw new RegistryError('conflict', `${REPUSHED} ${error.message}`, { ...error.details, cause: error })
  }
}

/** The words that people know. Source: rubygems.org. */
const REPUSHED = 'Repushing of gem versions is not allowed. Use a higher version number, and push again.'

function repushed(gem: GemName, reason: string): RegistryError {
  const details = { resourceType: 'package-version', resourceId: `${gem.name}/${gem.version}` } as const
  return new RegistryError('conflict', `${REPUSHED} ${shown(gem)} is there already: ${reason}.`, details)
}
