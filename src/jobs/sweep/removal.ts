import type { Metadata, Write } from '../../storage/metadata/metadata.ts'
import { isRunning, LEASE_MS } from '../job-rows.ts'
import type { SweepParts, Unreferenced } from './sweep.ts'
import { readReferenced } from './unreferenced.ts'

/** After so long another process may believe that it has the job: then no more is removed. Unit: ms. */
const REMOVE_WITHIN_MS = LEASE_MS / 2
/** Rows of an interrupted sweep that are taken up in one go. Ours. */
const LEFT_BATCH = 500

type Removing = Pick<Unreferenced, 'domainId' | 'sha256'>

/**
 * Removes those that nothing refers to at this moment: first decided in the database, where whoever stores the same
 * bytes sees it (`registry/keep-bytes`), then done. A sweep that ends in between is taken up by the next one.
 */
export async function removeUnreferenced(
  parts: SweepParts,
  due: readonly Unreferenced[],
): Promise<readonly Unreferenced[]> {
  const removable = await decide(parts, due)
  await remove(parts, removable)
  return removable
}

/** Takes up what an interrupted sweep had decided. */
export async function finishRemovals(parts: SweepParts): Promise<void> {
  for (;;) {
    const rows = await parts.metadata.db
      .selectFrom('unreferenced_blobs')
      .select(['domain_id as domainId', 'sha256'])
      .where('state', '=', 'removing')
      .limit(LEFT_BATCH)
      .execute()
    if (rows.length === 0) return
    await remove(parts, rows)
  }
}

/** None while a backup runs: it copies what its snapshot refers to. */
async function decide({ metadata, clock }: SweepParts, due: readonly Unreferenced[]): Promise<readonly Unreferenced[]> {
  const domainId = due[0]?.domainId
  if (domainId === undefined) return []
  return metadata.write(async (write) => {
    if (await isRunning(write, 'backup', clock())) return []
    const hashes = due.map(({ sha256 }) => sha256)
    const referenced = await readReferenced(write.tx, domainId, hashes)
    const removable = due.filter(({ sha256 }) => !referenced.has(sha256))
    if (removable.length === 0) return []
    const removed = removable.map(({ sha256 }) => sha256)
    for (const table of ['unreferenced_blobs', 'blobs'] as const) {
      await write.tx.deleteFrom(table).where('domain_id', '=', domainId).where('sha256', 'in', removed).execute()
    }
    const now = clock()
    const rows = removed.map((sha256) => ({ domain_id: domainId, sha256, state: 'removing', found_at: now }))
    await write.tx.insertInto('unreferenced_blobs').values(rows).execute()
    await raiseGeneration(write, domainId)
    return removable
  })
}

async function raiseGeneration(write: Write, domainId: string): Promise<void> {
  await write.tx
    .insertInto('blob_sweeps')
    .values({ domain_id: domainId, generation: 1 })
    .onConflict((conflict) =>
      conflict.column('domain_id').doUpdateSet((eb) => ({ generation: eb('blob_sweeps.generation', '+', 1) })),
    )
    .execute()
}

async function remove({ blobs, metadata, signal }: SweepParts, removing: readonly Removing[]): Promise<void> {
  const startedAt = performance.now()
  const removed: Removing[] = []
  try {
    for (const blob of removing) {
      signal.throwIfAborted()
      if (performance.now() - startedAt > REMOVE_WITHIN_MS) throw new Error('removing blobs takes too long')
      await blobs.remove({ domainId: blob.domainId, sha256: blob.sha256 })
      removed.push(blob)
    }
  } finally {
    await forget(metadata, removed)
  }
}

async function forget(metadata: Metadata, removed: readonly Removing[]): Promise<void> {
  await metadata.write(async ({ tx }) => {
    for (const { domainId, sha256 } of removed) {
      const row = tx.deleteFrom('unreferenced_blobs').where('domain_id', '=', domainId).where('sha256', '=', sha256)
      await row.where('state', '=', 'removing').execute()
    }
  })
}
