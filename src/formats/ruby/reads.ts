import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import { HttpError, type Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { Catalogue } from '../../registry/catalogue.ts'
import type { OpenedAsset, RepositorySession } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { replyAsset } from '../replies.ts'
import { compactFile, replyCompact } from './compact-reply.ts'
import {
  catalogueRules,
  findListed,
  listedGems,
  missingGem,
  renderDependencies,
  renderInfo,
  renderNames,
  renderQuickSpec,
  renderSpecList,
  type SpecList,
  TEXT_TYPE,
} from './documents.ts'
import { marshalDependencyEntry } from './gem-marshal.ts'
import { readGemFile } from './inspect.ts'
import { assetName, type GemName, parsePackage, readFullName } from './names.ts'

/** Most names in one request. Source: Bundler 4 asks for 100 at a time; the service allows 50. */
const DEPENDENCIES_MAX = 500

/** Packages looked up at a time for one request. Ours. */
const LOOKUPS_AT_ONCE = 20

const BINARY_TYPE = 'application/octet-stream'

/** `GET /`: old RubyGems asks whether anybody is there. */
export async function readBase(_: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  return { status: 200, headers: { 'Content-Type': TEXT_TYPE, 'Cache-Control': 'no-store' }, body: 'ok\n' }
}

/** `GET versions` */
export async function readVersions(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return replyCompact(call, await session.catalogue(catalogueRules))
}

/** `GET names` */
export async function readNames(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const catalogue = await session.catalogue(catalogueRules)
  const identity = Buffer.from(await remembered(catalogue, 'names', async () => Buffer.from(renderNames(catalogue))))
  const { changedAt: lastModified, isStale } = catalogue
  const index = { contentType: TEXT_TYPE, etag: '', lastModified, identity, gzip: undefined, isStale }
  return replyCompact(call, compactFile(index))
}

/**
 * `GET info/{gem}`. A gem that is listed and may not be seen has no versions: to a 404 Bundler would answer by asking
 * another interface. Source: bundler lib/bundler/fetcher.rb.
 */
export async function readInfo(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const name = parsePackageRead(call.params['gem'] ?? '', session)
  try {
    return await replyCompact(call, compactFile(await session.index(name, 'info', renderInfo)))
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'missing') throw error
    const catalogue = await session.catalogue(catalogueRules)
    if (!catalogue.body.includes(`\n${name.name} `)) throw missingGem(name.name)
    const identity = Buffer.from('---\n')
    const { changedAt: lastModified, isStale } = catalogue
    const empty = { contentType: TEXT_TYPE, etag: '', lastModified, identity, gzip: undefined, isStale }
    return replyCompact(call, compactFile(empty))
  }
}

/** For who only reads, a name that cannot be is a gem that is not there. */
export function parsePackageRead(text: string, session: RepositorySession) {
  try {
    return parsePackage(text)
  } catch {
    session.authorizeRead()
    throw missingGem(text)
  }
}

/** `GET gems/{full}.gem` */
export async function readGem(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const file = call.params['file'] ?? ''
  if (!file.endsWith('.gem')) return missingFile(file, session)
  const opened = await findGem(session, file.slice(0, -'.gem'.length), (gem) =>
    session.openAsset(parsePackage(gem.name), gem.version, assetName(gem)),
  )
  return replyAsset(call, opened)
}

/** The first gem that the name can be of and that is there. Throws `missing`, or why it cannot be known. */
async function findGem<T>(
  session: RepositorySession,
  full: string,
  find: (gem: GemName) => T | Promise<T>,
): Promise<T> {
  let failure: RegistryError | undefined
  for (const gem of readFullName(full)) {
    try {
      return await find(gem)
    } catch (error) {
      if (!(error instanceof RegistryError) || (error.kind !== 'missing' && error.kind !== 'unavailable')) throw error
      failure = error.kind === 'unavailable' ? error : (failure ?? error)
    }
  }
  if (failure !== undefined) throw failure
  return missingFile(full, session)
}

function missingFile(file: string, session: RepositorySession): never {
  session.authorizeRead()
  throw new RegistryError('missing', `gem not found: ${file}`, { resourceType: 'asset', resourceId: file })
}

/** `GET quick/Marshal.4.8/{full}.gemspec.rz`: of a gem that is here all that it says, of another what its index says. */
export async function readQuickSpec(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const file = call.params['file'] ?? ''
  if (!file.endsWith('.gemspec.rz')) return missingFile(file, session)
  const body = await findGem(session, file.slice(0, -'.gemspec.rz'.length), async (gem) => {
    const name = parsePackage(gem.name)
    const listed = findListed(await session.view(name), gem)
    if (!listed) throw missingGem(gem.name)
    if (listed.gem.source === 'gem' || !listed.asset.isStored) return renderQuickSpec(listed)
    const told = await readStored(await session.openAsset(name, gem.version, assetName(gem)))
    return renderQuickSpec({ name: listed.name, gem: told ?? listed.gem })
  })
  return { status: 200, headers: { 'Content-Type': BINARY_TYPE, 'Cache-Control': 'private, no-cache' }, body }
}

/** Undefined for what came from outside and cannot be read. */
async function readStored({ sizeBytes, read }: OpenedAsset) {
  if (sizeBytes === undefined) return undefined
  const open = (start = 0) =>
    Readable.from(
      pieces(async () => read({ start, end: sizeBytes - 1 })),
      { objectMode: false },
    )
  try {
    return (await readGemFile({ sizeBytes, open })).content
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'invalid') return undefined
    throw error
  }
}

async function* pieces(read: () => Promise<Readable | Buffer>): AsyncGenerator<Buffer> {
  const body = await read()
  if (Buffer.isBuffer(body)) yield body
  else yield* body as AsyncIterable<Buffer>
}

/** `GET specs.4.8.gz` and its like: all gems there are, in the form that RubyGems had before the compact index. */
export function readSpecList(list: SpecList, form: 'gzip' | 'plain') {
  return async (call: PackageCall, session: RepositorySession): Promise<Reply> => {
    const catalogue = await session.catalogue(catalogueRules)
    const headers = {
      'Content-Type': BINARY_TYPE,
      'Cache-Control': 'private, no-cache',
      'Last-Modified': new Date(catalogue.changedAt).toUTCString(),
    }
    const since = call.header('if-modified-since')
    if (since !== undefined && isUnchanged(catalogue, Date.parse(since), session.now())) return { status: 304, headers }
    if (form === 'plain') {
      return { status: 200, headers, body: Readable.from(renderSpecList(catalogue, list), { objectMode: false }) }
    }
    const body = await remembered(catalogue, list, () => {
      return buffer(Readable.from(renderSpecList(catalogue, list), { objectMode: false }).pipe(createGzip()))
    })
    return { status: 200, headers, body }
  }
}

/** The date is when the client got its copy, so the same second may have been before the change. */
function isUnchanged({ changedAt }: Catalogue, since: number, now: number): boolean {
  return since >= (Math.floor(changedAt / 1000) + 1) * 1000 && since <= now
}

/** What was made of a catalogue lives as long as it does. */
const made = new WeakMap<Catalogue, Map<string, Promise<Buffer>>>()

function remembered(catalogue: Catalogue, what: string, make: () => Promise<Buffer>): Promise<Buffer> {
  const known = made.get(catalogue) ?? new Map<string, Promise<Buffer>>()
  made.set(catalogue, known)
  const found = known.get(what) ?? make()
  known.set(what, found)
  return found
}

/** `GET api/v1/dependencies`; without names it only says that it is there. */
export async function readDependencies(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const views = await requestedViews(call, session)
  const entries = views.flatMap(listedGems).map(({ name, gem }) => marshalDependencyEntry(name, gem))
  return { status: 200, headers: { 'Content-Type': BINARY_TYPE }, body: renderDependencies(entries) }
}

/** `GET api/v1/dependencies.json` */
export async function readDependenciesJson(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const views = await requestedViews(call, session)
  const entries = views.flatMap(listedGems).map(({ name, gem }) => ({
    name: name.name,
    number: name.version,
    platform: name.platform,
    dependencies: gem.runtime.map((each) => [each.name, each.requirements.join(', ')]),
  }))
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(entries) }
}

/** Of unknown names nothing is said. */
async function requestedViews(call: PackageCall, session: RepositorySession): Promise<PackageView[]> {
  session.authorizeRead()
  const names = (new URLSearchParams(call.query).get('gems') ?? '').split(',').filter((name) => name !== '')
  if (names.length > DEPENDENCIES_MAX) {
    const sentence = `The number of dependencies in the request ${names.length} exceeded the limit`
    throw new HttpError(400, `${sentence} of ${DEPENDENCIES_MAX} per request.`)
  }
  const unique = [...new Set(names)]
  const views: PackageView[] = []
  for (let start = 0; start < unique.length; start += LOOKUPS_AT_ONCE) {
    const some = unique.slice(start, start + LOOKUPS_AT_ONCE).map((name) => viewOrNothing(session, name))
    views.push(...(await Promise.all(some)).filter((view) => view !== undefined))
  }
  return views
}

export async function viewOrNothing(session: RepositorySession, name: string): Promise<PackageView | undefined> {
  try {
    return await session.view(parsePackageRead(name, session))
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'missing') return undefined
    throw error
  }
}
