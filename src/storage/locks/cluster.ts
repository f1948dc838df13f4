import { isLockGrant, type LockRequest } from './cluster-messages.ts'
import type { Locks } from './locks.ts'
import { LockQueues } from './memory.ts'

/** The part of `process` that leads to the primary. */
export interface PrimaryChannel {
  readonly connected: boolean
  send?(message: LockRequest): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'disconnect', listener: () => void): unknown
}

/**
 * For the workers of one `node:cluster`, whose primary must run `serveClusterLocks`. Callers within one worker wait
 * here; only the first of them asks the primary.
 */
export function clusterLocks(primary: PrimaryChannel): Locks {
  return new ClusterLocks(primary)
}

class ClusterLocks implements Locks {
  readonly #primary: PrimaryChannel
  readonly #queues = new LockQueues()
  readonly #asked = new Map<number, PromiseWithResolvers<void>>()
  #nextId = 1

  constructor(primary: PrimaryChannel) {
    this.#primary = primary
    primary.on('message', this.#onMessage)
    primary.on('disconnect', this.#onDisconnect)
  }

  async exclusively<T>(key: string, task: () => Promise<T>): Promise<T> {
    const leave = await this.#queues.acquire(key)
    const id = this.#nextId++
    try {
      await this.#acquire(id, key)
      return await task()
    } finally {
      this.#send({ packyardLock: 'release', id })
      leave()
    }
  }

  async close(): Promise<void> {
    this.#primary.off('message', this.#onMessage)
    this.#primary.off('disconnect', this.#onDisconnect)
    this.#rejectAll('the locks are closed')
  }

  async #acquire(id: number, key: string): Promise<void> {
    const asked = Promise.withResolvers<void>()
    this.#asked.set(id, asked)
    if (!this.#send({ packyardLock: 'acquire', id, key })) this.#rejectAll('the primary process is gone')
    await asked.promise
  }

  /** False when there is nobody to send to any more; its locks went with the primary then. */
  #send(request: LockRequest): boolean {
    if (!this.#primary.connected || this.#primary.send === undefined) return false
    this.#primary.send(request)
    return true
  }

  readonly #onMessage = (message: unknown): void => {
    if (!isLockGrant(message)) return
    this.#asked.get(message.id)?.resolve()
    this.#asked.delete(message.id)
  }

  readonly #onDisconnect = (): void => this.#rejectAll('the primary process is gone')

  #rejectAll(reason: string): void {
    for (const asked of this.#asked.values()) asked.reject(new Error(`lock not given: ${reason}`))
    this.#asked.clear()
  }
}
