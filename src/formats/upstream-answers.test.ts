import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditions, earliestTime } from './upstream-answers.ts'

test('an upstream is asked by its tag, and by the date only where it gave none', () => {
  assert.deepEqual(conditions(undefined), {})
  assert.deepEqual(conditions({}), {})
  assert.deepEqual(conditions({ etag: '"1"', lastModified: 'then' }), { 'if-none-match': '"1"' })
  assert.deepEqual(conditions({ lastModified: 'then' }), { 'if-modified-since': 'then' })
})

test('a version is as old as the first of its files', () => {
  assert.equal(earliestTime([]), undefined)
  assert.equal(earliestTime([undefined]), undefined)
  assert.equal(earliestTime(['1970-01-01T00:00:02Z', undefined, '1970-01-01T00:00:01Z']), 1000)
  assert.equal(earliestTime(['1969-12-31T00:00:00Z']), 0)
})
