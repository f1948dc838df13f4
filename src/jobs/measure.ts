import type { Metadata } from '../storage/metadata/metadata.ts'

/** Rows of a page: few enough that nobody waits for one. Ours. */
const PAGE_CONTENTS = 500
const PAGE_BLOBS = 5000

/** What an installation holds. */
export interface Measures {
  /** Versions as repositories hold them: one that three hold counts three times. */
  readonly versions: number
  /** The bytes of these versions' assets. */
  readonly heldBytes: number
  /** What is stored of that: content is stored once in a domain. */
  readonly storedBytes: number
  readonly blobs: number
}

/** Counts what an installation holds, page by page. Reads every version. Throws the reason when the signal is aborted. */
export async function measure({ db }: Metadata, signal: AbortSignal): Promise<Measures> {
  const { bytes } = await db
    .selectFrom('domains')
    .select((eb) => eb.fn.sum<number>('asset_size_bytes').as('bytes'))
    .executeTakeFirstOrThrow()
  return {
    ...(await measureVersions(db, signal)),
    storedBytes: Number(bytes ?? 0),
    blobs: await countBlobs(db, signal),
  }
}

type Database = Metadata['db']

async function measureVersions(db: Database, signal: AbortSignal) {
  const held = { versions: 0, heldBytes: 0 }
  for (let after = ''; ; ) {
    signal.throwIfAborted()
    const contents = db.selectFrom('version_contents').select('id').where('id', '>', after).orderBy('id')
    const ids = (await contents.limit(PAGE_CONTENTS).execute()).map(({ id }) => id)
    const last = ids.at(-1)
    if (last === undefined) return held
    after = last
    const uses = new Map((await countUses(db, ids)).map(({ id, count }) => [id, Number(count)]))
    for (const count of uses.values()) held.versions += count
    for (const { id, bytes } of await sumSizes(db, ids)) held.heldBytes += Number(bytes) * (uses.get(id) ?? 0)
  }
}

function countUses(db: Database, ids: readonly string[]) {
  return db
    .selectFrom('repository_versions')
    .select(['content_id as id', (eb) => eb.fn.countAll<number>().as('count')])
    .where('content_id', 'in', ids)
    .groupBy('content_id')
    .execute()
}

function sumSizes(db: Database, ids: readonly string[]) {
  return db
    .selectFrom('version_assets')
    .select(['content_id as id', (eb) => eb.fn.sum<number>('size_bytes').as('bytes')])
    .where('content_id', 'in', ids)
    .groupBy('content_id')
    .execute()
}

async function countBlobs(db: Database, signal: AbortSignal): Promise<number> {
  let count = 0
  for (const { id } of await db.selectFrom('domains').select('id').execute()) {
    for (let after = ''; ; ) {
      signal.throwIfAborted()
      const blobs = db.selectFrom('blobs').select('sha256').where('domain_id', '=', id).where('sha256', '>', after)
      const page = await blobs.orderBy('sha256').limit(PAGE_BLOBS).execute()
      count += page.length
      if (page.length < PAGE_BLOBS) break
      after = page.at(-1)?.sha256 ?? ''
    }
  }
  return count
}
