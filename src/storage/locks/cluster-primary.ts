import type { Cluster, Worker } from 'node:cluster'

import { isLockRequest, type LockGrant, type LockRequest } from './cluster-messages.ts'
import type { Locks } from './locks.ts'
import { LockQueues } from './memory.ts'

/** What one worker holds or waits for, by its own number of the request. */
type Held = Map<number, () => void>

/**
 * Gives locks to the workers of this cluster, one at a time for each key, and takes them back from a worker that is
 * gone. The locks returned are for the primary itself, and exclude the workers too.
 */
export function serveClusterLocks(cluster: Pick<Cluster, 'on' | 'off'>): Locks {
  const queues = new LockQueues()
  const workers = new Map<number, Held>()

  const onMessage = (worker: Worker, message: unknown): void => {
    if (isLockRequest(message)) serve(queues, heldBy(workers, worker.id), worker, message)
  }
  const onExit = (worker: Worker): void => {
    for (const release of workers.get(worker.id)?.values() ?? []) release()
    workers.delete(worker.id)
  }
  cluster.on('message', onMessage)
  cluster.on('exit', onExit)

  return {
    exclusively: async (key, task) => {
      const release = await queues.acquire(key)
      try {
        return await task()
      } finally {
        release()
      }
    },
    close: async () => {
      cluster.off('message', onMessage)
      cluster.off('exit', onExit)
    },
  }
}

function heldBy(workers: Map<number, Held>, workerId: number): Held {
  const held = workers.get(workerId) ?? new Map()
  workers.set(workerId, held)
  return held
}

function serve(queues: LockQueues, held: Held, worker: Worker, request: LockRequest): void {
  if (request.packyardLock === 'release') {
    held.get(request.id)?.()
    held.delete(request.id)
    return
  }
  const { id, key } = request
  const turn = queues.acquire(key)
  // Until its turn comes, giving the lock back means giving it back when it comes.
  held.set(id, () => void turn.then((release) => release()))
  void turn.then(() => {
    const grant: LockGrant = { packyardLock: 'granted', id }
    if (worker.isConnected()) worker.send(grant)
  })
}
