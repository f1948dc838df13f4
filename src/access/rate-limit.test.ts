import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administrator } from '../../test/support/registry.ts'
import { createRateLimit, RateLimitError } from './rate-limit.ts'

function start(perSecond: number) {
  const time = { now: 0 }
  return { time, take: createRateLimit({ perSecond, clock: () => time.now }) }
}

function taken(take: (principal: typeof administrator.principal) => void, principal = administrator.principal): number {
  let count = 0
  try {
    for (; count < 1000; count++) take(principal)
  } catch (error) {
    assert.ok(error instanceof RateLimitError)
    assert.equal(error.retryAfterSeconds, 1)
  }
  return count
}

test('two seconds worth may be asked for at once, then what flows in again', () => {
  const { time, take } = start(10)
  assert.equal(taken(take), 20)
  time.now += 500
  assert.equal(taken(take), 5)
  time.now += 3_600_000
  assert.equal(taken(take), 20, 'a long rest saves up no more')
})

test('one caller does not spend what another has', () => {
  const { take } = start(10)
  assert.equal(taken(take), 20)
  assert.equal(taken(take, { ...administrator.principal }), 20)
})

test('who keeps asking in vain is not held back longer', () => {
  const { time, take } = start(10)
  taken(take)
  for (let i = 0; i < 100; i++) assert.equal(taken(take), 0)
  time.now += 100
  assert.equal(taken(take), 1)
})

test('without a limit nothing is counted', () => {
  const { take } = start(0)
  assert.equal(taken(take), 1000)
})

test('processes that share a limit have equal parts of it, as many as there are at the moment', () => {
  let now = 0
  let processes = 2
  const take = createRateLimit({ perSecond: 10, processes: () => processes, clock: () => now })
  assert.equal(taken(take), 10)
  processes = 5
  now += 1_000
  assert.equal(taken(take), 2)
})
