import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ListPackageVersionAssetsCommand, UpdatePackageVersionsStatusCommand } from '@aws-sdk/client-codeartifact'
import type { Packyard } from '../../../test/support/packyard.ts'
import { pypiPlace, startPypi } from '../../../test/support/pypi-stage.ts'
import { makePython, sha256 } from '../../../test/support/python-package.ts'
import { jsonAccept, PypiWire } from '../../../test/support/pypi-wire.ts'

/** Every test below speaks to one server, each with projects of its own. */
test('pypi on the wire', async (t) => {
  const { yard, wire } = await startPypi(t)
  await t.test('pages', (inner) => pages(inner, wire, yard))
  await t.test('files', (inner) => files(inner, wire, yard))
})

async function pages(t: TestContext, wire: PypiWire, yard: Packyard): Promise<void> {
  await wire.publish({ name: 'Pigeon_CLI', version: '1.0', metadata: ['Requires-Python: >=3.8'] })

  await t.test('each client gets the form that it asks for', async () => {
    for (const [accept, status, type] of [
      ['application/vnd.pypi.simple.v1+json', 200, 'application/vnd.pypi.simple.v1+json'],
      ['application/vnd.pypi.simple.latest+json', 200, 'application/vnd.pypi.simple.v1+json'],
      ['application/vnd.pypi.simple.v1+html', 200, 'application/vnd.pypi.simple.v1+html'],
      ['*/*', 200, 'text/html; charset=utf-8'],
      ['application/pdf', 406, 'text/plain; charset=utf-8'],
      ['image/png', 406, 'text/plain; charset=utf-8'],
    ] as const) {
      const reply = await wire.get('simple/pigeon-cli/', { accept })
      assert.equal(reply.status, status, accept)
      assert.equal(reply.headers.get('content-type'), type)
      if (status === 200) assert.equal(reply.headers.get('vary'), 'Accept, Accept-Encoding')
    }
    const asked = await wire.get('simple/pigeon-cli/?format=application/vnd.pypi.simple.v1%2Bjson', {
      accept: 'text/html',
    })
    assert.equal(asked.json().name, 'pigeon-cli')
  })

  await t.test('a page that has not changed is answered with 304, and a publish changes it at once', async () => {
    await wire.publish({ name: 'changing', version: '1.0' })
    const tags = new Set<string>()
    for (const accept of [jsonAccept, { accept: 'text/html' }]) {
      const first = await wire.get('simple/changing/', accept)
      assert.equal(first.headers.get('cache-control'), 'private, no-cache')
      const etag = first.headers.get('etag') ?? ''
      tags.add(etag)
      const again = await wire.get('simple/changing/', { ...accept, 'if-none-match': etag })
      assert.equal(again.status, 304)
    }
    assert.equal(tags.size, 2)
    await wire.publish({ name: 'changing', version: '1.1' })
    const [etag = ''] = tags
    const after = await wire.get('simple/changing/', { ...jsonAccept, 'if-none-match': etag })
    assert.deepEqual(after.json().versions, ['1.0', '1.1'])
  })

  await t.test('other spellings of a name, and a missing slash, lead to the page', async () => {
    for (const path of ['simple/Pigeon_CLI/', 'simple/pigeon.cli/', 'simple/Pigeon_CLI', 'simple/pigeon-cli']) {
      const moved = await wire.get(path, jsonAccept)
      assert.equal(moved.status, 301, path)
      const to = new URL(moved.headers.get('location') ?? '', new URL(path, wire.endpoint))
      assert.equal(to.href, `${wire.endpoint}simple/pigeon-cli/`)
    }
    assert.equal((await wire.request('HEAD', 'simple/pigeon-cli/')).status, 200)
  })

  await t.test('the list of projects has those that are here', async () => {
    const reply = await wire.get('simple/', jsonAccept)
    const { projects } = JSON.parse(reply.text()) as { projects: { name: string }[] }
    assert.deepEqual(projects.map(({ name }) => name).sort(), ['changing', 'pigeon-cli'])
    assert.match((await wire.get('simple/')).text(), /<a href="pigeon-cli\/">pigeon-cli<\/a>/)
    assert.equal((await wire.get('simple/', { accept: 'image/png' })).status, 406)
  })

  await t.test('what is not there is said to be missing, never forbidden', async () => {
    for (const path of [
      'simple/nothing/',
      'simple/-/',
      'simple/%00/',
      'simple/x%2Fy/',
      'pypi/pigeon-cli/json',
      'search',
    ]) {
      const reply = await wire.get(path, jsonAccept)
      assert.equal(reply.status, 404, path)
      assert.ok(reply.reason.length > 9 && !reply.reason.includes('Not Found'), reply.reason)
    }
    const anonymous = await new PypiWire(wire.endpoint, undefined).get('simple/pigeon-cli/')
    assert.equal(anonymous.status, 401)
    assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Basic realm="packyard\/main"$/)
  })

  await t.test('an Unlisted version is on no page, and its files are served; an Archived one is gone', async () => {
    await wire.publish({ name: 'hidden', version: '1.0' })
    await wire.publish({ name: 'hidden', version: '2.0' })
    const path = 'simple/hidden/1.0/hidden-1.0-py3-none-any.whl'
    for (const [targetStatus, status] of [
      ['Unlisted', 200],
      ['Archived', 404],
      ['Published', 200],
    ] as const) {
      const input = { ...pypiPlace, package: 'hidden' }
      await yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...input, versions: ['1.0'], targetStatus }))
      const listed = targetStatus === 'Published' ? ['1.0', '2.0'] : ['2.0']
      assert.deepEqual((await wire.page('hidden')).versions, listed)
      assert.equal((await wire.get(path)).status, status, targetStatus)
      assert.equal((await wire.get(`${path}.metadata`)).status, status, targetStatus)
    }
  })
}

async function files(t: TestContext, wire: PypiWire, yard: Packyard): Promise<void> {
  const noise = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 2_654_435_761) >>> 24))
  const made = makePython({
    name: 'ranged',
    version: '1.0+l.1',
    files: { 'ranged/noise.bin': noise },
    metadata: ['Summary: s'],
  })
  await wire.publish(made)
  const url = 'simple/ranged/1.0%2Bl.1/ranged-1.0%2Bl.1-py3-none-any.whl'

  await t.test('a file comes whole, in every address that there is for it, and never changes', async () => {
    const [file] = (await wire.page('ranged')).files
    assert.equal(file?.url, url.replace('simple/ranged/', ''))
    assert.equal(file?.size, made.bytes.length)
    assert.deepEqual(file?.hashes, { sha256: sha256(made.bytes) })
    for (const path of [url, url.replace('simple/', 'packages/'), url.replace('1.0%2Bl.1/', '1.0.0+L-1/')]) {
      const reply = await wire.get(path, { 'accept-encoding': 'gzip' })
      assert.equal(reply.status, 200, path)
      assert.deepEqual(reply.bytes, made.bytes)
      assert.equal(reply.headers.get('content-encoding'), null)
      assert.equal(reply.headers.get('content-type'), 'application/octet-stream')
      assert.equal(reply.headers.get('etag'), `"${sha256(made.bytes)}"`)
      assert.match(reply.headers.get('cache-control') ?? '', /immutable/)
    }
  })

  await t.test('HEAD is answered itself, with what a client needs to ask for parts', async () => {
    const head = await wire.request('HEAD', url, { headers: { 'accept-encoding': 'identity' } })
    assert.equal(head.status, 200)
    assert.equal(head.headers.get('accept-ranges'), 'bytes')
    assert.equal(head.headers.get('content-length'), String(made.bytes.length))
    assert.ok(head.headers.get('last-modified'))
  })

  await t.test('parts come as pip, Poetry and uv ask for them', async () => {
    const total = made.bytes.length
    const etag = `"${sha256(made.bytes)}"`
    for (const [range, start, end] of [
      ['bytes=10-19', 10, 20],
      ['bytes=-10000', total - 10_000, total],
      [`bytes=${total - 5}-`, total - 5, total],
    ] as const) {
      const part = await wire.get(url, { range, 'if-range': etag })
      assert.equal(part.status, 206)
      assert.equal(part.headers.get('content-range'), `bytes ${start}-${end - 1}/${total}`)
      assert.deepEqual(part.bytes, made.bytes.subarray(start, end))
    }
    assert.equal((await wire.get(url, { range: 'bytes=1-2', 'if-range': '"other"' })).status, 200)
    const outside = await wire.get(url, { range: `bytes=${total}-` })
    assert.equal(outside.status, 416)
    assert.equal(outside.headers.get('content-range'), `bytes */${total}`)
  })

  await t.test('metadata is the wheel’s own, under the digest that the page told', async () => {
    const [file] = (await wire.page('ranged')).files
    const reply = await wire.get(`${url}.metadata`)
    assert.deepEqual(reply.bytes, made.metadata)
    assert.deepEqual(file?.['core-metadata'], { sha256: sha256(reply.bytes) })
    assert.equal((await wire.get(`${url}.metadata`, { 'if-none-match': reply.headers.get('etag') ?? '' })).status, 304)
    await wire.publish({ name: 'ranged', version: '1.0+l.1', kind: 'sdist' })
    assert.equal((await wire.get('simple/ranged/1.0+l.1/ranged-1.0+l.1.tar.gz.metadata')).status, 404)
    assert.equal((await wire.get('simple/ranged/1.0+l.1/ranged-1.0+l.1-cp39-none-any.whl.metadata')).status, 404)
    assert.equal((await wire.get('simple/ranged/1.0+l.1/..%2f..%2fsecret.metadata')).status, 404)
  })

  await t.test('the service says of a file what it says of every asset', async () => {
    const answer = await yard.sdk.send(
      new ListPackageVersionAssetsCommand({ ...pypiPlace, package: 'ranged', packageVersion: '1.0+l.1' }),
    )
    const assets = answer.assets ?? []
    assert.deepEqual(assets.map(({ name }) => name ?? '').sort(), [
      'ranged-1.0+l.1-py3-none-any.whl',
      'ranged-1.0+l.1.tar.gz',
    ])
  })
}
