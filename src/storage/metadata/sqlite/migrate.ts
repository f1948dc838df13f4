import { type ColumnTypes, migrationsAfter } from '../migrations.ts'
import { retryWhileBusy } from './busy.ts'
import type { SqliteConnection } from './connection.ts'

const COLUMN_TYPES: ColumnTypes = {
  text: 'text',
  integer: 'integer',
  blob: 'blob',
  sequence: 'integer primary key autoincrement',
  // Refuses a value of the wrong type, as PostgreSQL does.
  tableEnd: 'strict',
}

/** Brings the tables up to date, whoever else tries at the same moment. One look when there is nothing to do. */
export async function migrate(connection: SqliteConnection, random: () => number, upTo?: number): Promise<void> {
  const version = await retryWhileBusy(() => versionOf(connection), random)
  if (migrationsAfter(version, upTo).length === 0) return
  await retryWhileBusy(() => connection.exec('begin immediate'), random)
  try {
    const missing = migrationsAfter(versionOf(connection), upTo)
    for (const sql of missing.flatMap((migration) => migration.statements(COLUMN_TYPES))) connection.exec(sql)
    connection.exec(`pragma user_version = ${versionOf(connection) + missing.length}`)
    connection.exec('commit')
  } catch (error) {
    if (connection.isInTransaction) connection.exec('rollback')
    throw error
  }
}

function versionOf(connection: SqliteConnection): number {
  return connection.query<{ user_version: number }>('pragma user_version', []).rows[0]?.user_version ?? 0
}
