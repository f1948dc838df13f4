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
    ...index.headers,
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
export function replyAsset(
  call: PackageCall,
  asset: OpenedAsset,
  more?: Readonly<Record<string, string>>,
): Reply | Promise<Reply> {
  const headers = more === undefined ? assetHeaders(asset) : { ...assetHeaders(asset), ...more }
  const { etag, sizeBytes } = asset
  if (etag === undefined || sizeBytes === undefined) return replyFetched(call, asset, headers)
  if (matchesEtag(call.header('if-none-match'), etag)) return { status: 304, headers }
  return replyStored(call, asset, headers, sizeBytes)
}

/** An opened asset lives as long as it is known that it may be read, and its headers with it. */
const headersOf = new WeakMap<OpenedAsset, Readonly<Record<string, string | number>>>()

function assetHeaders(asset: OpenedAsset): Readonly<Record<string, string | number>> {
  let headers = headersOf.get(asset)
  if (headers === undefined) {
    headers = {
      'Content-Type': 'application/octet-stream',
      'Cache-Control': 'private, max-age=31536000, immutable',
      'Last-Modified': new Date(asset.publishedAt).toUTCString(),
      ...(asset.etag !== undefined && { ETag: asset.etag }),
    }
    headersOf.set(asset, headers)
  }
  return headers
}

/** What is still being fetched comes whole. */
async function replyFetched(call: PackageCall, asset: OpenedAsset, headers: Headers): Promise<Reply> {
  return { status: 200, headers, body: await bodyOf(call, asset) }
}

type Headers = Readonly<Record<string, string | number>>

function replyStored(call: PackageCall, asset: OpenedAsset, known: Headers, sizeBytes: number): Reply | Promise<Reply> {
  const wanted = isCurrent(call.header('if-range'), asset.etag) ? call.header('range') : undefined
  const requested = parseRange(wanted, sizeBytes)
  const headers = { ...known, 'Accept-Ranges': 'bytes' }
  switch (requested.kind) {
    case 'whole':
      return withBody({ status: 200, headers: { ...headers, 'Content-Length': sizeBytes } }, bodyOf(call, asset))
    case 'outside':
      return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${sizeBytes}` } }
    case 'part': {
      const { start, end } = requested.range
      const range = { 'Content-Range': `bytes ${start}-${end}/${sizeBytes}`, 'Content-Length': end - start + 1 }
      return withBody({ status: 206, headers: { ...headers, ...range } }, bodyOf(call, asset, requested.range))
    }
  }
}

type Body = Reply['body']

/** At once where the body is at hand. */
function withBody(reply: Reply, body: Body | Promise<Body>): Reply | Promise<Reply> {
  return body instanceof Promise ? body.then((opened) => ({ ...reply, body: opened })) : { ...reply, body }
}

/** Nothing is opened for HEAD. */
function bodyOf(call: PackageCall, asset: OpenedAsset, range?: Range): Body | Promise<Body> {
  return call.method === 'HEAD' ? undefined : asset.read(range)
}

/** Strong comparison; a date never counts. Source: RFC 9110, section 13.1.5. */
function isCurrent(ifRange: string | undefined, etag: string | undefined): boolean {
  return ifRange === undefined || ifRange === etag
}
