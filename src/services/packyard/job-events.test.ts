import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createStreamLimits, streamEvents } from './job-events.ts'

test('each change is told once, and an end after the last', async () => {
  const states = ['1', '1', '2', '2', '3']
  let closed = 0
  const stream = streamEvents('job', {
    look: async () => ({ data: states.shift() ?? '', isLast: states.length === 0 }),
    signal: new AbortController().signal,
    steadyClock: () => performance.now(),
    onClose: () => closed++,
  })
  assert.equal(
    await text(stream),
    'event: job\ndata: 1\n\nevent: job\ndata: 2\n\nevent: job\ndata: 3\n\nevent: end\ndata: {}\n\n',
  )
  assert.equal(closed, 1)
})

test('a stream whose listener may listen no more ends, and so does one that has lasted long', async () => {
  const signal = new AbortController().signal
  const ended = streamEvents('job', { look: async () => undefined, signal, steadyClock: () => 0, onClose() {} })
  assert.equal(await text(ended), 'event: end\ndata: {}\n\n')
  let now = 0
  const steadyClock = () => (now += 16_000)
  const look = async () => ({ data: '1', isLast: false })
  const long = await text(streamEvents('job', { look, signal, steadyClock, onClose() {} }))
  assert.match(long, /^event: job\ndata: 1\n\n(:\n\n)+$/, 'with a sign of life when there is no news')
})

test('a client that goes away is looked for no more', async () => {
  const gone = new AbortController()
  let looks = 0
  const closed = Promise.withResolvers<void>()
  const stream = streamEvents('job', {
    look: async () => ({ data: String(looks++), isLast: false }),
    signal: gone.signal,
    steadyClock: () => performance.now(),
    onClose: () => closed.resolve(),
  })
  stream.resume()
  gone.abort()
  await closed.promise
  const before = looks
  assert.ok(before <= 2)
})

test('one principal has few streams, and gets places back', () => {
  const limits = createStreamLimits()
  const leave = Array.from({ length: 10 }, () => limits.enter('a'))
  assert.throws(() => limits.enter('a'), /too many event streams are open/)
  limits.enter('b')
  leave[0]?.()
  limits.enter('a')
})
