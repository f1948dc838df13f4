import { createHash, createHmac } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Write } from '../../storage/metadata/metadata.ts'
import {
  accountsOf,
  lookupAttributes,
  lookupKey,
  type TimedRecord,
  type TrailRecord,
  valuesOf,
} from './trail-record.ts'

/** The most that one segment holds. Ours. */
export const SEGMENT = {
  /** Records. */
  recordsMax: 1000,
  /** From its first record to its last. Unit: ms. */
  spanMs: 600_000,
}

export interface Segment {
  readonly id: string
  readonly firstAt: number
  readonly lastAt: number
  readonly count: number
  readonly body: Buffer
  readonly sha256: string
  readonly keys: readonly { readonly account: string; readonly key: number }[]
}

/** Splits records, however many, into segments. */
export function toSegments(records: readonly TimedRecord[], randomId: () => string): Segment[] {
  const sorted = records.toSorted((left, right) => left.at - right.at)
  const segments: Segment[] = []
  for (let from = 0; from < sorted.length; ) {
    const firstAt = sorted[from]?.at ?? 0
    let to = from
    while (to < sorted.length && to - from < SEGMENT.recordsMax && (sorted[to]?.at ?? 0) - firstAt <= SEGMENT.spanMs)
      to++
    segments.push(toSegment(sorted.slice(from, to), randomId()))
    from = to
  }
  return segments
}

function toSegment(records: readonly TimedRecord[], id: string): Segment {
  const text = records.map(({ at, record }) => `${at} ${JSON.stringify(record)}\n`).join('')
  const body = zstdCompressSync(text)
  const sha256 = createHash('sha256').update(body).digest('hex')
  const firstAt = records[0]?.at ?? 0
  const lastAt = records.at(-1)?.at ?? 0
  return { id, firstAt, lastAt, count: records.length, body, sha256, keys: keysOf(records) }
}

/** Hashing is most of the work, and most values are the same. */
function keysOf(records: readonly TimedRecord[]): Segment['keys'] {
  const hashes = new Map<string, number>()
  const keys = new Map<string, { account: string; key: number }>()
  const any = lookupKey('any', '')
  for (const { record } of records) {
    const accounts = accountsOf(record)
    const add = (key: number) => {
      for (const account of accounts) keys.set(`${account} ${key}`, { account, key })
    }
    add(any)
    for (const attribute of lookupAttributes) {
      for (const value of valuesOf(record, attribute)) {
        const name = `${attribute} ${value}`
        const key = hashes.get(name) ?? lookupKey(attribute, value)
        hashes.set(name, key)
        add(key)
      }
    }
  }
  return [...keys.values()]
}

export function parseSegment(body: Uint8Array): TimedRecord[] {
  const lines = zstdDecompressSync(body).toString().split('\n')
  return lines.filter(Boolean).map((line) => {
    const space = line.indexOf(' ')
    return { at: Number(line.slice(0, space)), record: JSON.parse(line.slice(space + 1)) as TrailRecord }
  })
}

/** A segment's place in the chain. */
export interface Link {
  readonly sequence: number
  readonly hash: string
}

/** Ties a segment to the one before; nobody without the key can. */
export function hashSegment(
  key: Uint8Array,
  before: Link,
  segment: Pick<Segment, 'id' | 'firstAt' | 'lastAt' | 'count' | 'sha256'>,
): Link {
  const sequence = before.sequence + 1
  const { id, firstAt, lastAt, count, sha256 } = segment
  const text = JSON.stringify([before.hash, sequence, id, firstAt, lastAt, count, sha256])
  return { sequence, hash: createHmac('sha256', key).update(text).digest('hex') }
}

/** Without `link` it is sealed later. */
export async function insertSegment({ tx }: Write, segment: Segment, link: Link | undefined): Promise<void> {
  await tx
    .insertInto('audit_segments')
    .values({
      id: segment.id,
      sequence: link?.sequence ?? null,
      hash: link?.hash ?? null,
      first_at: segment.firstAt,
      last_at: segment.lastAt,
      record_count: segment.count,
      body: segment.body,
      body_sha256: segment.sha256,
    })
    .execute()
  const rows = segment.keys.map(({ account, key }) => {
    return { account_id: account, key, last_at: segment.lastAt, segment_id: segment.id }
  })
  for (let at = 0; at < rows.length; at += 500) {
    await tx
      .insertInto('audit_segment_keys')
      .values(rows.slice(at, at + 500))
      .execute()
  }
}
