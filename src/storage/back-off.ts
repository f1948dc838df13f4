import { setTimeout as sleep } from 'node:timers/promises'

export interface BackOffLimits {
  readonly shortestMs: number
  readonly longestMs: number
}

/** Waits between attempts: each may be twice as long as the one before, and how long exactly is chance. */
export class BackOff {
  readonly #limits: BackOffLimits
  readonly #random: () => number
  #nextMs: number

  constructor(limits: BackOffLimits, random: () => number) {
    this.#limits = limits
    this.#random = random
    this.#nextMs = limits.shortestMs
  }

  /** Never less than half of the longest possible, so that many waiters spread but none spins. */
  async wait(signal?: AbortSignal): Promise<void> {
    const waitMs = this.#nextMs * (0.5 + this.#random() / 2)
    this.#nextMs = Math.min(this.#nextMs * 2, this.#limits.longestMs)
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal })
  }
}
