import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ClientName, skipWithoutClient } from '../support/clients.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { withPostgres } from '../support/setups.ts'
import { fill, mountSmall, testOnSmallDisk } from '../support/small-disk.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { startUpstream } from '../support/upstream.ts'

async function wireOf(yard: Packyard): Promise<NpmWire> {
  return new NpmWire(await yard.endpoint('main'), await yard.token())
}

async function readiness(yard: Packyard): Promise<number> {
  return (await fetch(`${yard.url}/readyz`)).status
}

/** What was found is believed for a moment, however often it is asked for. */
async function untilReadiness(yard: Packyard, status: number): Promise<void> {
  await until(`readiness ${status}`, async () => (await readiness(yard)) === status || undefined, 20_000)
}

test('without its database what was read is still served, writes fail clearly, and then all goes on', async (t) => {
  await withPostgres(t, async (direct) => {
    const proxy = await TcpProxy.start(t)
    proxy.lead(Number(new URL(direct).port))
    const through = new URL(direct)
    through.port = String(proxy.port)
    const yard = await startPackyard(t, { databaseUrl: through.href, processes: 1 })
    const wire = await wireOf(yard)
    assert.equal((await wire.publish('own@1.0.0')).status, 201)
    const bytes = (await wire.tarball('own', '1.0.0')).bytes
    assert.equal((await wire.get('own')).status, 200)

    proxy.cut()
    const refused = wire.publish('own@1.1.0')
    assert.equal((await wire.get('own')).status, 200)
    assert.ok((await wire.tarball('own', '1.0.0')).bytes.equals(bytes))
    await untilReadiness(yard, 503)
    const answer = await refused
    assert.equal(answer.status, 503)
    assert.match(answer.bytes.toString(), /the database cannot be reached/)
    assert.ok(!answer.bytes.toString().includes(through.href))

    proxy.lead(Number(new URL(direct).port))
    await untilReadiness(yard, 200)
    assert.equal((await wire.get('own/1.1.0')).status, 404)
    assert.equal((await wire.publish('own@1.1.0')).status, 201)
    assert.equal((await wire.tarball('own', '1.1.0')).status, 200)
  })
})

testOnSmallDisk(
  import.meta.url,
  'on a full disk reads go on, a publish fails clearly and leaves nothing',
  async (t) => {
    const folder = mountSmall(t, 64)
    const data = join(folder, 'data')
    const yard = await startPackyard(t, { processes: 1, env: { PACKYARD_DATA_DIR: data } })
    const wire = await wireOf(yard)
    assert.equal((await wire.publish({ name: 'own', version: '1.0.0', noiseBytes: 400_000 })).status, 201)
    fill(join(folder, 'filler'))
    const answer = await wire.publish({ name: 'own', version: '1.1.0', noiseBytes: 400_000 })
    assert.equal(answer.status, 503)
    assert.match(answer.bytes.toString(), /disk.* is full/)
    assert.equal((await wire.tarball('own', '1.0.0')).bytes.length > 400_000, true)
    assert.deepEqual(Object.keys((await wire.get('own')).json()['versions'] as object), ['1.0.0'])
    rmSync(join(folder, 'filler'))
    assert.deepEqual(readdirSync(join(data, 'blobs', '.staging')), [])
    assert.equal((await wire.publish({ name: 'own', version: '1.1.0', noiseBytes: 400_000 })).status, 201)
    assert.equal((await wire.tarball('own', '1.1.0')).status, 200)
    await yard.stop()
  },
)

testOnSmallDisk(import.meta.url, 'on a read-only disk reads go on, and a publish fails clearly', async (t) => {
  const folder = mountSmall(t, 64)
  const blobs = join(folder, 'data', 'blobs')
  mkdirSync(blobs, { recursive: true })
  execFileSync('mount', ['--bind', blobs, blobs])
  const yard = await startPackyard(t, { processes: 1, env: { PACKYARD_DATA_DIR: join(folder, 'data') } })
  const wire = await wireOf(yard)
  assert.equal((await wire.publish('own@1.0.0')).status, 201)
  execFileSync('mount', ['-o', 'remount,ro,bind', blobs])
  const answer = await wire.publish('own@1.1.0')
  assert.equal(answer.status, 503)
  assert.match(answer.bytes.toString(), /the disk is read-only/)
  await untilReadiness(yard, 503)
  assert.equal((await wire.tarball('own', '1.0.0')).status, 200)
  execFileSync('mount', ['-o', 'remount,rw,bind', blobs])
  assert.equal((await wire.publish('own@1.1.0')).status, 201)
  await yard.stop()
})

const client: ClientName = 'npm 11'
test('npm ci ends well when one of two servers is killed meanwhile', { skip: skipWithoutClient(client) }, async (t) => {
  await withPostgres(t, async (databaseUrl) => {
    const names = Array.from({ length: 25 }, (_, index) => `part-${index}`)
    const upstream = await startUpstream(t, {
      npm: names.map((name) => ({ name, version: '1.0.0', noiseBytes: 300_000 })),
    })
    const proxy = await TcpProxy.start(t)
    const here = await startPackyard(t, {
      databaseUrl,
      processes: 1,
      connections: { 'public:npmjs': upstream.url },
      env: { PACKYARD_PUBLIC_URL: `http://127.0.0.1:${proxy.port}` },
    })
    const there = await startPackyard(t, { beside: here })
    proxy.lead(Number(new URL(here.url).port), Number(new URL(there.url).port))
    const npm = await here.client(client)
    await npm.add(...names)
    await npm.forget()
    const installing = npm.installFrozen()
    const logged = there.server.log.length
    await until('the other server to be asked', () => there.server.log.slice(logged).includes('.tgz') || undefined)
    await there.kill9()
    await installing
    for (const name of names) assert.equal(await npm.installed(name), `${name}@1.0.0`)
    for (const name of names) assert.equal(upstream.count(upstream.tarballPath(name, '1.0.0')), 1)
  })
})
