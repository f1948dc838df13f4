import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

import type { QueryResult } from 'kysely'

/** Statements kept ready per connection; the least recently used goes first. */
const STATEMENTS_MAX = 256

export interface ConnectionSettings {
  readonly file: string
  readonly access: 'read' | 'write'
  /** How long a statement may block this thread for another process's lock. Unit: ms. */
  readonly busyTimeoutMs: number
}

interface Prepared {
  readonly statement: StatementSync
  /** Names of the columns of its rows; none for a statement that returns no rows. */
  readonly columns: readonly string[]
}

/** One connection, with its statements kept ready. Everything happens at once, on this thread. */
export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, Prepared>()

  constructor({ file, access, busyTimeoutMs }: ConnectionSettings) {
    this.#database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
    try {
      // A commit is on the disk when it is acknowledged, in WAL mode too. The log file shrinks again after a burst.
      this.#database.exec('pragma synchronous = full; pragma journal_size_limit = 67108864')
      if (access === 'read') this.#database.exec('pragma query_only = on')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  query<R>(sql: string, parameters: readonly unknown[]): QueryResult<R> {
    const { statement, columns } = this.#prepare(sql)
    const values = parameters.map(toSqlite)
    if (columns.length > 0) {
      return { rows: statement.all(...values).map((row) => toRow<R>(columns, row)) }
    }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  /** A question whose answer is one number, made ready to be asked very often. */
  prepareNumber(sql: string): () => number {
    const statement = this.#database.prepare(sql)
    statement.setReturnArrays(true)
    return () => (statement.get() as unknown as readonly number[])[0] ?? 0
  }

  close(): void {
    this.#prepared.clear()
    if (this.#database.isOpen) this.#database.close()
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql)
    const prepared = known ?? open(this.#database, sql)
    this.#prepared.delete(sql)
    this.#prepared.set(sql, prepared)
    if (this.#prepared.size > STATEMENTS_MAX) this.#forgetOldest()
    return prepared
  }

  #forgetOldest(): void {
    for (const sql of this.#prepared.keys()) {
      this.#prepared.delete(sql)
      return
    }
  }
}

function open(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return { statement, columns: statement.columns().map((column) => column.name) }
}

/** Plain objects, as `pg` returns them; `node:sqlite` would return objects without a prototype. */
function toRow<R>(columns: readonly string[], values: unknown): R {
  const row: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index++) {
    row[columns[index] as string] = (values as unknown[])[index]
  }
  return row as R
}

/** Whole numbers as integers: `node:sqlite` would hand every number over as a floating-point one. */
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'boolean') return value ? 1n : 0n
  return value as SQLInputValue
}
