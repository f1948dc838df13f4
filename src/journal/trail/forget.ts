import type { Metadata } from '../../storage/metadata/metadata.ts'
import { forgetTrail } from './seal.ts'

/** How long what was counted, and what was routed, is kept. Unit: ms. Ours. */
const KEPT_MS = { usage: 400 * 86_400_000, events: 30 * 86_400_000 }
/** Rows in one transaction. Ours. */
const ROWS_MAX = 1000
const DAY_MS = 86_400_000

/** Removes what is older than it is kept. `auditMs`: undefined, for ever. */
export async function forgetOldFacts(metadata: Metadata, now: number, auditMs: number | undefined): Promise<void> {
  if (auditMs !== undefined) while ((await forgetTrail({ metadata }, now - auditMs)) > 0);
  while ((await forgetEvents(metadata, now - KEPT_MS.events)) === ROWS_MAX);
  const firstDay = Math.floor((now - KEPT_MS.usage) / DAY_MS)
  await metadata.write(({ tx }) => tx.deleteFrom('usage_counts').where('day', '<', firstDay).execute())
}

async function forgetEvents(metadata: Metadata, before: number): Promise<number> {
  const old = metadata.db.selectFrom('events').select('id').where('delivered_at', '<', before)
  const rows = await old.orderBy('delivered_at').limit(ROWS_MAX).execute()
  if (rows.length === 0) return 0
  await metadata.write(({ tx }) =>
    tx
      .deleteFrom('events')
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute(),
  )
  return rows.length
}
