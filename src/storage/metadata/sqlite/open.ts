import { Kysely, sql } from 'kysely'

import type { Metadata, PoolLoad, Write } from '../metadata.ts'
import type { Schema } from '../schema.ts'
import { TouchedScopes } from '../touched-scopes.ts'
import { withinWriteLimit } from '../write-limit.ts'
import { WriteGuard } from '../write-guard.ts'
import { retryWhileBusy } from './busy.ts'
import { SqliteChanges, type Trust } from './changes.ts'
import { SqliteConnection } from './connection.ts'
import { ReadingDriver, SqliteDialect, WritingDriver } from './dialect.ts'
import { migrate } from './migrate.ts'
import { makePrivateFile } from './private-file.ts'
import { ReaderPool } from './readers.ts'

/** How long a read may block the thread: only while another process recovers or closes the file. Unit: ms. */
const READ_BUSY_TIMEOUT_MS = 1_000

export interface SqliteSettings {
  /** Made when it isn't there, with the folders above it. */
  readonly file: string
  readonly clock?: () => number
  readonly random?: () => number
  /** For a turn of the event loop unless said, so that processes which serve together never differ. */
  readonly trust?: Trust
}

const turnOnly: Trust = { forMs: 0, clock: () => 0 }

/** Opens the database and brings its tables up to date. */
export async function openSqlite({
  file,
  clock = Date.now,
  random = Math.random,
  trust = turnOnly,
}: SqliteSettings): Promise<Metadata> {
  makePrivateFile(file)
  const openWriter = () => new SqliteConnection({ file, access: 'write', busyTimeoutMs: 0 })
  const writer = await retryWhileBusy(openWriter, random)
  try {
    await retryWhileBusy(() => writer.exec('pragma journal_mode = wal'), random)
    await migrate(writer, random)
    return new SqliteMetadata(file, writer, { clock, random, trust })
  } catch (error) {
    writer.close()
    throw error
  }
}

class SqliteMetadata implements Metadata {
  readonly kind = 'sqlite'
  readonly db: Kysely<Schema>
  readonly epochs: SqliteChanges
  readonly #writer: Kysely<Schema>
  readonly #drivers: readonly [ReadingDriver, WritingDriver]
  readonly #guard = new WriteGuard()
  readonly #clock: () => number

  constructor(
    file: string,
    writer: SqliteConnection,
    { clock, random, trust }: Required<Omit<SqliteSettings, 'file'>>,
  ) {
    const openReader = () => new SqliteConnection({ file, access: 'read', busyTimeoutMs: READ_BUSY_TIMEOUT_MS })
    const drivers = [new ReadingDriver(new ReaderPool(openReader)), new WritingDriver(writer, random)] as const
    this.#drivers = drivers
    this.db = new Kysely({ dialect: new SqliteDialect(drivers[0]) })
    this.#writer = new Kysely({ dialect: new SqliteDialect(drivers[1]) })
    this.epochs = new SqliteChanges(openReader(), trust)
    this.#clock = clock
  }

  async write<T>(work: (write: Write) => Promise<T>): Promise<T> {
    return this.#guard.run(async () => {
      const { result, committed } = await this.#writer.transaction().execute(async (tx) => {
        const touched = new TouchedScopes()
        const result = await withinWriteLimit(work({ tx, touch: touched.touch }))
        const scopes = touched.list
        const committed = scopes.length === 0 ? undefined : await this.epochs.announce(tx, scopes, this.#clock())
        return { result, committed }
      })
      committed?.()
      return result
    })
  }

  pools(): readonly PoolLoad[] {
    return this.#drivers.map((driver) => driver.load())
  }

  async check(): Promise<void> {
    await sql`select 1 from changes limit 1`.execute(this.db)
  }

  /** Waits for the write under way. The writer goes last: it folds the log back into the file. */
  async close(): Promise<void> {
    await Promise.all([this.db.destroy(), this.#writer.destroy()])
    this.epochs.close()
    // Kysely leaves a driver alone that it never used.
    for (const driver of this.#drivers) await driver.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
