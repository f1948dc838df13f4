import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** The database of facts about packages, whichever kind it is. */
export interface Metadata extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres'
  /** For reading. Writing through it is a mistake: `write` announces changes, this does not. */
  readonly db: Kysely<Schema>
  readonly epochs: Epochs
  /**
   * Runs `work` in one transaction, and again from the start when the database asks for it (busy, serialization), so
   * `work` must not have effects outside `write.tx`. The scopes touched are announced when it has committed: to this
   * process before `write` returns, to others at once (SQLite, on their next `refresh`) or as soon as the
   * notification reaches them, one second at most (PostgreSQL).
   */
  write<T>(work: (write: Write) => Promise<T>): Promise<T>
  /** How busy the connections are, now. */
  pools(): readonly PoolLoad[]
  /** Throws when the database does not answer. */
  check(): Promise<void>
  close(): Promise<void>
}

export interface PoolLoad {
  readonly purpose: 'reading' | 'writing'
  /** Connections there are, and those of them that do nothing. */
  readonly open: number
  readonly idle: number
  /** Who wait for one. */
  readonly waiting: number
}

export interface Write {
  readonly tx: Transaction<Schema>
  /** Says that what is known by this scope has changed. See `scopes.ts` for the scopes there are. */
  touch(scope: string): void
}

/**
 * Numbers that change when what they stand for changes; caches keep the number beside what they keep.
 * Bounded: scopes share a fixed set of counters by their hash, so that two scopes may share one. Then one is forgotten
 * needlessly, never remembered wrongly.
 */
export interface Epochs {
  of(scope: string): number
  /** The counter behind a scope, for who asks again and again. */
  slotOf(scope: string): number
  /** What `of` says of a scope with this counter. */
  at(slot: number): number
  /** Learns what other processes committed before this turn of the event loop. Next to nothing when called again in it. */
  refresh(): void
}
