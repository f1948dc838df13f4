import type { Locks } from './locks.ts'

/** For callers within this process. First come, first served. */
export function memoryLocks(): Locks {
  const queues = new LockQueues()
  return {
    exclusively: async (key, task) => {
      const release = await queues.acquire(key)
      try {
        return await task()
      } finally {
        release()
      }
    },
    close: async () => {},
  }
}

/** Who holds and who waits, by key. Only keys in use take room. */
export class LockQueues {
  readonly #tails = new Map<string, Promise<void>>()

  /** Resolves when it is the caller's turn, with the function that ends it. */
  async acquire(key: string): Promise<() => void> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const before = this.#tails.get(key)
    this.#tails.set(key, released)
    await before
    return () => {
      if (this.#tails.get(key) === released) this.#tails.delete(key)
      release()
    }
  }
}
