import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, type TestContext, test } from 'node:test'

import type { Locks } from './locks.ts'

/** Two callers who know nothing of each other, as in two processes, or the same twice where there is only one. */
export interface LocksUnderTest {
  readonly first: Locks
  readonly second: Locks
}

/** What every kind of Locks must do. Undefined: what it needs is missing, and the test is marked so. */
export function testLocks(name: string, open: (t: TestContext) => Promise<LocksUnderTest | undefined>): void {
  const on = (title: string, run: (locks: LocksUnderTest) => Promise<void>): void => {
    test(title, async (t) => {
      const locks = await open(t)
      if (locks !== undefined) await run(locks)
    })
  }
  describe(`Locks: ${name}`, { concurrency: false }, () => {
    on('one task at a time for a key, and each gets its turn', async ({ first, second }) => {
      const { task, most, ended } = countingTasks()
      const locks = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? second : first))
      await Promise.all(locks.map(async (lock) => lock.exclusively('key', task)))
      assert.equal(most(), 1)
      assert.equal(ended(), 12)
    })

    on('tasks of different keys do not wait for each other', async ({ first, second }) => {
      const both = Promise.withResolvers<void>()
      let running = 0
      const meet = async () => {
        running += 1
        if (running === 3) both.resolve()
        await both.promise
      }
      await Promise.all([first.exclusively('a', meet), first.exclusively('b', meet), second.exclusively('c', meet)])
      assert.equal(running, 3)
    })

    on('the result comes back, and so does the error; either frees the lock', async ({ first, second }) => {
      assert.equal(await first.exclusively('key', async () => 'result'), 'result')
      const failing = first.exclusively('key', async () => {
        throw new Error('the task failed')
      })
      await assert.rejects(failing, /the task failed/)
      assert.equal(await second.exclusively('key', async () => 'next'), 'next')
    })

    on('any text is a key', async ({ first }) => {
      for (const key of ['', ' ', 'päckchen/§', 'x'.repeat(10_000), "'; drop table x; --"]) {
        assert.equal(await first.exclusively(key, async () => key.length), key.length)
      }
    })
  })
}

function countingTasks(): { task(): Promise<void>; most(): number; ended(): number } {
  let running = 0
  let most = 0
  let ended = 0
  return {
    task: async () => {
      running += 1
      most = Math.max(most, running)
      for (let turns = 0; turns < 5; turns++) await turn()
      running -= 1
      ended += 1
    },
    most: () => most,
    ended: () => ended,
  }
}
