import type { Database } from '../bus/rules.ts'
import type { UsageKind } from './usage.ts'
import type { UsageRow, UsageSpan } from './usage-report.ts'

export interface UsageQuestion extends UsageSpan {
  readonly kind: UsageKind
  /** How the names begin that are counted. */
  readonly prefixes: readonly string[]
}

/** Most bytes first, `rows` at most. */
export async function readTopUsage(
  db: Database,
  { rows: limit, ...question }: UsageQuestion & { readonly rows: number },
): Promise<UsageRow[]> {
  const rows = await selectCounts(db, question)
    .select('name')
    .groupBy('name')
    .orderBy('bytes', 'desc')
    .orderBy('name')
    .limit(limit)
    .execute()
  return rows.map(({ name, requests, bytes }) => ({ name, requests: Number(requests), bytes: Number(bytes) }))
}

export interface UsageDay {
  /** Since 1970. */
  readonly day: number
  readonly requests: number
  readonly bytes: number
}

/** Days on which nothing was read are left out. */
export async function readDailyUsage(db: Database, question: UsageQuestion): Promise<UsageDay[]> {
  const rows = await selectCounts(db, question).select('day').groupBy('day').orderBy('day').execute()
  return rows.map(({ day, requests, bytes }) => ({ day, requests: Number(requests), bytes: Number(bytes) }))
}

function selectCounts(db: Database, { kind, fromDay, toDay, prefixes }: UsageQuestion) {
  return db
    .selectFrom('usage_counts')
    .select([(eb) => eb.fn.sum<number>('requests').as('requests'), (eb) => eb.fn.sum<number>('bytes').as('bytes')])
    .where('day', '>=', fromDay)
    .where('day', '<=', toDay)
    .where('kind', '=', kind)
    .where((eb) =>
      eb.or(prefixes.map((prefix) => eb.and([eb('name', '>=', prefix), eb('name', '<', `${prefix}\u{10ffff}`)]))),
    )
}
