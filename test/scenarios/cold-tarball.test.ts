import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { NpmWire } from '../support/npm-wire.ts'
import { type PackyardOptions, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { withPostgres } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const clients = 50

test('50 clients at once for one cold tarball make one upstream request (one process)', (t) => {
  return askAllAtOnce(t, { processes: 1 })
})

test('50 clients at once for one cold tarball make one upstream request (a process for each core)', (t) => {
  return askAllAtOnce(t, {})
})

test('50 clients at once for one cold tarball make one upstream request (PostgreSQL)', (t) => {
  return withPostgres(t, (databaseUrl) => askAllAtOnce(t, { databaseUrl }))
})

async function askAllAtOnce(t: TestContext, options: PackyardOptions): Promise<void> {
  const upstream = await startUpstream(t, { npm: [{ name: 'heavy', version: '1.0.0', noiseBytes: 4_000_000 }] })
  const yard = await startPackyard(t, { ...options, connections: { 'public:npmjs': upstream.url } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  const right = await upstream.tarball('heavy', '1.0.0')
  const path = upstream.tarballPath('heavy', '1.0.0')
  const { promise: everybodyAsked, resolve: goOn } = Promise.withResolvers<void>()
  upstream.break(path, { kind: 'hold', until: everybodyAsked }, 1)

  const replies = Array.from({ length: clients }, () => wire.tarball('heavy', '1.0.0'))
  await until('the first request to the upstream', () => upstream.count(path) || undefined)
  goOn()
  for (const reply of await Promise.all(replies)) {
    assert.equal(reply.status, 200)
    assert.ok(reply.bytes.equals(right), 'everybody has the right bytes')
  }
  assert.equal(upstream.count(path), 1)
  assert.deepEqual(await yard.versions('main', 'heavy'), ['1.0.0 Published EXTERNAL'])
}
