import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'

import type { PoolLoad } from '../metadata.ts'
import type { SqliteConnection } from './connection.ts'

/** Most transactions that may read at once, each on its own connection; more wait. */
const EXCLUSIVE_READERS_MAX = 8

/** One connection that all single statements share, and a few more for whoever needs one alone. */
export class ReaderPool {
  readonly shared: SqliteConnection
  readonly #open: () => SqliteConnection
  readonly #idle: SqliteConnection[] = []
  readonly #all: SqliteConnection[] = []
  readonly #waiting: ((connection: SqliteConnection) => void)[] = []

  constructor(open: () => SqliteConnection) {
    this.#open = open
    this.shared = open()
  }

  /** Besides the one that is shared. */
  load(): PoolLoad {
    const { length: idle } = this.#idle
    return { purpose: 'reading', open: this.#all.length, idle, waiting: this.#waiting.length }
  }

  async take(): Promise<SqliteConnection> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#all.length >= EXCLUSIVE_READERS_MAX) {
      return new Promise((resolve) => this.#waiting.push(resolve))
    }
    const opened = this.#open()
    this.#all.push(opened)
    return opened
  }

  give(connection: SqliteConnection): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else next(connection)
  }

  close(): void {
    this.shared.close()
    for (const connection of this.#all) connection.close()
  }
}

/** What Kysely sees as a connection: the shared one until a transaction begins. */
export class ReadSession implements DatabaseConnection {
  readonly #readers: ReaderPool
  #own: SqliteConnection | undefined

  constructor(readers: ReaderPool) {
    this.#readers = readers
  }

  async begin(): Promise<void> {
    this.#own = await this.#readers.take()
    this.#own.exec('begin')
  }

  end(how: 'commit' | 'rollback'): void {
    this.#own?.exec(how)
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return (this.#own ?? this.#readers.shared).query<R>(sql, parameters)
  }

  streamQuery(): never {
    throw new Error('long listings are read in pages by key, not streamed')
  }

  release(): void {
    if (this.#own !== undefined) this.#readers.give(this.#own)
    this.#own = undefined
  }
}
