import type { PoolLoad } from '../metadata.ts'
import { retryWhileBusy } from './busy.ts'
import type { SqliteConnection } from './connection.ts'

/** How many writes, and for how long, may share one commit. Ours. */
const GROUP_MEMBERS_MAX = 64
const GROUP_MAX_MS = 20
/** Left to other processes after a commit, for they have to notice that nobody holds the lock. Unit: ms. Ours. */
const PAUSE_MS = 1

/** Writes that become durable together. */
interface Group {
  readonly openedAt: number
  readonly committed: PromiseWithResolvers<void>
  /** Those that have done their part. */
  members: number
}

/**
 * One write at a time, first come first served. Writes that wait for each other share one commit, as waiting for the
 * disk is most of what a write costs: each runs between savepoints of its own, and is acknowledged when all are durable.
 */
export class WriteTurns {
  readonly #connection: SqliteConnection
  readonly #random: () => number
  readonly #waiting: (() => void)[] = []
  #isTaken = false
  #isClosed = false
  #group: Group | undefined

  constructor(connection: SqliteConnection, random: () => number) {
    this.#connection = connection
    this.#random = random
  }

  /** A second write must wait here: its `begin` would block the thread on which the first has yet to go on. */
  async take(): Promise<void> {
    if (this.#isClosed) throw new Error('the database is closed')
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#isTaken = true
  }

  /** There is one connection. */
  load(): PoolLoad {
    return { purpose: 'writing', open: 1, idle: this.#isTaken ? 0 : 1, waiting: this.#waiting.length }
  }

  async begin(): Promise<void> {
    if (this.#group !== undefined) return this.#connection.exec('savepoint member')
    await retryWhileBusy(() => this.#connection.exec('begin immediate'), this.#random)
    const committed = Promise.withResolvers<void>()
    // Whoever waits for it is told; there may be nobody.
    committed.promise.catch(() => {})
    this.#group = { openedAt: performance.now(), committed, members: 0 }
  }

  /** Ends the turn. Resolves when what was written is durable. */
  async commit(): Promise<void> {
    const group = this.#group
    if (group === undefined || !this.#connection.isInTransaction) return this.#endBroken()
    if (group.members > 0) this.#connection.exec('release member')
    group.members += 1
    this.pass()
    await group.committed.promise
  }

  /** Ends the turn. */
  rollback(): void {
    if (!this.#connection.isInTransaction) this.#breakGroup()
    else if (this.#group === undefined || this.#group.members === 0) this.#rollbackAll()
    else this.#connection.exec('rollback to member; release member')
    this.pass()
  }

  /** Hands the turn on: to the next of the same group, or to the next of all after a commit. */
  pass(): void {
    const next = this.#waiting.shift()
    if (next !== undefined && this.#mayGrow()) return next()
    const isCommitted = this.#commitGroup()
    if (next === undefined) this.#isTaken = false
    else if (isCommitted) setTimeout(next, PAUSE_MS)
    else next()
  }

  /** Waits for those before; nobody comes after. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    const turn = this.take()
    this.#isClosed = true
    await turn
  }

  #mayGrow(): boolean {
    const group = this.#group
    return group !== undefined && group.members < GROUP_MEMBERS_MAX && performance.now() - group.openedAt < GROUP_MAX_MS
  }

  #commitGroup(): boolean {
    const group = this.#group
    if (group === undefined) return false
    this.#group = undefined
    try {
      this.#connection.exec('commit')
      group.committed.resolve()
    } catch (error) {
      if (this.#connection.isInTransaction) this.#connection.exec('rollback')
      group.committed.reject(error)
    }
    return true
  }

  #rollbackAll(): void {
    this.#group = undefined
    this.#connection.exec('rollback')
  }

  /** The database undoes everything by itself when the disk is full or fails. */
  #breakGroup(): void {
    this.#group?.committed.reject(new Error('the database undid the transaction, as when the disk is full'))
    this.#group = undefined
  }

  #endBroken(): never {
    this.#breakGroup()
    this.pass()
    throw new Error('the database undid the transaction, as when the disk is full')
  }
}
