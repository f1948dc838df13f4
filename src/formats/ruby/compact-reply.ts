import { createHash } from 'node:crypto'
import type { Reply } from '../../http/call.ts'
import { acceptsGzip, matchesEtag } from '../../http/negotiation.ts'
import type { ReadyIndex } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { TEXT_TYPE } from './documents.ts'

/** A file of the compact index, with what its clients check it by. */
export interface CompactFile {
  readonly body: Buffer
  /** Lower-case hexadecimal. */
  readonly md5: string
  /** Base64. */
  readonly sha256: string
  /** The MD5 of the file when it had this many bytes. */
  md5At(lengthBytes: number): string | undefined
  compressed(): Promise<Buffer | undefined>
  readonly changedAt: number
  readonly isStale: boolean
}

/**
 * Whoever knows an earlier state gets what came after, from its last byte on; whoever knows another gets the whole. Never
 * 416, which Bundler before 4 takes badly. Source: bundler lib/bundler/compact_index_client/updater.rb.
 */
export async function replyCompact(call: PackageCall, file: CompactFile): Promise<Reply> {
  const headers = headersOf(file)
  const seen = call.header('if-none-match')
  if (matchesEtag(seen, headers.ETag)) return { status: 304, headers }
  const typed = { ...headers, 'Content-Type': TEXT_TYPE }
  const range = call.header('range')
  if (range !== undefined) {
    const start = knownUntil(file, range, seen)
    if (start === undefined) return { status: 200, headers: typed, body: file.body }
    const end = file.body.length
    const part = { 'Content-Range': `bytes ${start}-${end - 1}/${end}` }
    return { status: 206, headers: { ...typed, ...part }, body: file.body.subarray(start) }
  }
  const gzip = acceptsGzip(call.header('accept-encoding')) ? await file.compressed() : undefined
  if (!gzip) return { status: 200, headers: typed, body: file.body }
  return { status: 200, headers: { ...typed, 'Content-Encoding': 'gzip' }, body: gzip }
}

function headersOf({ md5, sha256, changedAt, isStale }: CompactFile) {
  return {
    ETag: `"${md5}"`,
    'Repr-Digest': `sha-256=:${sha256}:`,
    Digest: `sha-256=${sha256}`,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=0',
    'Last-Modified': new Date(changedAt).toUTCString(),
    Vary: 'Accept-Encoding, Authorization',
    ...(isStale && { Warning: '110 - "Response is Stale"' }),
  }
}

/** Where the part begins that the client lacks; undefined when what it has is no beginning of this file. */
function knownUntil(file: CompactFile, range: string, seen: string | undefined): number | undefined {
  const [, digits] = /^bytes=(\d{1,15})-$/.exec(range.trim()) ?? []
  const start = Number(digits ?? Number.NaN)
  const [, md5] = /^\s*(?:W\/)?"?([0-9a-f]{32})"?\s*$/i.exec(seen ?? '') ?? []
  if (md5 === undefined || !(start + 1 <= file.body.length)) return undefined
  return file.md5At(start + 1) === md5.toLowerCase() ? start : undefined
}

/** An index stays as it is, and so does its file: it lives as long as the index does. */
const files = new WeakMap<ReadyIndex, CompactFile>()

/** The files of single gems are small: what they began with is hashed when somebody asks. */
export function compactFile(index: ReadyIndex): CompactFile {
  const known = files.get(index)
  if (known) return known
  const { identity: body, gzip, lastModified: changedAt, isStale } = index
  const made = {
    body,
    md5: createHash('md5').update(body).digest('hex'),
    sha256: createHash('sha256').update(body).digest('base64'),
    md5At: (lengthBytes: number) => createHash('md5').update(body.subarray(0, lengthBytes)).digest('hex'),
    compressed: async () => gzip,
    changedAt,
    isStale,
  }
  files.set(index, made)
  return made
}
