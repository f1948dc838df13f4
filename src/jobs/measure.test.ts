import assert from 'node:assert/strict'
import { testOnEachDatabase } from '../../test/support/each-registry.ts'
import { account } from '../../test/support/registry.ts'
import { measure } from './measure.ts'
import { readQueueFigures } from './work-figures.ts'

const never = new AbortController().signal

testOnEachDatabase('what is held twice counts twice, and is stored once', async (_t, open) => {
  const registry = await open()
  await registry.setUp('one', 'two→one')
  await registry.publish('one', 'lib', '1.0.0', 'x'.repeat(1000))
  await registry.publish('one', 'lib', '1.0.1', 'y'.repeat(10))
  await registry.download('two', 'lib', '1.0.0')
  const { metadata } = registry.parts
  const measures = await measure(metadata, never)
  assert.deepEqual(measures, { versions: 3, heldBytes: 2010, storedBytes: 1010, blobs: 2 })
  await assert.rejects(measure(metadata, AbortSignal.abort(new Error('enough'))), /enough/)
})

testOnEachDatabase('queues are counted no further than needed', async (_t, open) => {
  const registry = await open()
  await registry.setUp('one')
  await registry.publish('one', 'lib', '1.0.0')
  const { metadata, now } = { ...registry.parts, now: registry.now }
  const row = { target_key: 't', account_id: account, event_id: 'e', line: 'l', sequence: 1, body: '{}', attempts: 0 }
  const times = { due_at: now, created_at: now, failed_at: null, last_error: null }
  for (let at = 0; at < 10_500; at += 500) {
    const values = Array.from({ length: 500 }, (_, more) => {
      return { ...row, ...times, id: String(at + more).padStart(9, '0'), state: at < 500 ? 'dead' : 'pending' }
    })
    await metadata.write(({ tx }) => tx.insertInto('event_deliveries').values(values).execute())
  }
  assert.deepEqual(await readQueueFigures(metadata.db), { pending: 10_000, dead: 500, unrouted: 1 })
})
