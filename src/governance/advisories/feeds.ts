import type { Metadata } from '../../storage/metadata/metadata.ts'
import type { AdvisoryFeedTable } from '../../storage/metadata/advisory-tables.ts'
import type { Selectable } from 'kysely'

/** What a reading of a feed found. */
export interface FeedCounts {
  readonly records: number
  readonly withdrawnRecords: number
  /** Records that could not be read, and the first few of them by name. */
  readonly unreadableRecords: number
  readonly unreadable: readonly string[]
  /** One for each package that a record is about, if packages of its ecosystem can be held here. */
  readonly advisories: number
}

/** A source of advisories. Times: ms since 1970. */
export interface Feed {
  readonly id: string
  readonly source: string
  readonly importedAt: number | undefined
  readonly checkedAt: number | undefined
  /** Since when it cannot be read, and why. */
  readonly failure: { readonly since: number; readonly error: string } | undefined
  readonly counts: FeedCounts | undefined
}

export async function listFeeds({ db }: Pick<Metadata, 'db'>): Promise<readonly Feed[]> {
  const rows = await db.selectFrom('advisory_feeds').selectAll().orderBy('id').execute()
  return rows.map(toFeed)
}

export function readFeedRow(
  { db }: Pick<Metadata, 'db'>,
  id: string,
): Promise<Selectable<AdvisoryFeedTable> | undefined> {
  return db.selectFrom('advisory_feeds').selectAll().where('id', '=', id).executeTakeFirst()
}

function toFeed(row: Selectable<AdvisoryFeedTable>): Feed {
  return {
    id: row.id,
    source: row.source,
    importedAt: row.imported_at ?? undefined,
    checkedAt: row.checked_at ?? undefined,
    failure: row.failed_at === null ? undefined : { since: row.failed_at, error: row.error ?? 'no reason is known' },
    counts: row.counts === null ? undefined : (JSON.parse(row.counts) as FeedCounts),
  }
}
