import { Readable } from 'node:stream'
import type { Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { OpenedAsset, ReadyIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { replyAsset, replyIndex } from '../replies.ts'
import { checksumHeaders, digestOf, digestsOf } from './checksums.ts'
import { renderSnapshot, renderVersions } from './documents.ts'
import { documentOf } from './facts.ts'
import {
  type AssetPath,
  type ChecksumAlgorithm,
  isSnapshot,
  type MavenPath,
  type MetadataPath,
  parsePath,
} from './layout.ts'

/** `GET` of anything: files, their checksums, and generated metadata with its own. */
export async function read(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const path = pathOf(call, session)
  if (path.kind === 'metadata') {
    const index = await readMetadata(session, path)
    return path.checksum ? replyChecksum(digestOf(index.identity, path.checksum)) : replyMetadata(call, index)
  }
  return path.checksum ? readChecksum(session, path, path.checksum) : readFile(call, session, path)
}

/** For who only reads, an address that cannot be is a file that is not there: clients ask for many such. */
function pathOf(call: PackageCall, session: RepositorySession): MavenPath {
  try {
    return parsePath(`/${call.params['path'] ?? ''}`)
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause
    session.authorizeRead()
    throw new RegistryError('missing', cause.message, { cause })
  }
}

function readMetadata(session: RepositorySession, { name, snapshot }: MetadataPath): ReadyIndex | Promise<ReadyIndex> {
  if (snapshot === undefined) return session.index(name, 'versions', renderVersions)
  const repository = session.repository.name
  return session.index(name, `snapshot ${snapshot}`, (view) => renderSnapshot(view, snapshot, repository))
}

/** An index never changes, so its digests are computed once. */
const indexHeaders = new WeakMap<ReadyIndex, Record<string, string>>()

function replyMetadata(call: PackageCall, index: ReadyIndex): Reply {
  let headers = indexHeaders.get(index)
  if (!headers) {
    headers = checksumHeaders(digestsOf(index.identity))
    indexHeaders.set(index, headers)
  }
  return replyIndex(call, index, headers)
}

async function readFile(call: PackageCall, session: RepositorySession, path: AssetPath): Promise<Reply> {
  const opened = await openFile(session, path)
  return replyAsset(call, opened, {
    'Content-Type': contentTypeOf(path.file),
    ...checksumHeaders(opened.asset),
    // The same name, with other bytes tomorrow.
    ...(isSnapshot(path.version) && { 'Cache-Control': 'private, no-cache' }),
  })
}

/** Computed here, whatever an uploader or an upstream says. */
async function readChecksum(session: RepositorySession, path: AssetPath, algorithm: ChecksumAlgorithm): Promise<Reply> {
  const opened = await openFile(session, path)
  const digest = opened.asset[algorithm] ?? (await fetched(session, path, opened)).asset[algorithm]
  if (digest === undefined) throw new RegistryError('unavailable', `the ${algorithm} of ${path.file} is not known yet`)
  return replyChecksum(digest, opened.publishedAt)
}

/** The digests of what is still coming are known when all of it has come. */
async function fetched(session: RepositorySession, path: AssetPath, opened: OpenedAsset): Promise<OpenedAsset> {
  const body = await opened.read()
  if (body instanceof Readable) for await (const _ of body) continue
  return openFile(session, path)
}

function replyChecksum(digest: string, publishedAt?: number): Reply {
  const modified = publishedAt === undefined ? {} : { 'Last-Modified': new Date(publishedAt).toUTCString() }
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'private, no-cache', ...modified },
    body: digest,
  }
}

async function openFile(session: RepositorySession, path: AssetPath): Promise<OpenedAsset> {
  const { name, version, snapshot, file } = path
  try {
    return await session.openAsset(name, version, file)
  } catch (error) {
    if (snapshot === undefined || !(error instanceof RegistryError) || error.kind !== 'missing') throw error
    const opened = await openStandIn(session, { ...path, snapshot })
    if (opened) return opened
    throw error
  }
}

/** `1.0-SNAPSHOT` has the files of a build that is gone, and gives those of its build under its own name. */
async function openStandIn(
  session: RepositorySession,
  { name, version, snapshot, file }: AssetPath & { readonly snapshot: string },
): Promise<OpenedAsset | undefined> {
  if (version !== snapshot) return session.openAsset(name, snapshot, file)
  const { versions } = await session.view(name)
  const { build } = documentOf(versions.find((candidate) => candidate.version === snapshot)?.document)
  if (!build) return undefined
  const built = `${snapshot.slice(0, -'SNAPSHOT'.length)}${build.timestamp}-${build.buildNumber}`
  return session.openAsset(name, built, `${name.name}-${built}${file.slice(name.name.length + 1 + snapshot.length)}`)
}

const contentTypes: Readonly<Record<string, string>> = {
  jar: 'application/java-archive',
  war: 'application/java-archive',
  ear: 'application/java-archive',
  pom: 'application/xml',
  xml: 'application/xml',
  module: 'application/json',
  json: 'application/json',
  asc: 'text/plain',
}

function contentTypeOf(file: string): string {
  const extension = file.slice(file.lastIndexOf('.') + 1)
  return (Object.hasOwn(contentTypes, extension) ? contentTypes[extension] : undefined) ?? 'application/octet-stream'
}
