import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

import { retryWhileBusy } from './busy.ts'
import type { SqliteConnection } from './connection.ts'
import { ReadSession, type ReaderPool } from './readers.ts'

/** Kysely on `node:sqlite`, in one of two roles that differ only in their driver. */
export class SqliteDialect implements Dialect {
  readonly #driver: Driver

  constructor(driver: Driver) {
    this.#driver = driver
  }

  createDriver(): Driver {
    return this.#driver
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter()
  }

  createIntrospector<DB>(db: Kysely<DB>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

/** For reading. Statements share a connection; a transaction has its own, and so its own snapshot. */
export class ReadingDriver implements Driver {
  readonly #readers: ReaderPool

  constructor(readers: ReaderPool) {
    this.#readers = readers
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ReadSession> {
    return new ReadSession(this.#readers)
  }

  async beginTransaction(session: ReadSession): Promise<void> {
    await session.begin()
  }

  async commitTransaction(session: ReadSession): Promise<void> {
    session.end('commit')
  }

  async rollbackTransaction(session: ReadSession): Promise<void> {
    session.end('rollback')
  }

  async releaseConnection(session: ReadSession): Promise<void> {
    session.release()
  }

  async destroy(): Promise<void> {
    this.#readers.close()
  }
}

/** For writing: one transaction at a time, whoever comes first is served first. */
export class WritingDriver implements Driver {
  readonly #connection: SqliteConnection
  readonly #random: () => number
  #turn: Promise<void> = Promise.resolve()

  constructor(connection: SqliteConnection, random: () => number) {
    this.#connection = connection
    this.#random = random
  }

  async init(): Promise<void> {}

  /** A second transaction must wait here: its `begin` would block the thread on which the first has yet to go on. */
  async acquireConnection(): Promise<WriteSession> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const turn = this.#turn
    this.#turn = released
    await turn
    return new WriteSession(this.#connection, release)
  }

  async beginTransaction(): Promise<void> {
    await retryWhileBusy(() => this.#connection.exec('begin immediate'), this.#random)
  }

  async commitTransaction(): Promise<void> {
    this.#connection.exec('commit')
  }

  /** The database may have rolled back by itself, as it does when the disk is full. */
  async rollbackTransaction(): Promise<void> {
    if (this.#connection.isInTransaction) this.#connection.exec('rollback')
  }

  async releaseConnection(session: WriteSession): Promise<void> {
    session.release()
  }

  /** Waits for the transaction under way. */
  async destroy(): Promise<void> {
    await this.#turn
    this.#connection.close()
  }
}

class WriteSession implements DatabaseConnection {
  readonly #connection: SqliteConnection
  readonly #onRelease: () => void
  #isReleased = false

  constructor(connection: SqliteConnection, onRelease: () => void) {
    this.#connection = connection
    this.#onRelease = onRelease
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#isReleased) throw new Error('the transaction has ended: a statement came after it')
    return this.#connection.query<R>(sql, parameters)
  }

  streamQuery(): never {
    throw new Error('long listings are read in pages by key, not streamed')
  }

  release(): void {
    this.#isReleased = true
    this.#onRelease()
  }
}
