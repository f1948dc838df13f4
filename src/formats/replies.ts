import type { Reply } from '../http/call.ts'
import { acceptsGzip, matchesEtag, parseRange, type Range } from '../http/negotiation.ts'
import type { OpenedAsset, ReadyIndex } from '../registry/session.ts'
import type { PackageCall } from './format.ts'
import { isRedirectable, redirectReply } from './redirect.ts'

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
export function replyAsset(call: PackageCall, asset: OpenedAsset, more?: Headers): Reply | Promise<Reply> {
  const { base, whole } = more === undefined ? headersOf(asset) : makeHeaders(asset, more)
  const { etag } = asset
  if (etag !== undefined && matchesEtag(call.header('if-none-match'), etag)) return { status: 304, headers: base }
  return isRedirectable(call, asset)
    ? elsewhereOrHere(call, asset, { base, whole })
    : fromHere(call, asset, { base, whole })
}

/** The store gives the range that is asked for, as clients send that header to it too. */
async function elsewhereOrHere(call: PackageCall, asset: OpenedAsset, headers: AssetHeaders): Promise<Reply> {
  const requested = parseRange(call.header('range') ?? '', asset.sizeBytes ?? 0)
  const { start, end } = requested.kind === 'part' ? requested.range : { start: 0, end: (asset.sizeBytes ?? 0) - 1 }
  const type = String(headers.base['Content-Type'])
  const redirect = requested.kind === 'outside' ? undefined : await redirectReply(call, asset, end - start + 1, type)
  return redirect ?? fromHere(call, asset, headers)
}

function fromHere(call: PackageCall, asset: OpenedAsset, { base, whole }: AssetHeaders): Reply | Promise<Reply> {
  const { etag, sizeBytes } = asset
  const wanted = call.header('range')
  if (wanted === undefined || sizeBytes === undefined || !isCurrent(call.header('if-range'), etag)) {
    return withBody({ status: 200, headers: whole }, bodyOf(call, asset))
  }
  const requested = parseRange(wanted, sizeBytes)
  switch (requested.kind) {
    case 'whole':
      return withBody({ status: 200, headers: whole }, bodyOf(call, asset))
    case 'outside':
      return { status: 416, headers: { ...base, ...ranges, 'Content-Range': `bytes */${sizeBytes}` } }
    case 'part': {
      const { start, end } = requested.range
      const range = { 'Content-Range': `bytes ${start}-${end}/${sizeBytes}`, 'Content-Length': end - start + 1 }
      return withBody({ status: 206, headers: { ...base, ...ranges, ...range } }, bodyOf(call, asset, requested.range))
    }
  }
}

type Headers = Readonly<Record<string, string | number>>

const ranges = { 'Accept-Ranges': 'bytes' }

interface AssetHeaders {
  /** Without what speaks of a body. */
  readonly base: Headers
  /** Over the whole asset. */
  readonly whole: Headers
}

/** An opened asset lives as long as it is known to be the right one, and its headers with it. */
const knownHeaders = new WeakMap<OpenedAsset, AssetHeaders>()

function headersOf(asset: OpenedAsset): AssetHeaders {
  let headers = knownHeaders.get(asset)
  if (headers === undefined) {
    headers = makeHeaders(asset)
    knownHeaders.set(asset, headers)
  }
  return headers
}

function makeHeaders({ etag, sizeBytes, publishedAt }: OpenedAsset, more?: Headers): AssetHeaders {
  const base = {
    'Content-Type': 'application/octet-stream',
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Last-Modified': new Date(publishedAt).toUTCString(),
    ...(etag !== undefined && { ETag: etag }),
    ...more,
  }
  return { base, whole: sizeBytes === undefined ? base : { ...base, ...ranges, 'Content-Length': sizeBytes } }
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
