import assert from 'node:assert/strict'
import { test } from 'node:test'
import { upstreamLimits } from './limits.ts'
import { isFailureStatus, isPassingStatus, parseRetryAfter, retryDelayMs } from './retry.ts'

test('Retry-After is read as seconds or as a date, and nothing else', () => {
  const now = Date.parse('2026-11-20T10:00:00Z')
  assert.equal(parseRetryAfter('3', now), 3000)
  assert.equal(parseRetryAfter('Fri, 20 Nov 2026 10:00:02 GMT', now), 2000)
  assert.equal(parseRetryAfter('Fri, 20 Nov 2026 09:00:00 GMT', now), 0)
  assert.equal(parseRetryAfter('soon', now), undefined)
  assert.equal(parseRetryAfter(undefined, now), undefined)
})

test('the wait doubles, and half of it is chance', () => {
  const limits = { ...upstreamLimits, retryDelayMs: 100 }
  assert.equal(
    retryDelayMs(1, limits, () => 0),
    50,
  )
  assert.equal(
    retryDelayMs(1, limits, () => 1),
    100,
  )
  assert.equal(
    retryDelayMs(3, limits, () => 0.5),
    300,
  )
})

test('a refusal is an answer, an accident is a failure, and a verdict of the server is not asked for twice', () => {
  assert.deepEqual([200, 304, 401, 404, 451].filter(isFailureStatus), [])
  assert.deepEqual([408, 429, 500, 501, 503].filter(isFailureStatus), [408, 429, 500, 501, 503])
  assert.deepEqual([408, 429, 500, 501, 503, 505].filter(isPassingStatus), [408, 429, 500, 503])
})
