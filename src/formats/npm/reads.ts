import type { Reply } from '../../http/call.ts'
import type { PackageName } from '../../registry/names.ts'
import type { OpenedAsset, ReadyIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { missingVersion, renderAbbreviated, renderFull, renderManifest } from './documents.ts'
import { TARBALL_ASSET } from './manifests.ts'
import { versionOfFile } from './names.ts'
import { type Range, acceptsGzip, matchesEtag, parseRange, wantsAbbreviated } from './negotiation.ts'

/** `GET /{name}`: everything, or what an installation needs, as the client likes it better. */
export async function readPackument(call: PackageCall, session: RepositorySession, name: PackageName): Promise<Reply> {
  const { endpoint } = call
  const index = wantsAbbreviated(call.header('accept'))
    ? await session.index(name, `abbreviated ${endpoint}`, (view) => renderAbbreviated(view, endpoint))
    : await session.index(name, `full ${endpoint}`, (view) => renderFull(view, endpoint))
  return replyIndex(call, index)
}

/** `GET /{name}/{version or tag}` */
export async function readManifest(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  wanted: string,
): Promise<Reply> {
  const { endpoint } = call
  const key = `manifest ${wanted} ${endpoint}`
  return replyIndex(call, await session.index(name, key, (view) => renderManifest(view, wanted, endpoint)))
}

/** `If-Modified-Since` is never read: pnpm makes it from the document's own date, which is older than its changes. */
function replyIndex(call: PackageCall, index: ReadyIndex): Reply {
  const headers = {
    ETag: index.etag,
    'Last-Modified': new Date(index.lastModified).toUTCString(),
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept, Accept-Encoding',
    ...(index.isStale && staleHeaders),
  }
  if (matchesEtag(call.header('if-none-match'), index.etag)) return { status: 304, headers }
  const zipped = index.gzip && acceptsGzip(call.header('accept-encoding')) ? index.gzip : undefined
  return {
    status: 200,
    headers: { ...headers, 'Content-Type': index.contentType, ...(zipped && { 'Content-Encoding': 'gzip' }) },
    body: zipped ?? index.identity,
  }
}

/** Source: RFC 7234, section 5.5.1; npm and Bun print `npm-notice`. */
const staleHeaders = {
  Warning: '110 - "Response is Stale"',
  'npm-notice': 'An upstream registry cannot be reached: this package is shown as it was last seen.',
}

/** `GET /{name}/-/{file}`. Never with a content coding: clients have stored what they should have decoded. */
export async function readTarball(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  file: string,
): Promise<Reply> {
  const version = versionOfFile(name, file)
  if (version === undefined) {
    session.authorizeRead()
    throw missingVersion(file)
  }
  const asset = await session.openAsset(name, version, TARBALL_ASSET)
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Last-Modified': new Date(asset.publishedAt).toUTCString(),
    ...(asset.etag !== undefined && { ETag: asset.etag }),
  }
  if (asset.etag !== undefined && matchesEtag(call.header('if-none-match'), asset.etag)) return { status: 304, headers }
  return replyAsset(call, asset, headers)
}

/** A part only of what is stored: what is still being fetched comes whole. */
async function replyAsset(call: PackageCall, asset: OpenedAsset, known: Record<string, string>): Promise<Reply> {
  const { sizeBytes, etag } = asset
  if (sizeBytes === undefined) return { status: 200, headers: known, body: await bodyOf(call, asset) }
  const headers = { ...known, 'Accept-Ranges': 'bytes' }
  const wanted = isCurrent(call.header('if-range'), etag) ? call.header('range') : undefined
  const requested = parseRange(wanted, sizeBytes)
  switch (requested.kind) {
    case 'whole':
      return { status: 200, headers: { ...headers, 'Content-Length': sizeBytes }, body: await bodyOf(call, asset) }
    case 'outside':
      return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${sizeBytes}` } }
    case 'part': {
      const { start, end } = requested.range
      const range = { 'Content-Range': `bytes ${start}-${end}/${sizeBytes}`, 'Content-Length': end - start + 1 }
      return { status: 206, headers: { ...headers, ...range }, body: await bodyOf(call, asset, requested.range) }
    }
  }
}

/** Nothing is opened for HEAD. */
async function bodyOf(call: PackageCall, asset: OpenedAsset, range?: Range): Promise<Reply['body']> {
  return call.method === 'HEAD' ? undefined : asset.read(range)
}

/** Strong comparison; a date never counts. Source: RFC 9110, section 13.1.5. */
function isCurrent(ifRange: string | undefined, etag: string | undefined): boolean {
  return ifRange === undefined || ifRange === etag
}
