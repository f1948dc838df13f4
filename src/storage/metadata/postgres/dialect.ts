import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'

import { connectionConfig, loadPg } from '../../postgres-client.ts'
import type { PoolLoad } from '../metadata.ts'
import type { Schema } from '../schema.ts'

/** Longest time for one statement, and for a transaction to do nothing. Unit: ms. Ours. */
const STATEMENT_TIMEOUT_MS = 30_000
/** How long a connection may stay open unused. Unit: ms. Ours. */
const IDLE_TIMEOUT_MS = 60_000

export interface PoolSettings {
  readonly url: string
  readonly purpose: 'reading' | 'writing'
  readonly connectionsMax: number
}

export interface Pooled {
  readonly db: Kysely<Schema>
  load(): PoolLoad
  close(): Promise<void>
}

/** Kysely on a pool of connections; those for reading refuse to write. */
export async function openPool({ url, purpose, connectionsMax }: PoolSettings): Promise<Pooled> {
  const { Pool } = await loadPg()
  const pool = new Pool({
    ...(await connectionConfig(url, purpose)),
    max: connectionsMax,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    ...(purpose === 'reading' ? { options: '-c default_transaction_read_only=on' } : {}),
  })
  // Without listeners a connection that breaks would end the process, be it idle in the pool or in a transaction. The
  // next statement on it says that it is lost, and the pool replaces it.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  let closing: Promise<void> | undefined
  const load = () => {
    return { purpose, open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }
  }
  return { db, load, close: async () => (closing ??= closePool(pool, db)) }
}

/** Kysely leaves a pool alone that it never used. */
async function closePool(pool: pg.Pool, db: Kysely<Schema>): Promise<void> {
  await db.destroy()
  if (!pool.ending) await pool.end()
}
