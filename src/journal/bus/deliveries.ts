import type { Selectable } from 'kysely'
import type { EventDeliveryTable } from '../../storage/metadata/journal-tables.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import type { Database } from './rules.ts'

/** An event on its way to a target. */
export interface Delivery {
  readonly id: string
  readonly targetKey: string
  readonly account: string
  readonly eventId: string
  /** What is delivered one after the other. */
  readonly line: string
  readonly sequence: number
  /** JSON. */
  readonly body: string
  readonly attempts: number
  readonly createdAt: number
  /** Until when nobody else tries. Unit: ms since 1970. */
  readonly dueAt: number
}

/** Targets for which something is due. */
export async function readDueTargets(db: Database, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('event_targets as target')
    .select('target.id')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('event_deliveries as delivery')
          .select('delivery.id')
          .whereRef('delivery.target_key', '=', 'target.id')
          .where('delivery.due_at', '<=', now),
      ),
    )
    .execute()
  return rows.map(({ id }) => id)
}

export interface Claim {
  readonly targetKey: string
  readonly now: number
  /** When others may try, if nothing is heard of us. Unit: ms since 1970. */
  readonly until: number
  readonly limit: number
}

/** Takes what is due and first in its line, so that nobody else sends it meanwhile. */
export async function claimDeliveries(
  metadata: Metadata,
  { targetKey, now, until, limit }: Claim,
): Promise<Delivery[]> {
  const firsts = await metadata.db
    .selectFrom('event_deliveries as delivery')
    .select(['delivery.id', 'delivery.due_at'])
    .where('delivery.target_key', '=', targetKey)
    .where('delivery.due_at', '<=', now)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('event_deliveries as earlier')
            .select('earlier.id')
            .whereRef('earlier.target_key', '=', 'delivery.target_key')
            .whereRef('earlier.line', '=', 'delivery.line')
            .whereRef('earlier.sequence', '<', 'delivery.sequence')
            .where('earlier.due_at', 'is not', null),
        ),
      ),
    )
    .orderBy('delivery.due_at')
    .limit(limit)
    .execute()
  if (firsts.length === 0) return []
  const rows = await metadata.write(({ tx }) =>
    tx
      .updateTable('event_deliveries')
      .set((eb) => ({ due_at: until, attempts: eb('attempts', '+', 1) }))
      .where(
        'id',
        'in',
        firsts.map(({ id }) => id),
      )
      .where('due_at', '<=', now)
      .returningAll()
      .execute(),
  )
  return rows.map(toDelivery)
}

/** It has arrived. Nothing happens when the claim has run out and somebody else has taken it. */
export async function settleDelivered(metadata: Metadata, { id, dueAt }: Delivery): Promise<void> {
  await metadata.write(({ tx }) =>
    tx.deleteFrom('event_deliveries').where('id', '=', id).where('due_at', '=', dueAt).execute(),
  )
}

/** It is tried again; what stands behind it in its line need not be looked at before. */
export async function settleFailed(
  metadata: Metadata,
  delivery: Delivery,
  failure: { readonly message: string; readonly retryAt: number; readonly attempts: number },
): Promise<void> {
  const { id, dueAt, targetKey, line } = delivery
  await metadata.write(async ({ tx }) => {
    const updated = await tx
      .updateTable('event_deliveries')
      .set({ due_at: failure.retryAt, last_error: failure.message, attempts: failure.attempts })
      .where('id', '=', id)
      .where('due_at', '=', dueAt)
      .returning('id')
      .executeTakeFirst()
    if (!updated) return
    const behind = tx
      .updateTable('event_deliveries')
      .set({ due_at: failure.retryAt })
      .where('target_key', '=', targetKey)
    await behind.where('line', '=', line).where('due_at', '<', failure.retryAt).where('id', '!=', id).execute()
  })
}

/** It is given up, and kept for somebody to look at. */
export async function settleDead(
  metadata: Metadata,
  { id, dueAt }: Delivery,
  failure: { readonly message: string; readonly now: number },
): Promise<void> {
  await metadata.write(({ tx }) =>
    tx
      .updateTable('event_deliveries')
      .set({ state: 'dead', due_at: null, failed_at: failure.now, last_error: failure.message })
      .where('id', '=', id)
      .where('due_at', '=', dueAt)
      .execute(),
  )
}

function toDelivery(row: Selectable<EventDeliveryTable>): Delivery {
  return {
    id: row.id,
    targetKey: row.target_key,
    account: row.account_id,
    eventId: row.event_id,
    line: row.line,
    sequence: row.sequence,
    body: row.body,
    attempts: row.attempts,
    createdAt: row.created_at,
    dueAt: row.due_at ?? 0,
  }
}
