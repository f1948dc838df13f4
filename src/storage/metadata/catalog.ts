import { type Kysely, sql } from 'kysely'

import type { Metadata } from './metadata.ts'
import type { Schema } from './schema.ts'

/** A table as the database itself describes it, so that none can be forgotten. */
export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  /** The columns of its primary key, in order. */
  readonly key: readonly string[]
}

export interface Column {
  readonly name: string
  readonly type: 'text' | 'integer' | 'blob'
}

/** What belongs to this database and to what runs on it, and means nothing anywhere else. */
const OWN_TABLES = new Set([
  'schema_version',
  'changes',
  'jobs',
  'server_processes',
  'unreferenced_blobs',
  'blob_sweeps',
  'retention_runs',
  'retention_candidates',
])

interface ColumnRow {
  readonly table: string
  readonly column: string
  readonly type: string
  /** From 1; 0 for columns outside of the primary key. */
  readonly position: number
}

interface ReferenceRow {
  readonly table: string
  readonly target: string
}

/** Every table whose rows are the installation's, those that others refer to before those that refer to them. */
export async function readTables({ db, kind }: Pick<Metadata, 'db' | 'kind'>): Promise<readonly Table[]> {
  const [columns, references] =
    kind === 'sqlite'
      ? [await sqliteColumns(db), await sqliteReferences(db)]
      : [await postgresColumns(db), await postgresReferences(db)]
  const tables = Map.groupBy(
    columns.filter(({ table }) => !OWN_TABLES.has(table)),
    ({ table }) => table,
  )
  return inOrder([...tables.keys()].sort(), references).map((name) => toTable(name, tables.get(name) ?? []))
}

function toTable(name: string, columns: readonly ColumnRow[]): Table {
  const key = columns.filter(({ position }) => position > 0).sort((left, right) => left.position - right.position)
  return {
    name,
    columns: columns.map(({ column, type }) => ({ name: column, type: toType(type) })),
    key: key.map(({ column }) => column),
  }
}

function toType(type: string): Column['type'] {
  switch (type.toLowerCase()) {
    case 'integer':
    case 'bigint':
      return 'integer'
    case 'blob':
    case 'bytea':
      return 'blob'
    case 'text':
      return 'text'
    default:
      throw new Error(`no column of ours has the type ${type}`)
  }
}

function inOrder(names: readonly string[], references: readonly ReferenceRow[]): string[] {
  const ordered: string[] = []
  const visited = new Set<string>()
  const visit = (name: string) => {
    if (visited.has(name) || !names.includes(name)) return
    visited.add(name)
    for (const { table, target } of references) if (table === name) visit(target)
    ordered.push(name)
  }
  for (const name of names) visit(name)
  return ordered
}

async function sqliteColumns(db: Kysely<Schema>): Promise<readonly ColumnRow[]> {
  const { rows } = await sql<ColumnRow>`
    select s.name as "table", c.name as "column", c.type as "type", c.pk as "position"
    from sqlite_schema s, pragma_table_info(s.name) c
    where s.type = 'table' and s.name not like 'sqlite\\_%' escape '\\' order by s.name, c.cid`.execute(db)
  return rows
}

async function sqliteReferences(db: Kysely<Schema>): Promise<readonly ReferenceRow[]> {
  const { rows } = await sql<ReferenceRow>`
    select s.name as "table", f."table" as "target" from sqlite_schema s, pragma_foreign_key_list(s.name) f
    where s.type = 'table'`.execute(db)
  return rows
}

async function postgresColumns(db: Kysely<Schema>): Promise<readonly ColumnRow[]> {
  const { rows } = await sql<ColumnRow>`
    select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as "type",
      coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)::int as "position"
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
      and c.relname not in (${sql.join([...OWN_TABLES])})
    order by c.relname, a.attnum`.execute(db)
  return rows
}

async function postgresReferences(db: Kysely<Schema>): Promise<readonly ReferenceRow[]> {
  const { rows } = await sql<ReferenceRow>`
    select conrelid::regclass::text as "table", confrelid::regclass::text as "target" from pg_constraint
    where contype = 'f' and connamespace = current_schema()::regnamespace`.execute(db)
  return rows
}
