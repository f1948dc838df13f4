import { createHash } from 'node:crypto'

import type pg from 'pg'

import { BackOff } from '../back-off.ts'
import { connectClient } from '../postgres-client.ts'
import type { Locks } from './locks.ts'
import { LockQueues } from './memory.ts'

/** Longest wait for an answer; then the connection is given up and its locks with it. Unit: ms. Ours. */
const ANSWER_TIMEOUT_MS = 5_000

export interface PostgresLockSettings {
  readonly url: string
  readonly random?: () => number
}

/**
 * For all processes on one database: advisory locks of the session, so the database takes them back when the process
 * dies. Callers within one process wait here; only the first of them asks the database, again and again. One connection
 * serves all keys. When it is lost, so are the locks: a task under way goes on, and another process may begin the same.
 */
export function postgresLocks({ url, random = Math.random }: PostgresLockSettings): Locks {
  return new PostgresLocks(url, random)
}

class PostgresLocks implements Locks {
  readonly #url: string
  readonly #random: () => number
  readonly #queues = new LockQueues()
  readonly #closing = new AbortController()
  #lastAnswer: Promise<unknown> = Promise.resolve()
  #session: Promise<pg.Client> | undefined
  #live: pg.Client | undefined

  constructor(url: string, random: () => number) {
    this.#url = url
    this.#random = random
  }

  async exclusively<T>(key: string, task: () => Promise<T>): Promise<T> {
    const leave = await this.#queues.acquire(key)
    try {
      const number = advisoryKey(key)
      const session = await this.#acquire(number)
      try {
        return await task()
      } finally {
        await this.#release(session, number)
      }
    } finally {
      leave()
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('lock not given: the locks are closed'))
    const session = await this.#session?.catch(() => undefined)
    await session?.end().catch(() => {})
  }

  async #acquire(number: string): Promise<pg.Client> {
    const { signal } = this.#closing
    const backOff = new BackOff({ shortestMs: 20, longestMs: 200 }, this.#random)
    for (;;) {
      signal.throwIfAborted()
      // The session may have been lost unnoticed; then a new one gets a try of its own.
      const attempt = await this.#try(number).catch(async () => this.#try(number))
      if (attempt.isGiven) return attempt.session
      await backOff.wait(signal)
    }
  }

  async #try(number: string): Promise<{ session: pg.Client; isGiven: boolean }> {
    const session = await this.#connected()
    try {
      const { rows } = await this.#ask(session, 'select pg_try_advisory_lock($1) as given', number)
      return { session, isGiven: rows[0]?.given === true }
    } catch (error) {
      await this.#giveUp(session)
      throw error
    }
  }

  /** When the connection is lost the lock is gone already. */
  async #release(session: pg.Client, number: string): Promise<void> {
    await this.#ask(session, 'select pg_advisory_unlock($1) as given', number).catch(async () => this.#giveUp(session))
  }

  /** One question at a time: `pg` is about to refuse to queue them. */
  async #ask(session: pg.Client, text: string, number: string): Promise<pg.QueryResult<{ given: boolean }>> {
    const asked = this.#lastAnswer.then(async () => session.query<{ given: boolean }>(text, [number]))
    this.#lastAnswer = asked.catch(() => undefined)
    return asked
  }

  async #connected(): Promise<pg.Client> {
    this.#session ??= this.#connect()
    return this.#session
  }

  async #connect(): Promise<pg.Client> {
    try {
      const session = await connectClient(this.#url, 'locking', ANSWER_TIMEOUT_MS)
      session.once('end', () => this.#forget(session)).once('error', () => this.#forget(session))
      this.#live = session
      return session
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }

  #forget(session: pg.Client): void {
    if (this.#live !== session) return
    this.#live = undefined
    this.#session = undefined
  }

  async #giveUp(session: pg.Client): Promise<void> {
    this.#forget(session)
    await session.end().catch(() => {})
  }
}

/** A 64-bit number for a text of any length. Two texts with the same number would only wait for each other. */
function advisoryKey(key: string): string {
  return createHash('sha256').update(`packyard lock ${key}`).digest().readBigInt64BE(0).toString()
}
