import type pg from 'pg'

import { type ColumnTypes, type Migration, migrationsAfter } from '../migrations.ts'

const COLUMN_TYPES: ColumnTypes = {
  text: 'text collate "C"',
  integer: 'bigint',
  blob: 'bytea',
  sequence: 'bigint generated always as identity primary key',
  tableEnd: '',
}

/** What a migration needs here and not on SQLite, by its name. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  // Sequences become visible in another order than they were given; transaction ids can be compared with a snapshot.
  '0001-tables': [
    'alter table changes add column xid xid8 not null default pg_current_xact_id()',
    'create index changes_by_xid on changes (xid)',
  ],
}

/** Any number that nobody else uses for an advisory lock in this database. */
const MIGRATION_LOCK = 7_233_095_461

/** Longest wait for an answer while migrating. Unit: ms. Ours. */
export const MIGRATE_TIMEOUT_MS = 120_000

const UNDEFINED_TABLE = '42P01'

/** Brings the tables up to date, whoever else tries at the same moment. One look when there is nothing to do. */
export async function migrate(client: pg.Client, upTo?: number): Promise<void> {
  if (migrationsAfter(await versionOf(client), upTo).length === 0) return
  await client.query('begin')
  try {
    await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    await client.query('create table if not exists schema_version (version bigint not null)')
    await applyMissing(client, upTo)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

async function applyMissing(client: pg.Client, upTo: number | undefined): Promise<void> {
  const version = await versionOf(client)
  const missing = migrationsAfter(version, upTo)
  for (const sql of missing.flatMap(statementsOf)) await client.query(sql)
  await client.query('delete from schema_version')
  await client.query('insert into schema_version values ($1)', [version + missing.length])
}

function statementsOf(migration: Migration): readonly string[] {
  return [...migration.statements(COLUMN_TYPES), ...(ALSO[migration.name] ?? [])]
}

async function versionOf(client: pg.Client): Promise<number> {
  try {
    const { rows } = await client.query<{ version: number }>('select version from schema_version')
    return rows[0]?.version ?? 0
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return 0
    throw error
  }
}
