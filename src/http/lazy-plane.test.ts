import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call, Plane, Reply } from './call.ts'
import { createLazyPlane } from './lazy-plane.ts'

const inner: Plane = {
  name: 'inner',
  matches: ({ path }) => path === '/mine',
  handle: ({ path }) => ({ status: 200, headers: {}, body: path }),
  renderError: () => ({ status: 418, headers: {} }),
}

const call = (path: string) => ({ id: 'id', path }) as Call

test('A lazy plane loads once, at the first call, and then is what it loaded', async () => {
  let loads = 0
  const plane = createLazyPlane('lazy', async () => {
    loads++
    return inner
  })
  assert.equal(plane.matches(call('/other')), true)
  const replies = await Promise.all([plane.handle(call('/mine')), plane.handle(call('/mine'))])
  assert.deepEqual(
    replies.map(({ body }: Reply) => body),
    ['/mine', '/mine'],
  )
  assert.equal(loads, 1)
  assert.equal(plane.matches(call('/other')), false)
  assert.equal(plane.renderError(new Error(), call('/mine')).status, 418)
})

test('What it turns out not to serve is 404', async () => {
  const plane = createLazyPlane('lazy', async () => inner)
  const failure = await Promise.resolve(plane.handle(call('/other'))).catch((error: unknown) => error)
  assert.equal(plane.renderError(failure, call('/other')).status, 404)
})

test('A load that failed is tried again', async () => {
  let loads = 0
  const plane = createLazyPlane('lazy', async () => {
    if (++loads === 1) throw new Error('no memory')
    return inner
  })
  await assert.rejects(async () => plane.handle(call('/mine')), /no memory/)
  assert.equal(plane.renderError(new Error('no memory'), call('/mine')).status, 500)
  assert.equal((await plane.handle(call('/mine'))).status, 200)
})
