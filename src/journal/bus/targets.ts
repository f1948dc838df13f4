import type { Selectable } from 'kysely'
import type { EventTargetTable } from '../../storage/metadata/journal-tables.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import type { Database } from './rules.ts'

/** What is sent of an event. Source: EventBridge API Reference, `Target`. */
export interface TargetSettings {
  readonly RoleArn?: string
  readonly Input?: string
  readonly InputPath?: string
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>
    readonly InputTemplate: string
  }
  readonly HttpParameters?: {
    readonly PathParameterValues?: readonly string[]
    readonly HeaderParameters?: Readonly<Record<string, string>>
    readonly QueryStringParameters?: Readonly<Record<string, string>>
  }
  readonly SqsParameters?: { readonly MessageGroupId?: string }
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number }
}

/** Where a rule sends events to. */
export interface EventTarget {
  /** Ours, of this target of this rule. */
  readonly key: string
  readonly ruleId: string
  /** As the rule's owner calls it. */
  readonly id: string
  readonly arn: string
  readonly settings: TargetSettings
}

/** A target that is there keeps its key, and what is on its way goes to where it points now. */
export async function putTarget({ tx }: Write, target: EventTarget): Promise<void> {
  const changed = { arn: target.arn, settings: JSON.stringify(target.settings) }
  await tx
    .insertInto('event_targets')
    .values({ id: target.key, rule_id: target.ruleId, target_id: target.id, ...changed })
    .onConflict((conflict) => conflict.columns(['rule_id', 'target_id']).doUpdateSet(changed))
    .execute()
}

/** By id. */
export async function readTargets(db: Database, ruleIds: readonly string[]): Promise<EventTarget[]> {
  if (ruleIds.length === 0) return []
  const targets = db.selectFrom('event_targets').selectAll().where('rule_id', 'in', ruleIds)
  return (await targets.orderBy('target_id').execute()).map(toTarget)
}

/** Answers whether it was there. What is on its way to it goes with it. */
export async function removeTarget({ tx }: Write, ruleId: string, id: string): Promise<boolean> {
  const target = tx.deleteFrom('event_targets').where('rule_id', '=', ruleId).where('target_id', '=', id)
  const removed = await target.returning('id').executeTakeFirst()
  if (removed) await tx.deleteFrom('event_deliveries').where('target_key', '=', removed.id).execute()
  return removed !== undefined
}

/** A target with its rule, for whoever sends to it. */
export interface AddressedTarget extends EventTarget {
  readonly ruleName: string
  readonly account: string
}

export async function readAddressedTargets(db: Database, keys: readonly string[]): Promise<AddressedTarget[]> {
  if (keys.length === 0) return []
  const rows = await db
    .selectFrom('event_targets')
    .innerJoin('event_rules', 'event_rules.id', 'event_targets.rule_id')
    .selectAll('event_targets')
    .select(['event_rules.name', 'event_rules.account_id'])
    .where('event_targets.id', 'in', keys)
    .execute()
  return rows.map((row) => ({ ...toTarget(row), ruleName: row.name, account: row.account_id }))
}

function toTarget(row: Selectable<EventTargetTable>): EventTarget {
  const settings = JSON.parse(row.settings) as TargetSettings
  return { key: row.id, ruleId: row.rule_id, id: row.target_id, arn: row.arn, settings }
}
