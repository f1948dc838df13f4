import { connectClient } from '../../postgres-client.ts'
import type { Table } from '../catalog.ts'
import type { RowImport } from '../row-import.ts'
import { MIGRATE_TIMEOUT_MS, migrate } from './migrate.ts'

/** Parameters of one statement. Source: PostgreSQL's protocol counts them in 16 bits. */
const PARAMETERS_MAX = 60_000

/** Replaces the rows of a database. */
export async function openPostgresImport(url: string, schemaVersion: number): Promise<RowImport> {
  const client = await connectClient(url, 'importing', MIGRATE_TIMEOUT_MS)
  await migrate(client, schemaVersion)
  await client.query('begin')
  return {
    async clear(tables) {
      for (const { name } of tables.toReversed()) await client.query(`delete from "${name}"`)
    },
    async insert(table, rows) {
      const many = Math.max(1, Math.floor(PARAMETERS_MAX / table.columns.length))
      for (let start = 0; start < rows.length; start += many) {
        const some = rows.slice(start, start + many)
        await client.query(statementFor(table, some.length), some.flat())
      }
    },
    async commit() {
      await client.query('commit')
      await migrate(client)
    },
    async close() {
      await client.end()
    },
  }
}

function statementFor({ name, columns }: Table, rows: number): string {
  const names = columns.map((column) => `"${column.name}"`).join(', ')
  const tuples = Array.from({ length: rows }, (_row, row) => {
    return `(${columns.map((_column, column) => `$${row * columns.length + column + 1}`).join(', ')})`
  })
  return `insert into "${name}" (${names}) values ${tuples.join(', ')}`
}
