import type { Table } from '../catalog.ts'
import type { RowImport } from '../row-import.ts'
import { retryWhileBusy } from './busy.ts'
import { SqliteConnection } from './connection.ts'
import { migrate } from './migrate.ts'
import { makePrivateFile } from './private-file.ts'

/** Replaces the rows of a file, which is made when it isn't there. */
export async function openSqliteImport(file: string, schemaVersion: number, random: () => number): Promise<RowImport> {
  makePrivateFile(file)
  const connection = new SqliteConnection({ file, access: 'write', busyTimeoutMs: 0 })
  await retryWhileBusy(() => connection.exec('pragma journal_mode = wal'), random)
  await migrate(connection, random, schemaVersion)
  await retryWhileBusy(() => connection.exec('begin immediate'), random)
  return {
    async clear(tables) {
      for (const { name } of tables.toReversed()) connection.exec(`delete from "${name}"`)
    },
    async insert(table, rows) {
      for (const row of rows) connection.query(statementFor(table), row)
    },
    async commit() {
      connection.exec('commit')
      await migrate(connection, random)
    },
    async close() {
      if (connection.isInTransaction) connection.exec('rollback')
      connection.close()
    },
  }
}

function statementFor({ name, columns }: Table): string {
  const names = columns.map((column) => `"${column.name}"`).join(', ')
  return `insert into "${name}" (${names}) values (${columns.map(() => '?').join(', ')})`
}

/** Whether anybody has begun to use the file, which must be there. Changes nothing. */
export function holdsAccounts(file: string): boolean {
  const connection = new SqliteConnection({ file, access: 'read', busyTimeoutMs: LOOK_TIMEOUT_MS })
  try {
    const tables = connection.query("select 1 from sqlite_schema where type = 'table' and name = 'accounts'", [])
    return tables.rows.length > 0 && connection.query('select 1 from accounts limit 1', []).rows.length > 0
  } finally {
    connection.close()
  }
}

/** Longest wait for another process. Unit: ms. Ours. */
const LOOK_TIMEOUT_MS = 1_000
