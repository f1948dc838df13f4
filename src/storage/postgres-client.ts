import type pg from 'pg'

/** Source: PostgreSQL, `pg_type.dat`: int8 and numeric, which `pg` leaves as text. */
const NUMBER_TYPES = new Set([20, 1700])

/** Longest wait for a new connection. Unit: ms. Ours. */
const CONNECT_TIMEOUT_MS = 5_000

/** Loaded when it is first needed: an installation on SQLite doesn't wait for it. */
export async function loadPg(): Promise<typeof pg> {
  return (await import('pg')).default
}

/** What every connection of ours has in common. */
export async function connectionConfig(url: string, purpose: string): Promise<pg.ClientConfig> {
  const { types } = await loadPg()
  const overridden: pg.CustomTypesConfig = {
    getTypeParser: (oid, format): unknown => (NUMBER_TYPES.has(oid) ? toNumber : types.getTypeParser(oid, format)),
  }
  return {
    connectionString: url,
    application_name: `packyard ${purpose}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: overridden,
  }
}

/**
 * One connection of its own, outside every pool. A question not answered within `queryTimeoutMs` fails, and the
 * connection must then be given up.
 */
export async function connectClient(url: string, purpose: string, queryTimeoutMs: number): Promise<pg.Client> {
  const { Client } = await loadPg()
  const client = new Client({ ...(await connectionConfig(url, purpose)), query_timeout: queryTimeoutMs })
  // Without a listener the loss of an idle connection would end the process; whoever asks next sees it anyway.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Throws a RangeError rather than hand over a number that isn't the one in the database, as `node:sqlite` does. */
function toNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`)
  return value
}
