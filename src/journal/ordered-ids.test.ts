import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { orderedIds } from './ordered-ids.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('ids sort as they were made, many in a millisecond and while the clock goes back', () => {
  const start = Date.UTC(2026, 0, 31)
  let now = start
  const next = orderedIds(() => now, randomUUID)
  const made: string[] = []
  for (const step of [0, 1, -500, 0, 2000]) {
    now += step
    for (let count = 0; count < 10_000; count++) made.push(next())
  }
  for (const id of made) assert.match(id, uuid)
  assert.deepEqual(made.toSorted(), made)
  assert.equal(new Set(made).size, made.length)
})

test('an id tells when it was made', () => {
  const now = Date.UTC(2026, 0, 31)
  const id = orderedIds(() => now, randomUUID)()
  assert.equal(Number.parseInt(id.replace('-', '').slice(0, 12), 16), now)
})
