import type { Metadata, Write } from '../../storage/metadata/metadata.ts'
import { hashSegment, insertSegment, type Link, SEGMENT, toSegments } from './segment.ts'
import type { TrailRecord } from './trail-record.ts'

export interface SealParts {
  readonly metadata: Metadata
  /** Of the chain; the same in every process, and not in the database. */
  readonly key: Uint8Array
  readonly randomId: () => string
}

/** Segments that are sealed in one transaction. Ours. */
const SEGMENTS_MAX = 50

/**
 * Takes records that were written with their facts, and segments that were written without a place, into the chain.
 * Processes may try at once: the chain's one row lets one go first. Answers how many segments were sealed.
 */
export async function sealTrail(parts: SealParts): Promise<number> {
  const { db } = parts.metadata
  const records = await db
    .selectFrom('audit_records')
    .select('id')
    .orderBy('created_at')
    .orderBy('id')
    .limit(SEGMENT.recordsMax)
    .execute()
  const loose = await db
    .selectFrom('audit_segments')
    .select('id')
    .where('sequence', 'is', null)
    .orderBy('id')
    .limit(SEGMENTS_MAX)
    .execute()
  if (records.length === 0 && loose.length === 0) return 0
  return parts.metadata.write(async (write) => {
    const first = await lockChain(write)
    const after = await sealRecords(
      write,
      parts,
      first,
      records.map(({ id }) => id),
    )
    const last = await sealSegments(
      write,
      parts,
      after,
      loose.map(({ id }) => id),
    )
    await write.tx.updateTable('audit_chain').set(last).where('id', '=', 1).execute()
    return last.sequence - first.sequence
  })
}

/** Whoever has written the row goes first. */
async function lockChain({ tx }: Write): Promise<Link> {
  const chain = tx.updateTable('audit_chain').set({ id: 1 }).where('id', '=', 1)
  return chain.returning(['sequence', 'hash']).executeTakeFirstOrThrow()
}

async function sealRecords(write: Write, parts: SealParts, before: Link, ids: readonly string[]): Promise<Link> {
  if (ids.length === 0) return before
  const rows = await write.tx.deleteFrom('audit_records').where('id', 'in', ids).returningAll().execute()
  const records = rows.map(({ created_at: at, body }) => ({ at, record: JSON.parse(body) as TrailRecord }))
  let link = before
  for (const segment of await toSegments(records, parts.randomId)) {
    link = hashSegment(parts.key, link, segment)
    await insertSegment(write, segment, link)
  }
  return link
}

async function sealSegments({ tx }: Write, { key }: SealParts, before: Link, ids: readonly string[]): Promise<Link> {
  if (ids.length === 0) return before
  const rows = await tx
    .selectFrom('audit_segments')
    .select(['id', 'first_at', 'last_at', 'record_count', 'body_sha256'])
    .where('id', 'in', ids)
    .where('sequence', 'is', null)
    .orderBy('id')
    .execute()
  let link = before
  for (const row of rows) {
    const { id, first_at: firstAt, last_at: lastAt, record_count: count, body_sha256: sha256 } = row
    link = hashSegment(key, link, { id, firstAt, lastAt, count, sha256 })
    await tx.updateTable('audit_segments').set(link).where('id', '=', id).execute()
  }
  return link
}

/** Segments that are given up in one transaction. Ours. */
const FORGOTTEN_MAX = 200

/** Gives up the oldest segments, up to a time. Answers how many. */
export async function forgetTrail({ metadata }: Pick<SealParts, 'metadata'>, before: number): Promise<number> {
  return metadata.write(async ({ tx }) => {
    const oldest = await tx
      .selectFrom('audit_segments')
      .select(['id', 'sequence', 'hash', 'last_at'])
      .where('sequence', 'is not', null)
      .orderBy('sequence')
      .limit(FORGOTTEN_MAX)
      .execute()
    const kept = oldest.findIndex((row) => row.last_at >= before)
    const old = kept < 0 ? oldest : oldest.slice(0, kept)
    const last = old.at(-1)
    if (!last) return 0
    const ids = old.map(({ id }) => id)
    await tx.deleteFrom('audit_segment_keys').where('segment_id', 'in', ids).execute()
    await tx.deleteFrom('audit_segments').where('id', 'in', ids).execute()
    const first = { first_sequence: last.sequence ?? 0, first_hash: last.hash ?? '' }
    await tx.updateTable('audit_chain').set(first).where('id', '=', 1).execute()
    return ids.length
  })
}
