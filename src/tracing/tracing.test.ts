import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSampler } from './sampler.ts'
import { parseTraceparent, renderTraceparent } from './trace-context.ts'
import { createTracer, type FinishedSpan } from './tracer.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

test('a traceparent is read and written as W3C has it', () => {
  assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, isSampled: true })
  assert.equal(parseTraceparent(`00-${traceId}-${spanId}-00`)?.isSampled, false)
  assert.ok(parseTraceparent(`cc-${traceId}-${spanId}-01-what-the-future-holds`), 'a later version may say more')
  assert.equal(renderTraceparent({ traceId, spanId, isSampled: true }), `00-${traceId}-${spanId}-01`)
  assert.equal(parseTraceparent(undefined), undefined)
  const mistakes = [
    '',
    'x',
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-01`.repeat(10_000),
  ]
  for (const text of mistakes) assert.equal(parseTraceparent(text), undefined, text.slice(0, 80))
})

test('samplers take what they say', () => {
  const sampled = { traceId, spanId, isSampled: true }
  const skipped = { ...sampled, isSampled: false }
  assert.equal(createSampler('parentbased_always_off', 1)(traceId, sampled), true)
  assert.equal(createSampler('parentbased_always_on', 1)(traceId, skipped), false)
  assert.equal(createSampler('always_on', 1)(traceId, skipped), true)
  assert.equal(createSampler('traceidratio', 0)(traceId, undefined), false)
  assert.equal(createSampler('traceidratio', 1)('f'.repeat(32), undefined), true)
  const quarter = createSampler('parentbased_traceidratio', 0.25)
  const ids = Array.from({ length: 4000 }, () => randomBytes(16).toString('hex'))
  const taken = ids.filter((id) => quarter(id, undefined)).length
  assert.ok(taken > 800 && taken < 1200, `${taken} of 4000`)
})

function tracerWith(sampler = createSampler('always_on', 1)) {
  const ended: FinishedSpan[] = []
  let count = 0
  const tracer = createTracer({
    sampler,
    onEnd: (span) => ended.push(span),
    clock: () => count,
    randomHex: (bytes) => String(++count).padStart(bytes * 2, '0'),
  })
  return { tracer, ended }
}

test('spans know their parents, over waits and side by side', async () => {
  const { tracer, ended } = tracerWith()
  const request = tracer.begin({ name: 'request', kind: 'server', remoteParent: { traceId, spanId, isSampled: true } })
  await request.run(() =>
    Promise.all(
      ['a', 'b'].map((name) =>
        tracer.within({ name }, async () => {
          await new Promise((resolve) => setImmediate(resolve))
          tracer.within({ name: `${name} inside` }, () => undefined)
        }),
      ),
    ),
  )
  request.end({ attributes: { status: 200 } })
  request.end({ attributes: { status: 500 } })
  assert.equal(ended.length, 5)
  assert.ok(ended.every((span) => span.traceId === traceId))
  const byName = new Map(ended.map((span) => [span.name, span]))
  assert.equal(byName.get('request')?.parentSpanId, spanId)
  assert.equal(byName.get('request')?.attributes['status'], 200)
  for (const name of ['a', 'b']) {
    assert.equal(byName.get(name)?.parentSpanId, byName.get('request')?.spanId)
    assert.equal(byName.get(`${name} inside`)?.parentSpanId, byName.get(name)?.spanId)
  }
})

test('a failure ends its span by its kind, and is thrown on', async () => {
  const { tracer, ended } = tracerWith()
  assert.throws(
    () =>
      tracer.within({ name: 'now' }, () => {
        throw new TypeError('secret')
      }),
    /secret/,
  )
  await assert.rejects(
    tracer.within({ name: 'later' }, () => Promise.reject(new RangeError('secret'))),
    /secret/,
  )
  assert.deepEqual(
    ended.map(({ name, error }) => [name, error]),
    [
      ['now', 'TypeError'],
      ['later', 'RangeError'],
    ],
  )
})

test('what is not sampled is told to nobody, and those inside neither', () => {
  const { tracer, ended } = tracerWith(createSampler('always_off', 1))
  tracer.within({ name: 'outer' }, () => tracer.within({ name: 'inner' }, () => undefined))
  assert.deepEqual(ended, [])
})
