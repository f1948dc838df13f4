import type { Reply } from '../http/call.ts'
import { acceptsGzip, matchesEtag, parseRange, type Range } from '../http/negotiation.ts'
import type { OpenedAsset, ReadyIndex } from '../registry/session.ts'
import type { PackageCall } from './format.ts'

/** How every format answers with what the registry keeps ready: indexes and assets. */

/**
 * An index, compressed where the client takes it, or 304. `If-Modified-Since` is never read: some clients make it from the
 * document's own date, which is older than its changes. `more` are headers of the format's own.
 */
export function replyIndex(call: PackageCall, index: ReadyIndex, more?: Readonly<Record<string, string>>): Reply {
  const replies = more ? prepare(index, more) : prepared(index)
  if (matchesEtag(call.header('if-none-match'), index.etag)) return replies.unchanged
  return acceptsGzip(call.header('accept-encoding')) ? replies.gzip : replies.identity
}

/** The answers that there are to a request for one index. */
interface IndexReplies {
  readonly unchanged: Reply
  readonly identity: Reply
  readonly gzip: Reply
}

/** An index never changes, so neither do its answers: they live as long as it does. */
const replies = new WeakMap<ReadyIndex, IndexReplies>()

function prepared(index: ReadyIndex): IndexReplies {
  let found = replies.get(index)
  if (!found) {
    found = prepare(index, {})
    replies.set(index, found)
  }
  return found
}

function prepare(index: ReadyIndex, more: Readonly<Record<string, string>>): IndexReplies {
  const headers = {
    ETag: index.etag,
    'Last-Modified': new Date(index.lastModified).toUTCString(),
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept, Accept-Encoding',
    ...(index.isStale && staleHeaders),
    ...more,
  }
  const typed = { ...headers, 'Content-Type': index.contentType }
  const identity = { status: 200, headers: typed, body: index.identity }
  return {
    unchanged: { status: 304, headers },
    identity,
    gzip: index.gzip ? { ...identity, headers: { ...typed, 'Content-Encoding': 'gzip' }, body: index.gzip } : identity,
  }
}

/** Source: RFC 7234, section 5.5.1. */
const staleHeaders = { Warning: '110 - "Response is Stale"' }

/** An asset's bytes under its content's own tag, for ever the same; or 304, or the part of it that was asked for. */
export async function replyAsset(
  call: PackageCall,
  asset: OpenedAsset,
  more: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Last-Modified': new Date(asset.publishedAt).toUTCString(),
    ...(asset.etag !== undefined && { ETag: asset.etag }),
    ...more,
  }
  if (asset.etag !== undefined && matchesEtag(call.header('if-none-match'), asset.etag)) return { status: 304, headers }
  return replyBytes(call, asset, headers)
}

/** A part only of what is stored: what is still being fetched comes whole. */
async function replyBytes(call: PackageCall, asset: OpenedAsset, known: Record<string, string>): Promise<Reply> {
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
