import type { Transaction } from 'kysely'

import { EpochCounters, slotOf } from '../epoch-counters.ts'
import type { Epochs } from '../metadata.ts'
import type { Schema } from '../schema.ts'
import type { SqliteConnection } from './connection.ts'

/** How long a change stays written down for other processes to learn of. Unit: ms. Ours. */
const CHANGE_KEPT_MS = 3_600_000
/** Old changes are looked for once in so many announcements, among so many of the oldest rows. */
const PRUNE_EVERY = 64
const PRUNE_ROWS = 1_000

interface ChangeRow {
  readonly sequence: number
  readonly scope: string
}

/** How long it may be believed that no other process has changed anything. */
export interface Trust {
  /** 0: for a turn of the event loop. Unit: ms. */
  readonly forMs: number
  /** Steady. Unit: ms. */
  readonly clock: () => number
}

/**
 * What changed, learnt from the `changes` table. Sequences are given under the write lock, so they have no gaps and
 * appear in order: a gap means that rows were pruned before this process read them.
 */
export class SqliteChanges implements Epochs {
  readonly #counters = new EpochCounters()
  /** Used for nothing else: its `data_version` moves when any other connection commits. */
  readonly #watcher: SqliteConnection
  readonly #readDataVersion: () => number
  #dataVersion: number
  #lastSeen: number
  #announcements = 0
  readonly #trust: Trust
  #isCurrent = false
  #currentUntil = Number.NEGATIVE_INFINITY

  constructor(watcher: SqliteConnection, trust: Trust) {
    this.#watcher = watcher
    this.#trust = trust
    this.#readDataVersion = watcher.prepareNumber('pragma data_version')
    this.#dataVersion = this.#readDataVersion()
    this.#lastSeen = watcher.prepareNumber('select max(sequence) from changes')()
  }

  of(scope: string): number {
    return this.#counters.of(scope)
  }

  slotOf(scope: string): number {
    return slotOf(scope)
  }

  at(slot: number): number {
    return this.#counters.at(slot)
  }

  /**
   * Asks once per turn of the event loop, as a request takes part in one turn when all it needs is remembered: what was
   * acknowledged elsewhere before its bytes were read here had been committed before this turn began to read. A process
   * that serves alone asks more seldom.
   */
  refresh(): void {
    if (this.#isStillCurrent()) return
    const dataVersion = this.#readDataVersion()
    if (dataVersion === this.#dataVersion) return
    const sql = 'select sequence, scope from changes where sequence > ? order by sequence'
    this.#absorb(this.#watcher.query<ChangeRow>(sql, [this.#lastSeen]).rows)
    this.#dataVersion = dataVersion
  }

  /**
   * Writes the scopes down in their transaction. The returned function must be called once that has committed; it
   * also takes in what others committed before, so that the own changes aren't taken for news later.
   */
  async announce(tx: Transaction<Schema>, scopes: readonly string[], now: number): Promise<() => void> {
    const after = this.#lastSeen
    await tx
      .insertInto('changes')
      .values(scopes.map((scope) => ({ scope, created_at: now })))
      .execute()
    const rows = await tx
      .selectFrom('changes')
      .select(['sequence', 'scope'])
      .where('sequence', '>', after)
      .orderBy('sequence')
      .execute()
    this.#announcements += 1
    if (this.#announcements % PRUNE_EVERY === 0) await prune(tx, now - CHANGE_KEPT_MS)
    return () => this.#absorb(rows)
  }

  close(): void {
    this.#watcher.close()
  }

  #isStillCurrent(): boolean {
    if (this.#trust.forMs > 0) {
      const now = this.#trust.clock()
      const isCurrent = now < this.#currentUntil
      if (!isCurrent) this.#currentUntil = now + this.#trust.forMs
      return isCurrent
    }
    const isCurrent = this.#isCurrent
    this.#isCurrent = true
    if (!isCurrent) setImmediate(this.#endTurn)
    return isCurrent
  }

  readonly #endTurn = (): void => {
    this.#isCurrent = false
  }

  #absorb(rows: readonly ChangeRow[]): void {
    for (const { sequence, scope } of rows) {
      if (sequence <= this.#lastSeen) continue
      if (sequence === this.#lastSeen + 1) this.#counters.bump(scope)
      else this.#counters.bumpAll()
      this.#lastSeen = sequence
    }
  }
}

/** The newest row always stays, so that a process which missed the others sees the gap before it. */
async function prune(tx: Transaction<Schema>, before: number): Promise<void> {
  const oldest = tx.selectFrom('changes').select(['sequence', 'created_at']).orderBy('sequence').limit(PRUNE_ROWS)
  await tx
    .deleteFrom('changes')
    .where('sequence', 'in', (query) =>
      query.selectFrom(oldest.as('oldest')).select('sequence').where('created_at', '<', before),
    )
    .where('sequence', '<', (query) => query.selectFrom('changes').select((max) => max.fn.max('sequence').as('newest')))
    .execute()
}
