import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NpmWire } from '../support/npm-wire.ts'
import { startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { startUpstream } from '../support/upstream.ts'

const abbreviated = { accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*' }
const full = { accept: 'application/json' }

test('an index that has not changed is answered with 304 in both forms', async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  // one process: another would ask too, as long as the first has not written down what it heard
  const yard = await startPackyard(t, { processes: 1, connections: { 'public:npmjs': upstream.url } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  const etags = new Set<string>()
  for (const form of [full, abbreviated]) {
    const first = await wire.get('tiny', form)
    const etag = first.headers.get('etag') ?? ''
    etags.add(etag)
    const again = await wire.get('tiny', { ...form, 'if-none-match': etag })
    assert.equal(again.status, 304)
    assert.equal(again.bytes.length, 0)
    assert.equal(again.headers.get('etag'), etag)
    const strong = await wire.get('tiny', { ...form, 'if-none-match': etag.replace('W/', '') })
    assert.equal(strong.status, 304, 'tags are compared weakly')
    const stale = await wire.get('tiny', {
      ...form,
      'if-none-match': '"another"',
      'if-modified-since': new Date().toUTCString(),
    })
    assert.equal(stale.status, 200, 'If-Modified-Since does not count beside If-None-Match')
  }
  assert.equal(etags.size, 2, 'the two forms have tags of their own')
  assert.equal(upstream.count('/tiny'), 1, 'the upstream is not asked while its answer is fresh')
})

test('a publish changes the tag at once', async (t) => {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  assert.equal((await wire.publish('own@1.0.0')).status, 201)
  const before = (await wire.get('own')).headers.get('etag') ?? ''
  assert.equal((await wire.publish('own@1.1.0')).status, 201)
  const after = await wire.get('own', { 'if-none-match': before })
  assert.equal(after.status, 200)
  assert.deepEqual(after.json()['dist-tags'], { latest: '1.1.0' })
})

test('after its time to live the upstream is asked whether its index has changed', async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const connection = { url: upstream.url, ttlSeconds: 0 }
  const yard = await startPackyard(t, { connections: { 'public:npmjs': connection } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())

  const first = await wire.get('tiny')
  await until('a conditional request', async () => {
    await wire.get('tiny')
    return upstream.requests.find(({ path, status }) => path === '/tiny' && status === 304)
  })
  const etag = first.headers.get('etag') ?? ''
  assert.equal((await wire.get('tiny', { 'if-none-match': etag })).status, 304)

  await upstream.add({ name: 'tiny', version: '1.4.0', publishedAt: new Date('2024-05-06T07:08:09.000Z') })
  const changed = await until('the new version', async () => {
    const reply = await wire.get('tiny', { 'if-none-match': etag })
    return reply.status === 200 ? reply : undefined
  })
  assert.deepEqual(changed.json()['dist-tags'], { latest: '1.4.0' })
  const time = changed.json().time as Record<string, string>
  assert.equal(time['1.4.0'], '2024-05-06T07:08:09.000Z', 'the upstream says when it was published')
})
