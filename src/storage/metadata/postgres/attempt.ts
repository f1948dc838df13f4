import type { Kysely } from 'kysely'

import type { Write } from '../metadata.ts'
import type { Schema } from '../schema.ts'
import { TouchedScopes } from '../touched-scopes.ts'
import { withinWriteLimit } from '../write-limit.ts'
import type { Announced, PostgresChanges } from './changes.ts'
import { isConflict, isConnectionLost } from './errors.ts'
import { outcomeOf } from './outcome.ts'

export interface AttemptParts {
  readonly writer: Kysely<Schema>
  readonly changes: PostgresChanges
  readonly clock: () => number
  readonly random: () => number
}

/** Repeatable: nothing happened, and the same work may succeed next time. */
export type Attempt<T> =
  | { readonly kind: 'committed'; readonly result: T }
  | { readonly kind: 'failed' | 'repeatable'; readonly error: unknown }

/** A transaction of which only the commit is left. */
interface Pending<T> {
  readonly result: T
  readonly announced: Announced | undefined
}

/**
 * Runs the work in one transaction. Serializable, as every transaction is on SQLite: code that holds there holds here,
 * at the price of repeating what collides.
 */
export async function attempt<T>(work: (write: Write) => Promise<T>, parts: AttemptParts): Promise<Attempt<T>> {
  let pending: Pending<T> | undefined
  try {
    const { result, announced } = await parts.writer
      .transaction()
      .setIsolationLevel('serializable')
      .execute(async (tx) => {
        const touched = new TouchedScopes()
        const result = await withinWriteLimit(work({ tx, touch: touched.touch }))
        const scopes = touched.list
        const announced = scopes.length === 0 ? undefined : await parts.changes.announce(tx, scopes, parts.clock())
        pending = { result, announced }
        return pending
      })
    announced?.committed()
    return { kind: 'committed', result }
  } catch (error) {
    if (isConflict(error)) return { kind: 'repeatable', error }
    if (!isConnectionLost(error)) return { kind: 'failed', error }
    return pending === undefined ? { kind: 'repeatable', error } : await afterLostCommit(pending, parts, error)
  }
}

/** The commit was sent but not answered: only the database knows what became of it. */
async function afterLostCommit<T>(pending: Pending<T>, parts: AttemptParts, cause: unknown): Promise<Attempt<T>> {
  const { result, announced } = pending
  announced?.unknown()
  const outcome = announced === undefined ? undefined : await outcomeOf(announced.xid, parts.writer, parts.random)
  switch (outcome) {
    case 'committed':
      announced?.committed()
      return { kind: 'committed', result }
    case 'aborted':
      return { kind: 'repeatable', error: cause }
    case undefined:
      return {
        kind: 'failed',
        error: new Error('the connection was lost while committing: the write may or may not have happened', { cause }),
      }
  }
}
