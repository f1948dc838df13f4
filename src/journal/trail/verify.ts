import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { AuditSegmentTable } from '../../storage/metadata/journal-tables.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { hashSegment, type Link, parseSegment } from './segment.ts'
import type { TimedRecord } from './trail-record.ts'

export interface TrailVerdict {
  /** Undefined: every segment is as it was sealed. */
  readonly problem: string | undefined
  readonly segments: number
  readonly records: number
  /** To be noted elsewhere: a later check shows whether the trail still holds it. */
  readonly head: Link
  /** Older segments were given up for their age. */
  readonly begin: Link
}

/** Segments read at once. Ours. */
const BATCH = 50

/** Follows the chain from its first segment to its last. `expected`: a head that somebody noted. */
export async function verifyTrail(metadata: Metadata, key: Uint8Array, expected?: Link): Promise<TrailVerdict> {
  const chain = await metadata.db.selectFrom('audit_chain').selectAll().executeTakeFirstOrThrow()
  const begin = { sequence: chain.first_sequence, hash: chain.first_hash }
  let link: Link = begin
  let segments = 0
  let records = 0
  let isSeen = expected === undefined || isSame(expected, begin)
  const verdict = (problem: string | undefined): TrailVerdict => ({ problem, segments, records, head: link, begin })
  for await (const row of segmentsAfter(metadata, begin.sequence)) {
    const problem = findProblem(key, link, row)
    if (problem !== undefined) return verdict(problem)
    link = { sequence: row.sequence ?? 0, hash: row.hash ?? '' }
    segments += 1
    records += row.record_count
    isSeen ||= expected !== undefined && isSame(expected, link)
  }
  // A process may have sealed more meanwhile.
  if (link.sequence < chain.sequence) {
    return verdict(`segments ${link.sequence + 1} to ${chain.sequence} are missing at the end`)
  }
  if (link.sequence === chain.sequence && link.hash !== chain.hash) {
    return verdict(`segment ${link.sequence} is not the one that was sealed last`)
  }
  if (!isSeen) return verdict(`the trail does not hold ${expected?.sequence}:${expected?.hash}`)
  return verdict(undefined)
}

function isSame(left: Link, right: Link): boolean {
  return left.sequence === right.sequence && left.hash === right.hash
}

function findProblem(key: Uint8Array, before: Link, row: Selectable<AuditSegmentTable>): string | undefined {
  const expected = before.sequence + 1
  if (row.sequence !== expected) {
    return `segments ${expected} to ${(row.sequence ?? 0) - 1} are missing`
  }
  const times = [row.first_at, row.last_at].map((at) => new Date(at).toISOString()).join(' to ')
  const where = `segment ${expected} (${row.record_count} records, ${times})`
  if (createHash('sha256').update(row.body).digest('hex') !== row.body_sha256)
    return `${where}: its records were changed`
  const facts = {
    id: row.id,
    firstAt: row.first_at,
    lastAt: row.last_at,
    count: row.record_count,
    sha256: row.body_sha256,
  }
  const { hash } = hashSegment(key, before, facts)
  return hash === row.hash ? undefined : `${where}: it was changed, or was not sealed here`
}

async function* segmentsAfter({ db }: Metadata, first: number): AsyncGenerator<Selectable<AuditSegmentTable>> {
  for (let after = first; ; ) {
    const segments = db.selectFrom('audit_segments').selectAll().where('sequence', '>', after)
    const rows = await segments.orderBy('sequence').limit(BATCH).execute()
    yield* rows
    const last = rows.at(-1)?.sequence
    if (last === undefined || last === null) return
    after = last
  }
}

/** Sealed records of a time, oldest segment first. */
export async function* readTrail(
  metadata: Metadata,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<readonly TimedRecord[]> {
  for await (const row of segmentsAfter(metadata, 0)) {
    if (row.last_at < from || row.first_at > to) continue
    yield parseSegment(row.body).filter(({ at }) => at >= from && at <= to)
  }
}
