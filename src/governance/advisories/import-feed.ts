import { refused, RegistryError } from '../../registry/errors.ts'
import type { RegistryFormat } from '../../registry/format.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { countRows, type Generation, insertAdvisories, otherGenerations, removeGeneration } from './advisory-rows.ts'
import { type FeedCounts, readFeedRow } from './feeds.ts'
import type { OsvDocument } from './osv-document.ts'
import { type OsvRecord, parseOsvRecord } from './osv-record.ts'
import { formatsByEcosystem, type PackageAdvisory, packageAdvisories, type ReadingParts } from './package-advisories.ts'
import { loadCvss } from './severity.ts'
import { findChanges, touchChanges } from './touch-changes.ts'

export interface ImportParts {
  readonly metadata: Metadata
  readonly formats: ReadonlyMap<string, RegistryFormat>
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /** Grows with time. */
  readonly randomId: () => string
}

/** What is read, and what it is called. */
export interface FeedReading {
  readonly id: string
  readonly source: string
  readonly documents: AsyncIterable<OsvDocument>
  /** To ask next time whether it has changed. */
  readonly validators?: { readonly etag?: string | undefined; readonly lastModified?: string | undefined }
  /** `allowed`: it may hold less than half of what it held before. */
  readonly shrinking: 'refused' | 'allowed'
  readonly signal: AbortSignal
}

/** Advisories written in one transaction: a few milliseconds' work. Ours. */
const BATCH_ADVISORIES = 200

/** Of a hundred records so many may make no sense before the whole feed is broken. Ours. */
const UNREADABLE_PERCENT_MAX = 1

/** Names of unreadable records that are kept. Ours. */
const UNREADABLE_SHOWN = 5

/** An import that has been under way for so long is not any more. Unit: ms. Ours. */
const IMPORT_MS_MAX = 24 * 3_600_000

/**
 * Reads all of a feed, and only then lets it count instead of what was read before. Throws `invalid` on a feed that makes
 * no sense; what stood before stands then, and is noted as old.
 */
export async function importFeed(parts: ImportParts, feed: FeedReading): Promise<FeedCounts> {
  const { metadata } = parts
  const next: Generation = { feedId: feed.id, generation: parts.randomId() }
  try {
    const counts = await readGeneration(parts, feed, next)
    await checkSize(parts, feed, counts)
    await letCount(parts, feed, next, counts)
    return counts
  } catch (error) {
    await removeGeneration(metadata, next)
    throw error
  }
}

async function readGeneration(parts: ImportParts, feed: FeedReading, next: Generation): Promise<FeedCounts> {
  const reading: ReadingParts = { formats: formatsByEcosystem(parts.formats.values()), score: await loadCvss() }
  const counts = { records: 0, withdrawnRecords: 0, unreadableRecords: 0, unreadable: [] as string[], advisories: 0 }
  let batch: PackageAdvisory[] = []
  const write = async () => {
    await insertAdvisories(parts.metadata, next, batch)
    batch = []
  }
  for await (const document of feed.documents) {
    feed.signal.throwIfAborted()
    for (const read of recordsOf(document)) {
      counts.records += 1
      if (read.kind === 'unreadable') {
        counts.unreadableRecords += 1
        if (counts.unreadable.length < UNREADABLE_SHOWN) counts.unreadable.push(read.reason)
        continue
      }
      if (read.record.isWithdrawn) counts.withdrawnRecords += 1
      for (const advisory of packageAdvisories(read.record, reading)) {
        batch.push(advisory)
        if (batch.length >= BATCH_ADVISORIES) await write()
      }
    }
  }
  await write()
  return { ...counts, advisories: await countRows(parts.metadata.db, next) }
}

type Read =
  | { readonly kind: 'record'; readonly record: OsvRecord }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** A document holds a record, or a list of records. */
function* recordsOf({ name, bytes }: OsvDocument): Generator<Read> {
  const value = parseJson(bytes)
  for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
    try {
      if (each === undefined) throw refused('it is no JSON')
      yield { kind: 'record', record: parseOsvRecord(each) }
    } catch (error) {
      if (!(error instanceof RegistryError) || error.kind !== 'invalid') throw error
      yield { kind: 'unreadable', reason: `${name.slice(-100)}: ${error.message}` }
    }
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

async function checkSize({ metadata }: ImportParts, feed: FeedReading, counts: FeedCounts): Promise<void> {
  const [first] = counts.unreadable
  if (counts.unreadableRecords * 100 > counts.records * UNREADABLE_PERCENT_MAX) {
    const share = `${counts.unreadableRecords} of its ${counts.records} records make no sense`
    throw refused(`${share}${first === undefined ? '' : `, as ${first}`}`)
  }
  if (counts.advisories === 0) throw refused('it holds no advisory on packages of a format that is served')
  const before = (await readFeedRow(metadata, feed.id))?.counts
  const known = before ? (JSON.parse(before) as FeedCounts).advisories : 0
  if (feed.shrinking === 'allowed' || counts.advisories * 2 >= known) return
  throw refused(`it holds ${counts.advisories} advisories, less than half of the ${known} that it held before`)
}

async function letCount(parts: ImportParts, feed: FeedReading, next: Generation, counts: FeedCounts): Promise<void> {
  const { metadata, clock } = parts
  const before = (await readFeedRow(metadata, feed.id))?.generation ?? undefined
  const changes = await findChanges(metadata, next, before)
  const now = clock()
  const row = {
    source: feed.source,
    generation: next.generation,
    etag: feed.validators?.etag ?? null,
    last_modified: feed.validators?.lastModified ?? null,
    imported_at: now,
    checked_at: now,
    failed_at: null,
    error: null,
    counts: JSON.stringify(counts),
  }
  await metadata.write(async (write) => {
    const insert = write.tx.insertInto('advisory_feeds').values({ id: feed.id, ...row })
    await insert.onConflict((conflict) => conflict.column('id').doUpdateSet(row)).execute()
    await touchChanges(write, parts.formats, changes)
  })
  await removeOld(parts, next, before)
}

/** What counted before, and what was left behind by imports that never ended; not one that is under way. */
async function removeOld(
  { metadata, clock }: ImportParts,
  current: Generation,
  before: string | undefined,
): Promise<void> {
  for (const generation of await otherGenerations(metadata.db, current.feedId, current.generation)) {
    const isOver = generation === before || startedAt(generation) < clock() - IMPORT_MS_MAX
    if (isOver) await removeGeneration(metadata, { feedId: current.feedId, generation })
  }
}

/** Ids begin with their time. Source: RFC 9562, section 5.7. */
function startedAt(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

/** Forgets a feed and all that it said. Throws `missing`. */
export async function removeFeed(parts: ImportParts, id: string): Promise<void> {
  const row = await readFeedRow(parts.metadata, id)
  if (!row) throw new RegistryError('missing', `there is no feed of advisories '${id.slice(0, 100)}'`)
  await parts.metadata.write(async (write) => {
    await write.tx.deleteFrom('advisory_feeds').where('id', '=', id).execute()
    await touchChanges(write, parts.formats, 'everything')
  })
  for (const generation of await otherGenerations(parts.metadata.db, id, '')) {
    await removeGeneration(parts.metadata, { feedId: id, generation })
  }
}
