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

import type { PoolLoad } from '../metadata.ts'
import type { SqliteConnection } from './connection.ts'
import { ReadSession, type ReaderPool } from './readers.ts'
import { WriteTurns } from './write-turns.ts'

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
    return new ManyConnections()
  }

  createIntrospector<DB>(db: Kysely<DB>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

/** Kysely would else let only one caller at a time have any connection at all. */
class ManyConnections extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** For reading. Statements share a connection; a transaction has its own, and so its own snapshot. */
export class ReadingDriver implements Driver {
  readonly #readers: ReaderPool

  constructor(readers: ReaderPool) {
    this.#readers = readers
  }

  load(): PoolLoad {
    return this.#readers.load()
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

/** For writing: one transaction at a time. */
export class WritingDriver implements Driver {
  readonly #connection: SqliteConnection
  readonly #turns: WriteTurns

  constructor(connection: SqliteConnection, random: () => number) {
    this.#connection = connection
    this.#turns = new WriteTurns(connection, random)
  }

  load(): PoolLoad {
    return this.#turns.load()
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<WriteSession> {
    await this.#turns.take()
    return new WriteSession(this.#connection)
  }

  async beginTransaction(): Promise<void> {
    await this.#turns.begin()
  }

  async commitTransaction(session: WriteSession): Promise<void> {
    session.end()
    await this.#turns.commit()
  }

  /** Called too when the commit failed; then there is nothing left to undo. */
  async rollbackTransaction(session: WriteSession): Promise<void> {
    if (session.end() === 'now') this.#turns.rollback()
  }

  async releaseConnection(session: WriteSession): Promise<void> {
    if (session.end() === 'now') this.#turns.pass()
  }

  /** Waits for the transactions under way. */
  async destroy(): Promise<void> {
    await this.#turns.close()
    this.#connection.close()
  }
}

class WriteSession implements DatabaseConnection {
  readonly #connection: SqliteConnection
  #hasEnded = false

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  /** Without the transaction a statement would be committed at once, or become part of someone else's. */
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#hasEnded || !this.#connection.isInTransaction) {
      throw new Error('the transaction has ended: a statement came after it')
    }
    return this.#connection.query<R>(sql, parameters)
  }

  streamQuery(): never {
    throw new Error('long listings are read in pages by key, not streamed')
  }

  /** Whether it ends now or has ended before. */
  end(): 'now' | 'before' {
    const when = this.#hasEnded ? 'before' : 'now'
    this.#hasEnded = true
    return when
  }
}
