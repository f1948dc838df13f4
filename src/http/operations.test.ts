import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call, Reply } from './call.ts'
import { createOperationsPlane } from './operations.ts'

function setup() {
  const state = { now: 0, isBroken: false, checked: 0 }
  const plane = createOperationsPlane({
    checks: {
      async database() {
        state.checked++
        if (state.isBroken) throw new Error('connection refused by db.internal')
      },
      blobs: async () => {},
    },
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
    clock: () => state.now,
  })
  const get = async (path: string, method = 'GET'): Promise<Reply> => plane.handle({ method, path } as Call)
  return { state, plane, get }
}

test('Ready says what was checked; unready says what failed and nothing about the inside', async () => {
  const { state, get } = setup()
  const ready = await get('/readyz')
  assert.deepEqual([ready.status, ready.body], [200, '{"status":"ready","checks":{"database":"ok","blobs":"ok"}}'])
  state.isBroken = true
  state.now = 1000
  const unready = await get('/readyz')
  assert.deepEqual(
    [unready.status, unready.body],
    [503, '{"status":"unready","checks":{"database":"failed","blobs":"ok"}}'],
  )
})

test('However many ask, the parts are checked once a second', async () => {
  const { state, get } = setup()
  await Promise.all([get('/readyz'), get('/readyz'), get('/readyz')])
  await get('/readyz')
  assert.equal(state.checked, 1)
  state.now = 1000
  await get('/readyz')
  assert.equal(state.checked, 2)
})

test('Alive is said without asking anybody', async () => {
  const { state, get } = setup()
  assert.equal((await get('/healthz')).status, 200)
  assert.equal(state.checked, 0)
})

test('Only reading is allowed', () => {
  const { plane } = setup()
  assert.throws(() => plane.handle({ method: 'POST', path: '/healthz' } as Call), { status: 405 })
})
