import assert from 'node:assert/strict'
import { test } from 'node:test'

import { EpochCounters } from './epoch-counters.ts'

test('a scope counts by itself, and all count when it is not known which', () => {
  const counters = new EpochCounters()
  counters.bump('package:d:npm/a')
  counters.bump('package:d:npm/a')
  assert.deepEqual([counters.of('package:d:npm/a'), counters.of('package:d:npm/b')], [2, 0])
  counters.bumpAll()
  assert.deepEqual([counters.of('package:d:npm/a'), counters.of('package:d:npm/b')], [3, 1])
})

test('scopes that differ little hardly ever share a counter', () => {
  const counters = new EpochCounters()
  const scopes = Array.from({ length: 1_000 }, (_, index) => `package:0198c7a2-domain:npm/package-${index}`)
  for (const scope of scopes) counters.bump(scope)
  const shared = scopes.filter((scope) => counters.of(scope) !== 1)
  assert.ok(shared.length < 40, `${shared.length} of 1000 share`)
})
