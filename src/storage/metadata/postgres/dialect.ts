import { PostgresDialect } from 'kysely'

import { connectionConfig, loadPg } from '../../postgres-client.ts'

/** Longest time for one statement, and for a transaction to do nothing. Unit: ms. Ours. */
const STATEMENT_TIMEOUT_MS = 30_000
/** How long a connection may stay open unused. Unit: ms. Ours. */
const IDLE_TIMEOUT_MS = 60_000

export interface PoolSettings {
  readonly url: string
  readonly purpose: 'reading' | 'writing'
  readonly connectionsMax: number
}

/** Kysely on a pool of connections; those for reading refuse to write. */
export async function pooledDialect({ url, purpose, connectionsMax }: PoolSettings): Promise<PostgresDialect> {
  const { Pool } = await loadPg()
  const pool = new Pool({
    ...(await connectionConfig(url, purpose)),
    max: connectionsMax,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    ...(purpose === 'reading' ? { options: '-c default_transaction_read_only=on' } : {}),
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  return new PostgresDialect({ pool })
}
