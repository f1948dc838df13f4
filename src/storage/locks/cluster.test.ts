import assert from 'node:assert/strict'
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import path from 'node:path'
import { type TestContext, test } from 'node:test'

import { serveClusterLocks } from './cluster-primary.ts'
import type { Locks } from './locks.ts'
import { testLocks } from './locks.conformance.ts'

/** What the worker does for a test: holds a lock for as long as the test's own task runs. */
export type WorkerOrder =
  | { readonly order: 'take'; readonly number: number; readonly key: string }
  | { readonly order: 'end'; readonly number: number }
export interface WorkerNews {
  readonly news: 'taken' | 'ended'
  readonly number: number
}

testLocks('a cluster, two workers', async (t) => {
  const { fork } = servedCluster(t)
  return { first: through(await fork()), second: through(await fork()) }
})

testLocks('a cluster, the primary and a worker', async (t) => {
  const { primary, fork } = servedCluster(t)
  return { first: primary, second: through(await fork()) }
})

test('a worker that dies gives back what it holds and what it waits for', async (t) => {
  const { primary, fork } = servedCluster(t)
  const [holder, heir] = [await fork(), await fork()]
  const held = Promise.withResolvers<void>()
  const theirs = through(holder)
  const hold = async () => {
    held.resolve()
    await once(holder, 'exit')
  }
  const first = theirs.exclusively('key', hold)
  await held.promise
  const second = theirs.exclusively('key', async () => {})
  const inherited = through(heir).exclusively('key', async () => 'inherited')
  holder.process.kill('SIGKILL')
  assert.equal(await inherited, 'inherited')
  assert.equal(await primary.exclusively('key', async () => 'free'), 'free')
  await Promise.all([first, second])
})

function servedCluster(t: TestContext): { primary: Locks; fork(): Promise<Worker> } {
  const primary = serveClusterLocks(cluster)
  cluster.setupPrimary({ exec: path.join(import.meta.dirname, 'cluster-worker.fixture.ts'), execArgv: [] })
  const workers: Worker[] = []
  t.after(async () => {
    await Promise.all(workers.map(ended))
    await primary.close()
  })
  return {
    primary,
    fork: async () => {
      const worker = cluster.fork()
      workers.push(worker)
      await once(worker, 'online')
      return worker
    },
  }
}

async function ended(worker: Worker): Promise<void> {
  if (worker.isDead()) return
  worker.process.kill('SIGKILL')
  await once(worker, 'exit')
}

/** The worker's locks, seen from here: it tells when it has the lock, and keeps it until told to let go. */
function through(worker: Worker): Locks {
  let orders = 0
  return {
    exclusively: async (key, task) => {
      orders += 1
      const number = orders
      const taken = newsOf(worker, 'taken', number)
      worker.send({ order: 'take', number, key } satisfies WorkerOrder)
      await taken
      try {
        return await task()
      } finally {
        const end = newsOf(worker, 'ended', number)
        if (worker.isConnected()) worker.send({ order: 'end', number } satisfies WorkerOrder)
        await end
      }
    },
    close: async () => {},
  }
}

/** Resolves as well when the worker is gone: nothing more will be heard of it. */
async function newsOf(worker: Worker, news: WorkerNews['news'], number: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const onMessage = (message: WorkerNews) => {
    if (message.news === news && message.number === number) resolve()
  }
  worker.on('message', onMessage).on('exit', resolve)
  if (worker.isDead()) resolve()
  await promise
  worker.off('message', onMessage).off('exit', resolve)
}
