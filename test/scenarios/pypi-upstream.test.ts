import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DescribePackageVersionCommand,
  GetPackageVersionReadmeCommand,
  ListPackageVersionAssetsCommand,
  PutPackageOriginConfigurationCommand,
} from '@aws-sdk/client-codeartifact'
import { firstDomain, type Packyard, startPackyard } from '../support/packyard.ts'
import { pips, PythonUser, skipWithoutPip } from '../support/python-clients.ts'
import { makePython, sha256 } from '../support/python-package.ts'
import { jsonAccept, PypiWire } from '../support/pypi-wire.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const [pip] = pips
const wheel = 'tiny-1.0-py3-none-any.whl'
const place = { domain: firstDomain, format: 'pypi' } as const

/** A server that asks its upstream every time. */
async function startFresh(start: (options: object) => Promise<Packyard>, upstream: Upstream) {
  const connections = { 'public:pypi': { url: upstream.url, ttlSeconds: 0 } }
  const yard = await start({ connections, processes: 1 })
  return { yard, wire: new PypiWire(await yard.endpoint('main', 'pypi'), await yard.token()) }
}

async function assetsOf(yard: Packyard, repository: string, name: string, version = '1.0'): Promise<string[]> {
  const input = { ...place, repository, package: name, packageVersion: version }
  const { assets = [] } = await yard.sdk.send(new ListPackageVersionAssetsCommand(input))
  return assets.map((asset) => asset.name ?? '').sort()
}

testOnEachSetup('files of a version grow and are yanked as their upstream says', {}, async (t, setup) => {
  const upstream = await startUpstream(t, { pypi: ['tiny@1.0', { name: 'own', version: '1.0' }] })
  const { yard, wire } = await startFresh((options) => setup.start(options), upstream)
  assert.equal((await wire.file('tiny', wheel)).status, 200)

  await t.test('a file that came later is shown, and fetched into both repositories', async () => {
    upstream.pypi.add({
      name: 'tiny',
      version: '1.0',
      tags: 'cp312-abi3-linux_x86_64',
      metadata: ['Requires-Python: >=3.12'],
    })
    const more = 'tiny-1.0-cp312-abi3-linux_x86_64.whl'
    const page = await wire.page('tiny')
    assert.deepEqual(page.files.map(({ filename }) => filename).sort(), [more, wheel])
    assert.deepEqual(await assetsOf(yard, 'main', 'tiny'), [wheel], 'a page fetches nothing')
    assert.equal((await wire.file('tiny', more)).status, 200)
    for (const repository of ['main', 'pypi-store']) {
      assert.deepEqual(await assetsOf(yard, repository, 'tiny'), [more, wheel])
    }
  })

  await t.test('a yank is shown of what was fetched long ago, and taken back again', async () => {
    upstream.pypi.yank('tiny', wheel, 'it "breaks" <things>')
    const yanked = (page: Awaited<ReturnType<typeof wire.page>>) =>
      page.files.find(({ filename }) => filename === wheel)?.yanked
    assert.equal(yanked(await wire.page('tiny')), 'it "breaks" <things>')
    assert.match((await wire.get('simple/tiny/')).text(), /data-yanked="it &#34;breaks&#34; &#60;things&#62;"/)
    upstream.pypi.add({ name: 'tiny', version: '1.0' })
    assert.equal(yanked(await wire.page('tiny')), false)
    upstream.pypi.yank('tiny', wheel, true)
    assert.equal(yanked(await wire.page('tiny')), true)
  })

  await t.test('neither reaches a package whose origin controls block its upstream', async () => {
    const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' } as const
    const input = { ...place, repository: 'main', package: 'tiny', restrictions }
    await yard.sdk.send(new PutPackageOriginConfigurationCommand(input))
    upstream.pypi.add({ name: 'tiny', version: '1.0', kind: 'sdist' })
    const page = await wire.page('tiny')
    assert.deepEqual(
      page.files.map(({ yanked }) => yanked),
      [false, false],
    )
    assert.equal((await wire.get('simple/tiny/1.0/tiny-1.0.tar.gz')).status, 404)
    assert.ok(
      page.files.some((file) => file['requires-python'] === '>=3.12'),
      'what was said of the later file is stored',
    )
  })

  await t.test('nor a version that was published here', async () => {
    const wired = new PypiWire(
      await yard.endpoint(await yard.createRepository('alone', []), 'pypi'),
      await yard.token(),
    )
    assert.equal((await wired.upload({ name: 'own', version: '1.0', kind: 'sdist' })).status, 200)
    const behind = await yard.createRepository('behind', ['alone', 'pypi-store'])
    const through = new PypiWire(await yard.endpoint(behind, 'pypi'), await yard.token())
    assert.deepEqual(
      (await through.page('own')).files.map(({ filename }) => filename),
      ['own-1.0.tar.gz'],
    )
    assert.equal((await through.get('simple/own/1.0/own-1.0-py3-none-any.whl')).status, 404)
    assert.equal((await through.get('simple/own/1.0/own-1.0.tar.gz')).status, 200)
  })
})

test('what an index outside says is said here, and resolving downloads nothing', async (t) => {
  const long = { name: 'long', version: '1.0', metadata: ['License: MIT', 'Summary: long'], description: '# Long' }
  const upstream = await startUpstream(t, {
    pypi: [{ ...long, uploadedAt: '2023-04-05T06:07:08.123456Z' }, { ...long, kind: 'sdist' }, 'tiny@1.0', 'lies@1.0'],
  })
  const { yard, wire } = await startFresh((options) => startPackyard(t, options), upstream)
  const made = makePython(long)
  const path = `/files/long/${made.filename}`

  await t.test('digest, size and time are those of the upstream', async () => {
    const file = (await wire.page('long')).files.find(({ filename }) => filename === made.filename)
    assert.equal(file?.['upload-time'], '2023-04-05T06:07:08.123456Z')
    assert.equal(file?.size, made.bytes.length)
    assert.deepEqual(file?.hashes, { sha256: sha256(made.bytes) })
    assert.equal(file?.url, `1.0/${made.filename}`)
    assert.match(
      String(upstream.requests.at(-1)?.headers.accept),
      /^application\/vnd\.pypi\.simple\.v1\+json, .*text\/html; q=0\.01$/,
    )
  })

  await t.test('metadata is passed on, checked, while the wheel stays where it is', async () => {
    const reply = await wire.file('long', made.filename, '.metadata')
    assert.deepEqual(reply.bytes, made.metadata)
    assert.equal(upstream.count(path), 0)
    assert.deepEqual(await yard.versions('main', 'long', 'pypi'), [])
    upstream.break(`${path}.metadata`, { kind: 'wrong bytes' })
    const lied = await wire.file('long', made.filename, '.metadata')
    assert.equal(lied.status, 503)
    assert.match(lied.text(), /its sha256 is .*, and its index says/)
  })

  await t.test('once the wheel is stored, its metadata comes out of it', async () => {
    assert.deepEqual((await wire.file('long', made.filename)).bytes, made.bytes)
    assert.deepEqual((await wire.file('long', made.filename, '.metadata')).bytes, made.metadata)
    assert.equal(upstream.count(path), 1)
  })

  await t.test('what the index does not tell, the service reads from the file', async () => {
    const input = { ...place, repository: 'main', package: 'Long', packageVersion: '1.0' }
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(input))
    assert.equal(packageVersion?.summary, 'long')
    assert.deepEqual(packageVersion?.licenses, [{ name: 'MIT' }])
    assert.equal(packageVersion?.publishedTime?.toISOString(), '2023-04-05T06:07:08.123Z')
    assert.equal(packageVersion?.origin?.originType, 'EXTERNAL')
    const readme = await yard.sdk.send(new GetPackageVersionReadmeCommand(input))
    assert.equal(readme.readme, '# Long')
  })

  await t.test(
    'a file that is not what the index says never comes whole, and the next request tries again',
    async () => {
      const lie = '/files/lies/lies-1.0-py3-none-any.whl'
      for (const fault of ['wrong bytes', 'break off'] as const) {
        upstream.break(lie, { kind: fault }, fault === 'break off' ? 9 : 1)
        const reply = await wire.file('lies', 'lies-1.0-py3-none-any.whl')
        assert.equal(reply.status, 503, fault)
        assert.deepEqual(await yard.versions('main', 'lies', 'pypi'), [])
        upstream.repair(lie)
      }
      assert.equal((await wire.file('lies', 'lies-1.0-py3-none-any.whl')).status, 200)
    },
  )

  await t.test('a file whose digest changes outside stays what it was here', async () => {
    const before = await wire.file('lies', 'lies-1.0-py3-none-any.whl')
    upstream.pypi.add({ name: 'lies', version: '1.0', files: { 'lies/other.py': '' } })
    const [file] = (await wire.page('lies')).files
    assert.deepEqual(file?.hashes, { sha256: sha256(before.bytes) })
    assert.deepEqual((await wire.file('lies', 'lies-1.0-py3-none-any.whl')).bytes, before.bytes)
  })

  await t.test('what is quarantined outside is offered no more; what is stored stays', async () => {
    upstream.pypi.setStatus('long', 'quarantined')
    const page = await wire.page('long')
    assert.deepEqual(
      page.files.map(({ filename }) => filename),
      [made.filename],
    )
    assert.equal(page['project-status']?.status, 'quarantined')
    assert.equal((await wire.get('simple/long/1.0/long-1.0.tar.gz')).status, 404)
  })

  await t.test('a page that makes no sense, or none, is the last one that did, with a warning', async () => {
    assert.equal((await wire.page('tiny')).files.length, 1)
    upstream.pypi.add('tiny@1.1')
    for (const fault of [{ kind: 'garbage' }, { kind: 'status', status: 403 }] as const) {
      upstream.break('/simple/tiny/', fault)
      const stale = await wire.get('simple/tiny/', jsonAccept)
      assert.equal(stale.status, 200)
      assert.match(stale.headers.get('warning') ?? '', /^110/)
    }
    upstream.break('/simple/unknown/', { kind: 'status', status: 403 })
    const unknown = await wire.get('simple/unknown/', jsonAccept)
    assert.equal(unknown.status, 503, 'nobody knows that there is no such project')
    assert.ok(Number(unknown.headers.get('retry-after')) > 0)
  })
})

test('an index that speaks HTML only will do', { skip: skipWithoutPip }, async (t) => {
  const upstream = await startUpstream(t, {
    pypi: [
      { name: 'Tiny', version: '1.0', metadata: ['Requires-Python: >=3.6'] },
      { name: 'tiny', version: '2.0', metadata: ['Requires-Python: >=99'] },
      { name: 'tiny', version: '0.9', yanked: 'old' },
    ],
  })
  upstream.pypi.dialect = 'html'
  const { yard, wire } = await startFresh((options) => startPackyard(t, options), upstream)
  const before = (await wire.page('tiny')).files.find(({ filename }) => filename === wheel)
  assert.equal(before?.['upload-time'], undefined, 'no time is made up')
  assert.equal(before?.['core-metadata'], undefined)
  const user = await PythonUser.create(yard.folder, wire.endpoint, await yard.token())
  await user.install(pip, 'tiny')
  assert.equal(await user.installed('tiny'), '1.0')
  assert.deepEqual(await yard.versions('main', 'tiny', 'pypi'), ['1.0 Published EXTERNAL'])

  await t.test('a yanked file is taken only by its exact version, with a warning', async () => {
    const result = await user.install(pip, 'tiny==0.9')
    assert.match(result.output, /yanked[\s\S]*old/)
    assert.equal(await user.installed('tiny'), '0.9')
  })
})

test('a public package cannot take the place of one’s own', { skip: skipWithoutPip }, async (t) => {
  const upstream = await startUpstream(t, { pypi: ['public@1.0'] })
  const { yard, wire } = await startFresh((options) => startPackyard(t, options), upstream)
  const user = await PythonUser.create(yard.folder, wire.endpoint, await yard.token())
  assert.equal((await wire.upload({ name: 'Our.Secret', version: '1.0' })).status, 200)
  upstream.pypi.add({ name: 'our-secret', version: '99.0', files: { 'our_secret/__init__.py': "VERSION = '99.0'\n" } })

  await t.test('pip gets ours, whatever it asks for', async () => {
    await user.install(pip, 'our_secret', 'public')
    assert.equal(await user.installed('our_secret'), '1.0')
    assert.equal(await user.installed('public'), '1.0')
    const refused = await user.attemptInstall(pip, 'OUR-SECRET>=2')
    assert.match(refused.output, /No matching distribution found for OUR-SECRET>=2/)
    assert.equal((await wire.get('simple/our-secret/99.0/our_secret-99.0-py3-none-any.whl')).status, 404)
    assert.deepEqual((await wire.page('our-secret')).versions, ['1.0'])
    assert.deepEqual(await yard.versions('pypi-store', 'our-secret', 'pypi'), [])
  })

  await t.test('what came from outside is not published over', async () => {
    const refused = await wire.upload({ name: 'Public', version: '2.0' })
    assert.equal(refused.status, 409)
    assert.match(refused.reason, /^Package 'pypi\/\/public' may not be published/)
    upstream.pypi.add('never-fetched@1.0')
    const same = await wire.upload({ name: 'never-fetched', version: '1.0.0' })
    assert.equal(same.status, 409)
    assert.match(same.reason, /version 1\.0 of pypi\/\/never-fetched exists in public:pypi/)
  })
})
