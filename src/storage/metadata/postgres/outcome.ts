import { type Kysely, sql } from 'kysely'

import { BackOff } from '../../back-off.ts'
import type { Schema } from '../schema.ts'

/** Longest wait for the database to come back and say. Unit: ms. Ours. */
const OUTCOME_WAIT_MAX_MS = 5_000

/** What became of a transaction whose commit was never answered; undefined when the database can't say in time. */
export async function outcomeOf(
  xid: string,
  db: Kysely<Schema>,
  random: () => number,
): Promise<'committed' | 'aborted' | undefined> {
  const startedAt = performance.now()
  const backOff = new BackOff({ shortestMs: 20, longestMs: 500 }, random)
  while (performance.now() - startedAt < OUTCOME_WAIT_MAX_MS) {
    await backOff.wait()
    const status = await statusOf(xid, db)
    if (status === 'committed' || status === 'aborted') return status
  }
  return undefined
}

async function statusOf(xid: string, db: Kysely<Schema>): Promise<string | undefined> {
  try {
    const { rows } = await sql<{ status: string }>`select pg_xact_status(${xid}::xid8) as status`.execute(db)
    return rows[0]?.status
  } catch {
    return undefined
  }
}
