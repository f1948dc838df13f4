import type { BlobId } from '../../storage/blobs/blob-store.ts'
import type { Metadata, Write } from '../../storage/metadata/metadata.ts'
import type { SweepParts, Unreferenced } from './sweep.ts'

/** Rows deleted in one transaction. Ours. */
const FORGET_BATCH = 1_000

/** Which of these blobs of one domain nothing refers to, and since when that is known. */
export async function whichUnreferenced(
  db: Metadata['db'],
  blobs: readonly BlobId[],
): Promise<Omit<Unreferenced, 'sizeBytes'>[]> {
  const domainId = blobs[0]?.domainId ?? ''
  const hashes = blobs.map(({ sha256 }) => sha256)
  const referenced = await readReferenced(db, domainId, hashes)
  const known = await db
    .selectFrom('unreferenced_blobs')
    .select(['sha256', 'found_at'])
    .where('domain_id', '=', domainId)
    .where('sha256', 'in', hashes)
    .execute()
  const foundAt = new Map(known.map((row) => [row.sha256, row.found_at]))
  const left = hashes.filter((sha256) => !referenced.has(sha256))
  return left.map((sha256) => ({ domainId, sha256, foundAt: foundAt.get(sha256) }))
}

/** By the index of assets by blob. */
export async function readReferenced(
  db: Pick<Write['tx'], 'selectFrom'>,
  domainId: string,
  hashes: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('version_assets')
    .select('sha256')
    .distinct()
    .where('domain_id', '=', domainId)
    .where('sha256', 'in', hashes)
    .execute()
  return new Set(rows.map(({ sha256 }) => sha256))
}

/** Notes those that were not known; answers those whose grace period is over. */
export async function markUnreferenced(
  { metadata, clock, graceMs }: SweepParts,
  found: readonly Unreferenced[],
): Promise<readonly Unreferenced[]> {
  const now = clock()
  const news = found.filter(({ foundAt }) => foundAt === undefined)
  if (news.length > 0) {
    const rows = news.map(({ domainId, sha256 }) => ({
      domain_id: domainId,
      sha256,
      state: 'waiting',
      found_at: now,
    }))
    await metadata.write(async ({ tx }) => {
      const insert = tx.insertInto('unreferenced_blobs').values(rows)
      await insert.onConflict((conflict) => conflict.columns(['domain_id', 'sha256']).doNothing()).execute()
    })
  }
  return found.filter(({ foundAt }) => (foundAt ?? now) <= now - graceMs)
}

/** What was found unreferenced and is referred to again starts afresh the next time. */
export async function forgetReferenced({ metadata }: SweepParts): Promise<void> {
  for (;;) {
    const rows = await metadata.db
      .selectFrom('unreferenced_blobs as found')
      .innerJoin('version_assets as asset', (join) =>
        join.onRef('asset.domain_id', '=', 'found.domain_id').onRef('asset.sha256', '=', 'found.sha256'),
      )
      .select(['found.domain_id', 'found.sha256'])
      .where('found.state', '=', 'waiting')
      .limit(FORGET_BATCH)
      .execute()
    if (rows.length === 0) return
    await metadata.write(async ({ tx }) => {
      for (const row of rows) {
        await tx
          .deleteFrom('unreferenced_blobs')
          .where('domain_id', '=', row.domain_id)
          .where('sha256', '=', row.sha256)
          .where('state', '=', 'waiting')
          .execute()
      }
    })
  }
}
