import assert from 'node:assert/strict'
import { suite, type TestContext, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { skipWithoutClient } from '../support/clients.ts'
import type { Fault } from '../support/faults.ts'
import { NpmWire, type WireReply } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { type Setup, testOnEachSetup } from '../support/setups.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

/** Small enough to be held by one buffer, and large enough to need many. */
const sizes = { small: 1_000, large: 3_000_000 }

const tarballFaults: Readonly<Record<string, Fault>> = {
  lies: { kind: 'wrong bytes' },
  breaks: { kind: 'break off' },
  fails: { kind: 'status', status: 500 },
  throttles: { kind: 'status', status: 429 },
  jabbers: { kind: 'garbage' },
}

// at once, as most of the time goes by with waiting
suite('an upstream that misbehaves', { concurrency: true }, () => {
  testOnEachSetup('gives nobody wrong bytes', {}, seeTarballFaults)
  test('makes npm refuse what its index did not promise', { skip: skipWithoutClient('npm 11') }, seeNpmRefuse)
  test('with its index is an error of the upstream, never an unknown package', seeIndexFaults)
  test('by redirects is followed to addresses that the operator allowed, and to no other inside', seeRedirects)
  test('by hanging is given up, and holds up nobody else', seeHanging)
})

async function seeTarballFaults(t: TestContext, setup: Setup): Promise<void> {
  const named = Object.keys(tarballFaults).flatMap((fault) => Object.keys(sizes).map((size) => `${fault}-${size}`))
  const npm = named.map((name) => ({
    name,
    version: '1.0.0',
    noiseBytes: name.endsWith('large') ? sizes.large : sizes.small,
  }))
  const upstream = await startUpstream(t, { npm })
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  for (const name of named) {
    await t.test(`a tarball whose upstream ${name.replace('-', ' on a ')} one`, async () => {
      await seeFaultAndRepair(name, { yard, upstream, wire })
    })
  }
}

interface Place {
  readonly yard: Packyard
  readonly upstream: Upstream
  readonly wire: NpmWire
}

async function seeFaultAndRepair(name: string, { yard, upstream, wire }: Place): Promise<void> {
  const fault = tarballFaults[name.slice(0, name.lastIndexOf('-'))]
  assert.ok(fault)
  const path = upstream.tarballPath(name, '1.0.0')
  const right = await upstream.tarball(name, '1.0.0')
  const filesBefore = await yard.storedFiles()

  upstream.break(path, fault)
  const failed = await outcome(wire.tarball(name, '1.0.0'))
  assert.notEqual(failed, 200, 'the client sees that it failed')
  assert.deepEqual(await yard.versions('main', name), [])
  assert.deepEqual(await yard.versions('npm-store', name), [])
  await seeStoredFiles(yard, filesBefore)

  upstream.repair(path)
  const reply = await wire.tarball(name, '1.0.0')
  assert.equal(reply.status, 200, 'the next request tries again')
  assert.ok(reply.bytes.equals(right))
  assert.deepEqual(await yard.versions('main', name), ['1.0.0 Published EXTERNAL'])
}

/** Nothing is left behind. The client may see the end before the server has cleared up. */
async function seeStoredFiles(yard: Packyard, expected: readonly string[]): Promise<void> {
  await until('nothing left behind', async () => isDeepStrictEqual(await yard.storedFiles(), expected) || undefined)
}

/** A status that is not 200, or that the connection was broken off before the end. */
async function outcome(reply: Promise<WireReply>): Promise<number | 'broken off'> {
  return reply.then(
    ({ status }) => status,
    () => 'broken off' as const,
  )
}

async function seeNpmRefuse(t: TestContext): Promise<void> {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  upstream.break('/tiny', { kind: 'wrong integrity' })
  const npm = await yard.client('npm 11')
  await npm.run('config set fetch-retries=0 --location=project')
  const result = await npm.attempt('install tiny')
  assert.notEqual(result.code, 0)
  assert.deepEqual(await yard.versions('main', 'tiny'), [])
}

async function seeIndexFaults(t: TestContext): Promise<void> {
  const upstream = await startUpstream(t, { npm: ['fails@1.0.0', 'jabbers@1.0.0', 'breaks@1.0.0'] })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  await seeIndexFault(t, { yard, upstream, wire }, 'fails', { kind: 'status', status: 503 })
  await seeIndexFault(t, { yard, upstream, wire }, 'jabbers', { kind: 'garbage' })
  await seeIndexFault(t, { yard, upstream, wire }, 'breaks', { kind: 'break off' })
}

async function seeRedirects(t: TestContext): Promise<void> {
  const other = await startUpstream(t, { npm: ['moved@1.0.0'] })
  const upstream = await startUpstream(t)
  upstream.break('/moved', { kind: 'redirect', to: `${other.url}moved` })
  const connections = [{ url: upstream.url }, { url: upstream.url, allowedHosts: ['127.0.0.1'] }]
  const [careful, open] = await Promise.all(
    connections.map(async (connection) => {
      const yard = await startPackyard(t, { processes: 1, connections: { 'public:npmjs': connection } })
      return new NpmWire(await yard.endpoint('main'), await yard.token())
    }),
  )
  const refused = await careful?.get('moved')
  assert.equal(refused?.status, 503)
  assert.match(String(refused?.json().error), /loopback address, which is refused/)
  assert.equal(other.count('/moved'), 0)
  assert.equal((await open?.get('moved'))?.status, 200)
  assert.equal(other.count('/moved'), 1)
}

async function seeIndexFault(t: TestContext, { upstream, wire }: Place, name: string, fault: Fault): Promise<void> {
  await t.test(`an index whose upstream ${name}`, async () => {
    upstream.break(`/${name}`, fault)
    const failed = await wire.get(name)
    assert.ok([502, 503, 504].includes(failed.status), `status ${failed.status}`)
    assert.equal(typeof failed.json().error, 'string')
    upstream.repair(`/${name}`)
    const reply = await wire.get(name)
    assert.equal(reply.status, 200, 'the next request tries again')
    assert.deepEqual(reply.json()['dist-tags'], { latest: '1.0.0' })
  })
}

async function seeHanging(t: TestContext): Promise<void> {
  const upstream = await startUpstream(t, {
    npm: ['slow@1.0.0', 'quick@1.0.0', { name: 'stuck', version: '1.0.0', noiseBytes: sizes.large }],
  })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  const stuck = upstream.tarballPath('stuck', '1.0.0')
  upstream.break('/slow', { kind: 'hang' })
  upstream.break(stuck, { kind: 'hold', until: new Promise(() => undefined) })
  const hanging = [outcome(wire.get('slow')), outcome(wire.tarball('stuck', '1.0.0'))]
  assert.equal((await wire.get('quick')).status, 200)

  for (const seen of await Promise.all(hanging)) {
    assert.ok(['broken off', 502, 503, 504].includes(seen), `outcome ${seen}`)
  }
  assert.deepEqual(await yard.versions('main', 'stuck'), [])
  await seeStoredFiles(yard, [])

  for (const path of ['/slow', stuck]) upstream.repair(path)
  assert.equal((await wire.get('slow')).status, 200)
  assert.ok((await wire.tarball('stuck', '1.0.0')).bytes.equals(await upstream.tarball('stuck', '1.0.0')))
}
