import type { Metadata } from '../../storage/metadata/metadata.ts'
import type { Database } from './rules.ts'

/** A delivery as an operator sees it. */
export interface ListedDelivery {
  readonly id: string
  readonly state: 'pending' | 'dead'
  readonly account: string
  readonly rule: string
  readonly target: string
  readonly eventId: string
  readonly attempts: number
  readonly createdAt: number
  readonly dueAt: number | undefined
  readonly failedAt: number | undefined
  readonly lastError: string | undefined
  /** JSON. */
  readonly body: string
}

export interface DeliveryFilter {
  readonly state: 'pending' | 'dead'
  readonly account?: string | undefined
  readonly rule?: string | undefined
  readonly id?: string | undefined
}

/** How many are shown, or replayed in one transaction. Ours. */
const DELIVERIES_MAX = 1000

/** Oldest first, a thousand at most. */
export async function listDeliveries(db: Database, filter: DeliveryFilter): Promise<ListedDelivery[]> {
  let rows = db
    .selectFrom('event_deliveries as delivery')
    .innerJoin('event_targets as target', 'target.id', 'delivery.target_key')
    .innerJoin('event_rules as rule', 'rule.id', 'target.rule_id')
    .selectAll('delivery')
    .select(['target.target_id as target', 'rule.name as rule'])
    .where('delivery.state', '=', filter.state)
  if (filter.account !== undefined) rows = rows.where('delivery.account_id', '=', filter.account)
  if (filter.rule !== undefined) rows = rows.where('rule.name', '=', filter.rule)
  if (filter.id !== undefined) rows = rows.where('delivery.id', '=', filter.id)
  const found = await rows.orderBy('delivery.id').limit(DELIVERIES_MAX).execute()
  return found.map((row) => ({
    id: row.id,
    state: filter.state,
    account: row.account_id,
    rule: row.rule,
    target: row.target,
    eventId: row.event_id,
    attempts: row.attempts,
    createdAt: row.created_at,
    dueAt: row.due_at ?? undefined,
    failedAt: row.failed_at ?? undefined,
    lastError: row.last_error ?? undefined,
    body: row.body,
  }))
}

/** Sends dead letters on their way once more, as if they were new. Answers which. */
export async function replayDeadLetters(
  metadata: Metadata,
  filter: Omit<DeliveryFilter, 'state'>,
  now: number,
): Promise<ListedDelivery[]> {
  const dead = await listDeliveries(metadata.db, { ...filter, state: 'dead' })
  if (dead.length === 0) return []
  const rows = await metadata.write(({ tx }) =>
    tx
      .updateTable('event_deliveries')
      .set({ state: 'pending', due_at: now, created_at: now, attempts: 0, failed_at: null })
      .where(
        'id',
        'in',
        dead.map(({ id }) => id),
      )
      .where('state', '=', 'dead')
      .returning('id')
      .execute(),
  )
  const replayed = new Set(rows.map(({ id }) => id))
  return dead.filter(({ id }) => replayed.has(id))
}
