import { type Kysely, sql } from 'kysely'

import { BackOff } from '../../back-off.ts'
import { connectClient } from '../../postgres-client.ts'
import type { Metadata, PoolLoad, Write } from '../metadata.ts'
import type { Schema } from '../schema.ts'
import { WriteGuard } from '../write-guard.ts'
import { type AttemptParts, attempt } from './attempt.ts'
import { PostgresChanges } from './changes.ts'
import { openPool, type Pooled } from './dialect.ts'
import { MIGRATE_TIMEOUT_MS, migrate } from './migrate.ts'

/** How long a write is tried again. Unit: ms. Ours. */
const RETRY_MAX_MS = 10_000
/** Longest wait for an answer on the connection that listens. Unit: ms. Ours. */
const LISTEN_TIMEOUT_MS = 2_000

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database` */
  readonly url: string
  /** Besides these, one connection listens. */
  readonly readConnectionsMax?: number
  readonly writeConnectionsMax?: number
  readonly clock?: () => number
  readonly random?: () => number
}

/** Connects to the database and brings its tables up to date. */
export async function openPostgres({
  url,
  readConnectionsMax = 6,
  writeConnectionsMax = 4,
  clock = Date.now,
  random = Math.random,
}: PostgresSettings): Promise<Metadata> {
  await bringUpToDate(url)
  const [reading, writing] = await Promise.all([
    openPool({ url, purpose: 'reading', connectionsMax: readConnectionsMax }),
    openPool({ url, purpose: 'writing', connectionsMax: writeConnectionsMax }),
  ])
  const connect = async () => connectClient(url, 'listening', LISTEN_TIMEOUT_MS)
  const changes = await PostgresChanges.start({ connect, clock, random }, await connect())
  return new PostgresMetadata([reading, writing], { writer: writing.db, changes, clock, random })
}

async function bringUpToDate(url: string): Promise<void> {
  const client = await connectClient(url, 'migrating', MIGRATE_TIMEOUT_MS)
  try {
    await migrate(client)
  } finally {
    await client.end()
  }
}

class PostgresMetadata implements Metadata {
  readonly kind = 'postgres'
  readonly db: Kysely<Schema>
  readonly #pools: readonly [Pooled, Pooled]
  readonly #parts: AttemptParts
  readonly #guard = new WriteGuard()

  constructor(pools: readonly [Pooled, Pooled], parts: AttemptParts) {
    this.db = pools[0].db
    this.#pools = pools
    this.#parts = parts
  }

  get epochs(): PostgresChanges {
    return this.#parts.changes
  }

  async write<T>(work: (write: Write) => Promise<T>): Promise<T> {
    return this.#guard.run(async () => {
      const startedAt = performance.now()
      const backOff = new BackOff({ shortestMs: 4, longestMs: 200 }, this.#parts.random)
      for (;;) {
        const outcome = await attempt(work, this.#parts)
        if (outcome.kind === 'committed') return outcome.result
        if (outcome.kind === 'failed' || performance.now() - startedAt > RETRY_MAX_MS) throw outcome.error
        await backOff.wait()
      }
    })
  }

  pools(): readonly PoolLoad[] {
    return this.#pools.map((pool) => pool.load())
  }

  async check(): Promise<void> {
    await sql`select 1 from changes limit 1`.execute(this.db)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.map(async (pool) => pool.close()), this.#parts.changes.close()])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
