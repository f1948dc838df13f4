import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PackageVersionStatus, UpdatePackageVersionsStatusCommand } from '@aws-sdk/client-codeartifact'
import { firstDomain, startPackyard } from '../support/packyard.ts'
import { makePython } from '../support/python-package.ts'
import { startUpstream } from '../support/upstream.ts'
import { UvWire } from '../support/uv-wire.ts'

const place = { domain: firstDomain, repository: 'main', format: 'pypi' } as const

/** uv itself is not to be had where these tests run: its requests are. */
test('who speaks as uv does publishes, locks and installs', async (t) => {
  const upstream = await startUpstream(t, {
    pypi: [{ name: 'tiny', version: '1.0', uploadedAt: '2023-04-05T06:07:08.123456Z' }],
  })
  const connections = { 'public:pypi': { url: upstream.url, ttlSeconds: 0 } }
  const yard = await startPackyard(t, { connections, processes: 1 })
  const uv = new UvWire(await yard.endpoint('main', 'pypi'), await yard.token())
  const made = makePython({ name: 'Own.Thing', version: '1.0', metadata: ['Requires-Python: >=3.8'] })

  await t.test('publish sends what is not there, and nothing twice', async () => {
    assert.equal(await uv.publish(made), 'uploaded')
    assert.equal(await uv.publish(made), 'skipped', 'the page knows the file at once')
    assert.equal(await uv.upload(made), 'uploaded', 'and who does not look does no harm')
    const other = makePython({ name: 'Own.Thing', version: '1.0', files: { 'own_thing/more.py': '' } })
    assert.equal(await uv.publish(other), 'differs')
    assert.match(await uv.upload(other), /status code 409\. Server says: File already exists \('own_thing-1\.0/)
    assert.deepEqual(await yard.versions('main', 'own-thing', 'pypi'), ['1.0 Published INTERNAL'])
  })

  await t.test('what is wrong with a file is said in words that uv prints', async () => {
    const bad = { ...makePython('wrong@1.0'), bytes: Buffer.from('no archive') }
    assert.match(await uv.upload(bad), /status code 400\. Server says: .*not a sound zip archive/)
  })

  await t.test('a lock has all that it wants to know of every file', async () => {
    for (const project of ['own-thing', 'tiny']) {
      const [file] = (await uv.page(project)) ?? []
      assert.ok(file && file.size !== undefined && file.hashes['sha256'] !== undefined, project)
      assert.ok(Number.isFinite(Date.parse(file.uploadTime ?? '')), 'else exclude-newer leaves the file out')
      const { metadata } = project === 'tiny' ? upstream.pypi.file('tiny', file.filename) : made
      assert.deepEqual(await uv.metadata(file), metadata)
    }
    const [tiny] = (await uv.page('tiny')) ?? []
    assert.equal(tiny?.uploadTime, '2023-04-05T06:07:08.123456Z')
    assert.equal(upstream.count('/files/tiny/tiny-1.0-py3-none-any.whl'), 0, 'no wheel is downloaded for a lock')
  })

  await t.test('a page that has not changed is not sent again', async () => {
    for (const project of ['own-thing', 'tiny']) {
      await uv.page(project)
      assert.equal(uv.statuses.at(-1), 304, project)
    }
  })

  await t.test('a locked address gives the same bytes, with the public index gone, and unlisted', async () => {
    const [tiny] = (await uv.page('tiny')) ?? []
    const [own] = (await uv.page('own-thing')) ?? []
    assert.ok(tiny && own)
    const bytes = await uv.download(tiny)
    await upstream.stop()
    assert.deepEqual(await uv.download(tiny), bytes)
    const unlisted = { versions: ['1.0'], targetStatus: PackageVersionStatus.UNLISTED }
    await yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...place, package: 'own-thing', ...unlisted }))
    assert.equal(await uv.page('own-thing'), undefined)
    assert.deepEqual(await uv.download(own), made.bytes)
    await upstream.restart()
  })

  await t.test('a wheel without metadata beside it is read by its end, and no more of it than needed', async () => {
    const noise = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255))
    const plain = makePython({ name: 'plain', version: '1.0', files: { 'plain/noise.bin': noise } })
    assert.equal(await uv.publish(plain), 'uploaded')
    const [file] = (await uv.page('plain')) ?? []
    assert.ok(file)
    assert.deepEqual(await uv.metadata({ ...file, hasMetadata: false }), plain.metadata)
    assert.deepEqual(uv.statuses.slice(-3), [200, 206, 206])
  })
})

test('uv is told that it may not, and never that by a missing project', async (t) => {
  const yard = await startPackyard(t, { connections: { 'public:pypi': 'http://127.0.0.1:9/' }, processes: 1 })
  const endpoint = await yard.endpoint(await yard.createRepository('team', []), 'pypi')
  const stranger = new UvWire(endpoint, yard.secret('not-a-token-at-all'))
  assert.match(await stranger.upload(makePython('x@1.0')), /status code 401\. Server says: .*token/)
  const uv = new UvWire(endpoint, await yard.token())
  assert.equal(await uv.page('nothing'), undefined)
  assert.equal(uv.statuses.at(-1), 404, 'a 401 or 403 would end the resolution, where there is another index too')
})
