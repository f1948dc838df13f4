import { sql } from 'kysely'
import type { Database } from '../../registry/lookup.ts'

/** Contents that are weighed together: a few milliseconds' work for a database in this process. Ours. */
const CONTENTS_AT_ONCE = 200

/**
 * What the domain gets back when a run's candidates go, as far as some of their contents tell: a blob counts once, and
 * only when all that refers to it goes. `next`: the content to go on after; undefined at the end.
 */
export async function weighSome(
  db: Database,
  { runId, domainId, after }: { readonly runId: string; readonly domainId: string; readonly after: string },
): Promise<{ readonly bytes: number; readonly next: string | undefined }> {
  const contents = await db
    .selectFrom('retention_candidates')
    .select('content_id')
    .distinct()
    .where('run_id', '=', runId)
    .where('content_id', '>', after)
    .orderBy('content_id')
    .limit(CONTENTS_AT_ONCE)
    .execute()
  const ids = contents.map((row) => row.content_id)
  const bytes = ids.length === 0 ? 0 : await weigh(db, { runId, domainId, ids })
  return { bytes, next: ids.length < CONTENTS_AT_ONCE ? undefined : ids.at(-1) }
}

/** A blob of several contents is counted with the first of them. */
async function weigh(
  db: Database,
  { runId, domainId, ids }: { readonly runId: string; readonly domainId: string; readonly ids: readonly string[] },
): Promise<number> {
  const { rows } = await sql<{ size_bytes: number }>`
    select max(asset.size_bytes) as size_bytes
    from version_assets as asset
    where asset.content_id in (${sql.join(ids)})
      and not exists (${stays(runId, sql.ref('asset.content_id'))})
      and not exists (
        select 1 from version_assets as other
        where other.domain_id = ${domainId} and other.sha256 = asset.sha256 and other.content_id <> asset.content_id
          and (other.content_id < asset.content_id or exists (${stays(runId, sql.ref('other.content_id'))}))
      )
    group by asset.sha256`.execute(db)
  return rows.reduce((sum, row) => sum + Number(row.size_bytes), 0)
}

/** A version that needs the content's bytes and is no candidate. */
function stays(runId: string, contentId: ReturnType<typeof sql.ref>) {
  return sql`
    select 1 from repository_versions as held
    where held.content_id = ${contentId} and held.status <> 'Disposed'
      and not exists (
        select 1 from retention_candidates as candidate
        where candidate.run_id = ${runId} and candidate.content_id = held.content_id
          and candidate.reference_id = held.id
      )`
}
