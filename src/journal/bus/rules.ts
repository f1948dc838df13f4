import type { Kysely, Selectable } from 'kysely'
import type { EventRuleTable } from '../../storage/metadata/journal-tables.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import type { Schema } from '../../storage/metadata/schema.ts'

/** What every rule stands on. Source: EventBridge User Guide, "Event buses". */
export const BUS_NAME = 'default'

export type Database = Kysely<Schema>

/** Which events an account wants to have sent somewhere. */
export interface EventRule {
  readonly id: string
  readonly account: string
  readonly name: string
  /** JSON, as it was given. */
  readonly pattern: string
  readonly state: RuleState
  readonly description: string | undefined
  readonly roleArn: string | undefined
}

export type RuleState = 'ENABLED' | 'DISABLED'

export interface RuleDraft extends Omit<EventRule, 'id'> {
  /** Of a rule that is not there yet. */
  readonly newId: string
  /** Unit: ms since 1970. */
  readonly now: number
}

/** Makes a rule, or changes all of it but its tags and targets. Answers its id. */
export async function putRule({ tx }: Write, draft: RuleDraft): Promise<string> {
  const { pattern, state, description, roleArn } = draft
  const changed = { pattern, state, description: description ?? null, role_arn: roleArn ?? null }
  const row = await tx
    .insertInto('event_rules')
    .values({ id: draft.newId, account_id: draft.account, name: draft.name, created_at: draft.now, ...changed })
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doUpdateSet(changed))
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

export async function findRule(db: Database, account: string, name: string): Promise<EventRule | undefined> {
  const rows = db.selectFrom('event_rules').selectAll().where('account_id', '=', account).where('name', '=', name)
  const row = await rows.executeTakeFirst()
  return row && toRule(row)
}

export interface RuleFilter {
  readonly account: string
  /** Only names that begin so. */
  readonly prefix?: string | undefined
  /** Only rules with this target. */
  readonly targetArn?: string | undefined
  /** Only names after this one. */
  readonly after?: string | undefined
  readonly limit: number
}

/** By name. */
export async function listRules(db: Database, filter: RuleFilter): Promise<EventRule[]> {
  const { account, prefix = '', targetArn, after, limit } = filter
  let rules = db.selectFrom('event_rules').selectAll().where('account_id', '=', account)
  if (prefix !== '') rules = rules.where('name', '>=', prefix).where('name', '<', `${prefix}\u{10ffff}`)
  if (after !== undefined) rules = rules.where('name', '>', after)
  if (targetArn !== undefined) {
    rules = rules.where('id', 'in', (query) =>
      query.selectFrom('event_targets').select('rule_id').where('arn', '=', targetArn),
    )
  }
  const rows = await rules.orderBy('name').limit(limit).execute()
  return rows.map(toRule)
}

/** Those that events of these accounts are held against. */
export async function readEnabledRules(db: Database, accounts: readonly string[]): Promise<EventRule[]> {
  if (accounts.length === 0) return []
  const rules = db.selectFrom('event_rules').selectAll().where('account_id', 'in', accounts)
  const rows = await rules.where('state', '=', 'ENABLED').orderBy('account_id').orderBy('name').execute()
  return rows.map(toRule)
}

export async function countRules({ tx }: Write, account: string): Promise<number> {
  const rules = tx.selectFrom('event_rules').select((eb) => eb.fn.countAll<number>().as('count'))
  return Number((await rules.where('account_id', '=', account).executeTakeFirstOrThrow()).count)
}

export async function setRuleState({ tx }: Write, id: string, state: RuleState): Promise<void> {
  await tx.updateTable('event_rules').set({ state }).where('id', '=', id).execute()
}

/** Its targets must be gone. */
export async function deleteRule({ tx }: Write, id: string): Promise<void> {
  await tx.deleteFrom('resource_tags').where('resource_id', '=', id).execute()
  await tx.deleteFrom('event_rules').where('id', '=', id).execute()
}

export async function removeRuleTags({ tx }: Write, id: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await tx.deleteFrom('resource_tags').where('resource_id', '=', id).where('key', 'in', keys).execute()
}

function toRule(row: Selectable<EventRuleTable>): EventRule {
  return {
    id: row.id,
    account: row.account_id,
    name: row.name,
    pattern: row.pattern,
    state: row.state as RuleState,
    description: row.description ?? undefined,
    roleArn: row.role_arn ?? undefined,
  }
}
