import { setTimeout as sleep } from 'node:timers/promises'

import { LRUCache } from 'lru-cache'

import { isNotFound } from './s3-failure.ts'

/** How long a store that is eventually consistent may deny that it has what it took. Unit: ms. Ours. */
const SETTLED_AFTER_MS = 60_000
/** Waits before it is asked again, five seconds in all. Unit: ms. Ours. */
const WAITS_MS = [50, 100, 200, 400, 800, 1_500, 2_000]
/** Objects that are remembered. Unit: entries. Ours. */
const REMEMBERED_MAX = 10_000

/** What this process has written lately: a store that says that it is not there is asked again for a while. */
export class RecentWrites {
  readonly #keys: LRUCache<string, true>

  constructor(clock: () => number) {
    this.#keys = new LRUCache({ max: REMEMBERED_MAX, ttl: SETTLED_AFTER_MS, perf: { now: clock } })
  }

  note(key: string): void {
    this.#keys.set(key, true)
  }

  forget(key: string): void {
    this.#keys.delete(key)
  }

  /** Throws what `ask` does; that there is no such object only when it is not to be expected, or after a while. */
  async patiently<T>(key: string, ask: () => Promise<T>): Promise<T> {
    for (const wait of WAITS_MS) {
      try {
        return await ask()
      } catch (error) {
        if (!isNotFound(error) || !this.#keys.has(key)) throw error
      }
      await sleep(wait)
    }
    return ask()
  }
}
