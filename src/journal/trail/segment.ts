import { createHash, createHmac } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib'
import type { Write } from '../../storage/metadata/metadata.ts'
import { TextPool } from './text-pool.ts'
import { accountsOf, createLookupKeys, keysOf, type TimedRecord, type TrailRecord } from './trail-record.ts'

const compress = promisify(zstdCompress)

/** Lines are much alike: a higher level takes longer and saves little. Chunks: so that most bodies are one. Ours. */
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize: 32 * 1024 }

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

/** What a line of a segment begins with that is a piece of records; and what stands between time and pieces of one that has such. */
const PIECE = '='
const SHARED = '+'

/** Numbers of pieces, each some members of the record, and two of its members. */
export interface SharedRecord {
  readonly head: number
  readonly facts: number
  readonly client: number
  readonly tail: number
  readonly requestId: string
  readonly eventId: string
}

/** Splits records, however many, into segments. */
export async function toSegments(records: readonly TimedRecord[], randomId: () => string): Promise<Segment[]> {
  const keyOf = createLookupKeys()
  const pool = new TextPool()
  const drafts: SegmentDraft[] = []
  for (const { at, record } of records.toSorted((left, right) => left.at - right.at)) {
    const last = drafts.at(-1)
    const draft = last?.takes(at) ? last : new SegmentDraft(pool)
    if (draft !== last) drafts.push(draft)
    draft.add(at, JSON.stringify(record))
    draft.addKeys(accountsOf(record), keysOf(record, keyOf))
  }
  const segments: Segment[] = []
  for (const draft of drafts) segments.push(await draft.close(randomId()))
  return segments
}

/** A segment that is being filled. */
export class SegmentDraft {
  readonly #pool: TextPool
  #text: Buffer
  #length = 0
  #count = 0
  #pieces = 0
  #firstAt = 0
  #lastAt = 0
  readonly #keys = new Map<string, Set<number>>()

  constructor(pool: TextPool) {
    this.#pool = pool
    this.#text = pool.take()
  }

  get count(): number {
    return this.#count
  }

  /** Whether there is room for a record of this time. Records stand in order, even where the clock went back. */
  takes(at: number): boolean {
    if (this.count === 0) return true
    return this.count < SEGMENT.recordsMax && at >= this.#lastAt && at - this.#firstAt <= SEGMENT.spanMs
  }

  /** `json` is the record. */
  add(at: number, json: string): void {
    this.#addRecord(at, `${at} ${json}\n`)
  }

  /** Keeps a text that records share, which must have no line end. Returns its number. */
  addPiece(text: string): number {
    this.#write(`${PIECE}${text}\n`)
    this.#pieces += 1
    return this.#pieces - 1
  }

  /** A record put together from the pieces of these numbers and what is its own: ids, which need no quoting. */
  addShared(at: number, { head, facts, client, tail, requestId, eventId }: SharedRecord): void {
    this.#addRecord(at, `${at}${SHARED}${head},${facts},${client},${tail},${requestId},${eventId}\n`)
  }

  #addRecord(at: number, line: string): void {
    if (this.#count === 0) this.#firstAt = at
    this.#lastAt = at
    this.#count += 1
    this.#write(line)
  }

  #write(line: string): void {
    // UTF-8 needs three bytes for a unit of UTF-16 at most.
    this.#ensure(this.#length + line.length * 3)
    this.#length += this.#text.write(line, this.#length)
  }

  #ensure(bytes: number): void {
    if (bytes <= this.#text.length) return
    const larger = Buffer.allocUnsafeSlow(bytes * 2)
    this.#text.copy(larger, 0, 0, this.#length)
    this.#text = larger
  }

  /** By these keys, these accounts find the segment. */
  addKeys(accounts: readonly string[], keys: readonly number[]): void {
    for (const account of accounts) {
      let found = this.#keys.get(account)
      if (!found) this.#keys.set(account, (found = new Set()))
      for (const key of keys) found.add(key)
    }
  }

  /** Compresses it, which nobody else waits for. Nothing can be added afterwards. */
  async close(id: string): Promise<Segment> {
    const count = this.#count
    const body = await compress(this.#text.subarray(0, this.#length), COMPRESSION)
    this.#pool.give(this.#text)
    const sha256 = createHash('sha256').update(body).digest('hex')
    const keys = [...this.#keys].flatMap(([account, found]) => [...found].map((key) => ({ account, key })))
    return { id, firstAt: this.#firstAt, lastAt: this.#lastAt, count, body, sha256, keys }
  }
}

export function parseSegment(body: Uint8Array): TimedRecord[] {
  const pieces: string[] = []
  const records: TimedRecord[] = []
  for (const line of zstdDecompressSync(body).toString().split('\n')) {
    if (line.startsWith(PIECE)) pieces.push(line.slice(1))
    else if (line !== '') records.push(parseRecord(line, pieces))
  }
  return records
}

function parseRecord(line: string, pieces: readonly string[]): TimedRecord {
  const end = line.search(/\D/)
  const [at, rest] = [Number(line.slice(0, end)), line.slice(end + 1)]
  const json = line[end] === SHARED ? putTogether(at, rest.split(','), pieces) : rest
  return { at, record: JSON.parse(json) as TrailRecord }
}

/** The members in the order of CloudTrail's own records. */
function putTogether(at: number, fields: readonly string[], pieces: readonly string[]): string {
  const [head, facts, client, tail] = fields.slice(0, 4).map((number) => pieces[Number(number)] ?? '')
  const time = `"eventTime":"${new Date(at).toISOString().slice(0, 19)}Z"`
  const ids = `"requestID":"${fields[4]}","eventID":"${fields[5]}"`
  return `{${head},${time},${facts},${client},"responseElements":null,${ids},${tail}}`
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

/** A few milliseconds' work. Ours. */
const ROWS_AT_ONCE = 250

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
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    // A database in this process answers at once; requests are not to wait for all of it.
    if (at > 0) await nextTurn()
    await tx
      .insertInto('audit_segment_keys')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute()
  }
}
