import { type Kysely, sql } from 'kysely'

import type { Table } from './catalog.ts'
import type { Metadata } from './metadata.ts'
import type { Schema } from './schema.ts'

/** Rows read together. Ours. */
const PAGE = 500

/** What a column holds, in either database. */
export type Value = string | number | Uint8Array | null
/** In the order of the table's columns. */
export type Row = readonly Value[]

/**
 * Runs `work` on the database as it is at one moment, while others write. It must go on without long pauses: PostgreSQL
 * ends a transaction that rests, and SQLite's log grows for as long as this one lasts.
 */
export async function withSnapshot<T>({ db }: Metadata, work: (snapshot: Kysely<Schema>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').execute(work)
}

/** All rows of a table by its primary key, a page at a time. */
export async function* readRows(snapshot: Kysely<Schema>, table: Table): AsyncGenerator<readonly Row[]> {
  const columns = sql.join(table.columns.map(({ name }) => sql.ref(name)))
  const key = sql.join(table.key.map((name) => sql.ref(name)))
  const keyAt = table.key.map((name) => table.columns.findIndex((column) => column.name === name))
  for (let last: Row | undefined; ; ) {
    const after = last
    const where = after ? sql`where (${key}) > (${sql.join(keyAt.map((index) => after[index]))})` : sql``
    const { rows } = await sql<Record<string, Value>>`
      select ${columns} from ${sql.table(table.name)} ${where} order by ${key} limit ${PAGE}`.execute(snapshot)
    const page = rows.map((row) => table.columns.map(({ name }) => row[name] ?? null))
    if (page.length > 0) yield page
    last = page.at(-1)
    if (page.length < PAGE) return
  }
}
