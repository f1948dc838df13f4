import { type Kysely, sql, type Transaction } from 'kysely'
import type { AdvisorySubject } from '../../registry/advisories.ts'
import type { FormatId } from '../../registry/names.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import type { Schema } from '../../storage/metadata/schema.ts'
import type { PackageAdvisory } from './package-advisories.ts'

/** One reading of a feed: rows that count from the moment when the feed says so. */
export interface Generation {
  readonly feedId: string
  readonly generation: string
}

/** A few milliseconds' work. Ours. */
const ROWS_AT_ONCE = 250

/** Writes a batch; of two with one name the later counts. */
export async function insertAdvisories(
  metadata: Metadata,
  { feedId, generation }: Generation,
  batch: readonly PackageAdvisory[],
): Promise<void> {
  const rows = [
    ...new Map(
      batch.map((each) => [`${each.format}/${each.subject.namespace}/${each.subject.name}/${each.advisory.id}`, each]),
    ).values(),
  ]
  if (rows.length === 0) return
  const common = { feed_id: feedId, generation }
  const keyOf = ({ format, subject, advisory }: PackageAdvisory) => {
    return { ...common, format, namespace: subject.namespace, name: subject.name, advisory_id: advisory.id }
  }
  const names = rows.flatMap((row) => {
    return [...new Set([row.advisory.id, ...row.advisory.aliases])].map((alias) => ({ alias, ...keyOf(row) }))
  })
  await metadata.write(async ({ tx }) => {
    await tx
      .insertInto('advisories')
      .values(rows.map((row) => ({ ...keyOf(row), body: JSON.stringify(row.advisory) })))
      .onConflict((conflict) =>
        conflict
          .columns(['feed_id', 'generation', 'format', 'namespace', 'name', 'advisory_id'])
          .doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
      )
      .execute()
    for (let at = 0; at < names.length; at += ROWS_AT_ONCE) {
      const insert = tx.insertInto('advisory_names').values(names.slice(at, at + ROWS_AT_ONCE))
      await insert.onConflict((conflict) => conflict.doNothing()).execute()
    }
  })
}

export async function countRows(db: Kysely<Schema>, { feedId, generation }: Generation): Promise<number> {
  const row = await db
    .selectFrom('advisories')
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .where('feed_id', '=', feedId)
    .where('generation', '=', generation)
    .executeTakeFirstOrThrow()
  return Number(row.rows)
}

/** Removes what no feed speaks of any more, or never will, a few rows at a time. */
export async function removeGeneration(metadata: Metadata, { feedId, generation }: Generation): Promise<void> {
  for (const table of ['advisories', 'advisory_names'] as const) {
    for (;;) {
      const removed = await metadata.write(({ tx }) => removeSome(tx, table, { feedId, generation }))
      if (removed < ROWS_AT_ONCE * 4) break
    }
  }
}

/** Both databases find the rows of a batch by the index, and remove them by their key. */
async function removeSome(
  tx: Transaction<Schema>,
  table: 'advisories' | 'advisory_names',
  { feedId, generation }: Generation,
): Promise<number> {
  const first =
    table === 'advisories'
      ? ['format', 'namespace', 'name', 'advisory_id']
      : ['alias', 'advisory_id', 'format', 'namespace', 'name']
  const columns = sql.join(first.map((column) => sql.ref(column)))
  const { numAffectedRows } = await sql`
    delete from ${sql.table(table)} where feed_id = ${feedId} and generation = ${generation} and (${columns}) in (
      select ${columns} from ${sql.table(table)} where feed_id = ${feedId} and generation = ${generation}
      limit ${ROWS_AT_ONCE * 4})`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

/** Generations of a feed that do not count. */
export async function otherGenerations(db: Kysely<Schema>, feedId: string, current: string): Promise<string[]> {
  const found: string[] = []
  let after = ''
  for (;;) {
    const row = await db
      .selectFrom('advisories')
      .select('generation')
      .where('feed_id', '=', feedId)
      .where('generation', '>', after)
      .orderBy('generation')
      .limit(1)
      .executeTakeFirst()
    if (!row) return found.filter((generation) => generation !== current)
    found.push(row.generation)
    after = row.generation
  }
}

/** A package of which other things are said now. */
export interface ChangedSubject extends AdvisorySubject {
  readonly format: FormatId
}

/** Rows compared at once. Ours. */
const COMPARED_AT_ONCE = 2000

/** Packages of which one generation says what the other does not; up to `limit` and one more. */
export async function* differences(
  db: Kysely<Schema>,
  one: Generation,
  other: Generation,
): AsyncGenerator<ChangedSubject> {
  let after = ['', '', '', '']
  for (;;) {
    const page = await db
      .selectFrom('advisories')
      .select(['format', 'namespace', 'name', 'advisory_id'])
      .where('feed_id', '=', one.feedId)
      .where('generation', '=', one.generation)
      .where(sql<boolean>`(format, namespace, name, advisory_id) > (${sql.join(after)})`)
      .orderBy('format')
      .orderBy('namespace')
      .orderBy('name')
      .orderBy('advisory_id')
      .limit(COMPARED_AT_ONCE)
      .execute()
    const last = page.at(-1)
    if (!last) return
    const upTo = [last.format, last.namespace, last.name, last.advisory_id]
    yield* await compareStretch(db, one, other, { after, upTo })
    after = upTo
  }
}

interface KeyStretch {
  readonly after: readonly string[]
  readonly upTo: readonly string[]
}

async function compareStretch(
  db: Kysely<Schema>,
  one: Generation,
  other: Generation,
  { after, upTo }: KeyStretch,
): Promise<ChangedSubject[]> {
  const rows = await db
    .selectFrom('advisories as a')
    .select(['a.format', 'a.namespace', 'a.name'])
    .distinct()
    .where('a.feed_id', '=', one.feedId)
    .where('a.generation', '=', one.generation)
    .where(sql<boolean>`(a.format, a.namespace, a.name, a.advisory_id) > (${sql.join(after)})`)
    .where(sql<boolean>`(a.format, a.namespace, a.name, a.advisory_id) <= (${sql.join(upTo)})`)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('advisories as b')
            .select('b.advisory_id')
            .where('b.feed_id', '=', other.feedId)
            .where('b.generation', '=', other.generation)
            .whereRef('b.format', '=', 'a.format')
            .whereRef('b.namespace', '=', 'a.namespace')
            .whereRef('b.name', '=', 'a.name')
            .whereRef('b.advisory_id', '=', 'a.advisory_id')
            .whereRef('b.body', '=', 'a.body'),
        ),
      ),
    )
    .execute()
  return rows.map(({ format, namespace, name }) => ({ format: format as FormatId, namespace, name }))
}
