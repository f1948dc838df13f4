import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBreaker } from './breaker.ts'
import { upstreamLimits } from './limits.ts'

const limits = { ...upstreamLimits, failuresBeforeOpen: 3, openMsMin: 100, openMsMax: 300 }

function brokenAt(clock: () => number) {
  const breaker = createBreaker(limits, clock)
  for (let failure = 0; failure < 3; failure++) breaker.failed(breaker.enter())
  return breaker
}

test('it opens after so many failures in a row, and an answer starts the count anew', () => {
  const breaker = createBreaker(limits, () => 0)
  breaker.failed(breaker.enter())
  breaker.failed(breaker.enter())
  breaker.answered(breaker.enter())
  breaker.failed(breaker.enter())
  breaker.failed(breaker.enter())
  assert.equal(breaker.enter(), 'pass')
  breaker.failed('pass')
  assert.equal(breaker.enter(), 'refuse')
})

test('after its pause one probe goes through, and its answer closes it', () => {
  let now = 0
  const breaker = brokenAt(() => now)
  now = 99
  assert.equal(breaker.enter(), 'refuse')
  assert.equal(breaker.waitMs(), 1)
  now = 100
  assert.equal(breaker.enter(), 'probe')
  assert.equal(breaker.enter(), 'refuse', 'one probe at a time')
  breaker.answered('probe')
  assert.equal(breaker.enter(), 'pass')
})

test('each failed probe doubles the pause, up to its limit', () => {
  let now = 0
  const breaker = brokenAt(() => now)
  for (const pause of [100, 200, 300, 300]) {
    assert.equal(breaker.waitMs(), pause)
    now += pause
    assert.equal(breaker.enter(), 'probe')
    breaker.failed('probe')
  }
})

test('a probe whose client left lets the next one try', () => {
  let now = 0
  const breaker = brokenAt(() => now)
  now = 100
  breaker.abandoned(breaker.enter())
  assert.equal(breaker.enter(), 'probe')
})

test('failures of requests that began before it opened do not prolong the pause', () => {
  const breaker = brokenAt(() => 0)
  breaker.failed('pass')
  breaker.failed('pass')
  assert.equal(breaker.waitMs(), 100)
})
