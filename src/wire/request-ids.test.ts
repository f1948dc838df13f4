import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createRequestIds } from './request-ids.ts'

test('Ids of requests have the form of UUIDs and differ, within a process and between two', () => {
  const [first, second] = [createRequestIds(randomUUID()), createRequestIds(randomUUID())]
  const ids = Array.from({ length: 1000 }, () => [first(), second()]).flat()
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('Counting goes on from the beginning after the last number', () => {
  const next = createRequestIds('00000000-0000-4000-8000-ffffffffffff')
  const ids = Array.from({ length: 16 ** 3 }, next)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.equal(id.length, 36)
})
