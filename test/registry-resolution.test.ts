import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openRegistry, type TestRegistry } from './support/registry.ts'
import { withPostgres } from './support/setups.ts'
import { startUpstream } from './support/upstream.ts'

/** Each on SQLite and on PostgreSQL. */
function registryTest(
  title: string,
  body: (t: TestContext, open: (connections?: Record<string, string>) => Promise<TestRegistry>) => Promise<void>,
) {
  test(`${title} (SQLite)`, (t) => body(t, (connections = {}) => openRegistry(t, { connections })))
  test(`${title} (PostgreSQL)`, (t) =>
    withPostgres(t, (databaseUrl) => body(t, (connections = {}) => openRegistry(t, { connections, databaseUrl }))))
}

registryTest('the first holder in search order decides', async (_t, open) => {
  const registry = await open()
  await registry.setUp('far', 'near', 'team→near,far')
  await registry.publish('far', 'tiny', '1.0.0', 'from far')
  await registry.publish('near', 'tiny', '1.0.0', 'from near')
  assert.equal((await registry.download('team', 'tiny', '1.0.0')).toString(), 'from near')
  assert.deepEqual(await registry.held('team', 'tiny'), ['1.0.0 Published INTERNAL near'])
})

registryTest('what was retained stays, whatever becomes of the upstream order', async (_t, open) => {
  const registry = await open()
  await registry.setUp('one', 'two', 'team→one,two')
  await registry.publish('one', 'tiny', '1.0.0', 'from one')
  await registry.publish('two', 'tiny', '1.0.0', 'from two')
  assert.equal((await registry.download('team', 'tiny', '1.0.0')).toString(), 'from one')
  await registry.setUpstreams('team', 'two', 'one')
  assert.equal((await registry.download('team', 'tiny', '1.0.0')).toString(), 'from one')
})

registryTest(
  'reading an index retains nothing; fetching an asset retains in the repository asked',
  async (_t, open) => {
    const registry = await open()
    await registry.setUp('store', 'shared→store', 'team→shared')
    await registry.publish('store', 'tiny', '1.0.0')
    assert.deepEqual((await registry.shown('team', 'tiny')).versions, ['1.0.0'])
    assert.deepEqual(await registry.held('team', 'tiny'), [])
    await registry.download('team', 'tiny', '1.0.0')
    assert.deepEqual(await registry.held('team', 'tiny'), ['1.0.0 Published INTERNAL store'])
    assert.deepEqual(await registry.held('shared', 'tiny'), [])
  },
)

registryTest('a version from outside is kept where it was asked and where the connection is', async (t, open) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const registry = await open({ 'public:npmjs': upstream.url })
  await registry.setUp('store+public:npmjs', 'shared→store', 'team→shared')
  const bytes = await registry.download('team', 'tiny', '1.3.0')
  assert.deepEqual(bytes, await upstream.tarball('tiny', '1.3.0'))
  const external = ['1.3.0 Published EXTERNAL public:npmjs']
  assert.deepEqual(await registry.held('team', 'tiny'), external)
  assert.deepEqual(await registry.held('shared', 'tiny'), [])
  assert.deepEqual(await registry.held('store', 'tiny'), external)
  const { size } = await registry.parts.metadata.db
    .selectFrom('domains')
    .select('asset_size_bytes as size')
    .executeTakeFirstOrThrow()
  assert.equal(size, bytes.length, 'both refer to one content')
})

registryTest('a name published inside no longer comes from outside', async (t, open) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0', 'tiny@2.0.0'] })
  const registry = await open({ 'public:npmjs': upstream.url })
  await registry.setUp('team+public:npmjs')
  assert.deepEqual((await registry.shown('team', 'tiny')).versions, ['1.3.0', '2.0.0'])
  await registry.publish('team', 'tiny', '9.9.9')
  assert.deepEqual(await registry.shown('team', 'tiny'), { versions: ['9.9.9'], tags: { latest: '9.9.9' } })
  await assert.rejects(registry.download('team', 'tiny', '1.3.0'), { kind: 'missing' })
})

registryTest('a name that came from outside is not published to', async (t, open) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const registry = await open({ 'public:npmjs': upstream.url })
  await registry.setUp('team+public:npmjs')
  await registry.download('team', 'tiny', '1.3.0')
  await assert.rejects(registry.publish('team', 'tiny', '1.4.0'), { kind: 'conflict' })
})

registryTest(
  'a version that can be fetched may not be published; the same bytes again change nothing',
  async (_t, open) => {
    const registry = await open()
    await registry.setUp('store', 'team→store')
    await registry.publish('store', 'tiny', '1.0.0')
    await assert.rejects(registry.publish('team', 'tiny', '1.0.0', 'other'), { kind: 'conflict' })
    assert.equal((await registry.publish('team', 'tiny', '1.1.0', 'mine')).kind, 'created')
    assert.equal((await registry.publish('team', 'tiny', '1.1.0', 'mine')).kind, 'unchanged')
    await assert.rejects(registry.publish('team', 'tiny', '1.1.0', 'changed'), { kind: 'conflict' })
  },
)

registryTest('of two publishes of one version at once, one wins and nothing is torn', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => registry.publish('team', 'tiny', '1.0.0', `bytes ${index}`)),
  )
  const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
  assert.equal(won.length, 1)
  const bytes = (await registry.download('team', 'tiny', '1.0.0')).toString()
  assert.equal(
    outcomes.findIndex((outcome) => outcome.status === 'fulfilled'),
    Number(bytes.slice('bytes '.length)),
  )
})

registryTest('on the same tag the value from upstream wins', async (_t, open) => {
  const registry = await open()
  await registry.setUp('store', 'team')
  await registry.publish('store', 'tiny', '1.0.1')
  await registry.publish('team', 'tiny', '1.0.0', 'own', ['latest', 'stable'])
  const allowed = { publish_restriction: 'ALLOW', upstream_restriction: 'ALLOW' }
  await registry.parts.metadata.write(async ({ tx }) => void (await tx.updateTable('packages').set(allowed).execute()))
  await registry.setUpstreams('team', 'store')
  assert.deepEqual(await registry.shown('team', 'tiny'), {
    versions: ['1.0.0', '1.0.1'],
    tags: { latest: '1.0.1', stable: '1.0.0' },
  })
})

registryTest('fifty readers of one cold asset make one request, and all get its bytes', async (t, open) => {
  const upstream = await startUpstream(t, { npm: [{ name: 'big', version: '1.0.0', noiseBytes: 2_000_000 }] })
  const registry = await open({ 'public:npmjs': upstream.url })
  await registry.setUp('store+public:npmjs', 'team→store', 'shared→store')
  const readers = Array.from({ length: 50 }, (_, index) =>
    registry.download(index % 2 ? 'team' : 'shared', 'big', '1.0.0'),
  )
  const expected = await upstream.tarball('big', '1.0.0')
  for (const bytes of await Promise.all(readers)) assert.ok(bytes.equals(expected))
  assert.equal(upstream.count(upstream.tarballPath('big', '1.0.0')), 1)
  for (const repository of ['team', 'shared', 'store']) {
    assert.deepEqual(await registry.held(repository, 'big'), ['1.0.0 Published EXTERNAL public:npmjs'])
  }
})

registryTest(
  'an upstream that is down: what is known is served, the unknown is unavailable, not missing',
  async (t, open) => {
    const upstream = await startUpstream(t, { npm: ['tiny@1.3.0', 'other@1.0.0'] })
    const registry = await open({ 'public:npmjs': upstream.url })
    await registry.setUp('team+public:npmjs')
    await registry.download('team', 'tiny', '1.3.0')
    await upstream.stop()
    registry.now += 3_600_000
    assert.deepEqual((await registry.shown('team', 'tiny')).versions, ['1.3.0'])
    assert.ok((await registry.download('team', 'tiny', '1.3.0')).length > 0)
    await assert.rejects(registry.shown('team', 'other'), { kind: 'unavailable' })
  },
)

test('another process sees a publish, and a fetch by one is stored for both (SQLite)', async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const registry = await openRegistry(t, { connections: { 'public:npmjs': upstream.url } })
  await registry.setUp('team+public:npmjs')
  const other = await openRegistry(t, { beside: registry, connections: { 'public:npmjs': upstream.url } })
  await assert.rejects(other.shown('team', '@acme/own'), { kind: 'missing' })
  await registry.publish('team', '@acme/own', '1.0.0')
  assert.deepEqual((await other.shown('team', '@acme/own')).versions, ['1.0.0'])
  await Promise.all([registry.download('team', 'tiny', '1.3.0'), other.download('team', 'tiny', '1.3.0')])
  assert.equal(upstream.count(upstream.tarballPath('tiny', '1.3.0')), 1)
})

registryTest('an upstream whose index has become garbage is served as it was last understood', async (t, open) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const registry = await open({ 'public:npmjs': upstream.url })
  await registry.setUp('team+public:npmjs')
  assert.deepEqual((await registry.shown('team', 'tiny')).versions, ['1.3.0'])
  await upstream.add('tiny@1.4.0')
  upstream.break('/tiny', { kind: 'garbage' })
  registry.now += 3_600_000
  assert.deepEqual((await registry.shown('team', 'tiny')).versions, ['1.3.0'])
  upstream.repair('/tiny')
  registry.now += 60_000
  assert.deepEqual((await registry.shown('team', 'tiny')).versions, ['1.3.0', '1.4.0'])
})
