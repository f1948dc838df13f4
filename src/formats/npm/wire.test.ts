import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bytesOf, makePackage } from '../../../test/support/npm-package.ts'
import { NpmWire } from '../../../test/support/npm-wire.ts'
import { type Packyard, startPackyard } from '../../../test/support/packyard.ts'
import { digest } from '../../../test/support/tarball.ts'
import { startUpstream } from '../../../test/support/upstream.ts'

/** Every test below speaks to one server, each with packages of its own. */
test('npm on the wire', async (t) => {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url }, processes: 1 })
  const endpoint = await yard.endpoint('main')
  const wire = new NpmWire(endpoint, await yard.token())
  await t.test('reading', (inner) => reading(inner, wire, endpoint))
  await t.test('changing', (inner) => changing(inner, wire, yard))
  await t.test('unpublishing', (inner) => unpublishing(inner, wire, yard))
  await t.test('publishing', (inner) => publishing(inner, wire, yard, endpoint))
})

const json = { 'content-type': 'application/json' }
const write = { headers: { ...json, accept: 'application/json' } }

interface Packument extends Record<string, unknown> {
  readonly _rev: string
  readonly versions: Record<
    string,
    { dist: { tarball: string; attestations?: { url: string } }; [field: string]: unknown }
  >
}

async function packument(wire: NpmWire, name: string): Promise<Packument> {
  const reply = await wire.get(`${name}?write=true`)
  assert.equal(reply.status, 200, reply.bytes.toString())
  return reply.json() as unknown as Packument
}

async function reading(t: TestContext, wire: NpmWire, endpoint: string): Promise<void> {
  assert.equal((await wire.publish('@acme/read@1.0.0')).status, 201)

  await t.test('each form has its type, tag and compression', async () => {
    for (const [accept, type] of [
      ['application/json', 'application/json'],
      ['application/vnd.npm.install-v1+json; q=1.0, */*', 'application/vnd.npm.install-v1+json'],
    ] as const) {
      const reply = await wire.get('@acme%2fread', { accept })
      assert.equal(reply.headers.get('content-type'), type)
      assert.equal(reply.headers.get('cache-control'), 'private, no-cache')
      assert.equal(reply.headers.get('vary'), 'Accept, Accept-Encoding')
      assert.match(reply.headers.get('etag') ?? '', /^W\/"/)
      assert.equal(reply.headers.get('www-authenticate'), null)
      const versions = reply.json()['versions'] as Record<string, { dist: { tarball: string } }>
      assert.equal(versions['1.0.0']?.dist.tarball, `${endpoint}@acme/read/-/read-1.0.0.tgz`)
    }
  })

  await t.test('HEAD says what GET would', async () => {
    for (const path of ['@acme%2fread', '@acme/read/1.0.0', '@acme/read/-/read-1.0.0.tgz']) {
      const [head, get] = [
        await wire.request('HEAD', path, { headers: { 'accept-encoding': 'identity' } }),
        await wire.get(path, { 'accept-encoding': 'identity' }),
      ]
      assert.equal(head.status, 200)
      assert.equal(head.bytes.length, 0)
      assert.equal(head.headers.get('content-length'), String(get.bytes.length), path)
      assert.equal(head.headers.get('etag'), get.headers.get('etag'))
    }
  })

  await t.test('one version, by number and by tag', async () => {
    for (const path of ['@acme%2fread/1.0.0', '@acme/read/latest']) {
      assert.equal((await wire.get(path)).json()['_id'], '@acme/read@1.0.0')
    }
    assert.equal((await wire.get('@acme/read/next')).json()['error'], 'version not found: next')
  })

  await t.test('a tarball comes whole or in part, and never changes', async () => {
    const path = '@acme/read/-/read-1.0.0.tgz'
    const whole = await wire.get(path, { 'accept-encoding': 'gzip' })
    assert.deepEqual(whole.bytes, await bytesOf(await makePackage('@acme/read@1.0.0')))
    assert.equal(whole.headers.get('content-encoding'), null)
    assert.equal(whole.headers.get('content-type'), 'application/octet-stream')
    assert.equal(whole.headers.get('cache-control'), 'private, max-age=31536000, immutable')
    const etag = whole.headers.get('etag') ?? ''
    assert.match(etag, /^"[0-9a-f]{64}"$/)
    assert.equal((await wire.get(path, { 'if-none-match': etag })).status, 304)
    const part = await wire.get(path, { range: 'bytes=2-5' })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), `bytes 2-5/${whole.bytes.length}`)
    assert.deepEqual(part.bytes, whole.bytes.subarray(2, 6))
    assert.deepEqual((await wire.get(path, { range: 'bytes=-3', 'if-range': etag })).bytes, whole.bytes.subarray(-3))
    assert.equal((await wire.get(path, { range: 'bytes=0-1', 'if-range': '"other"' })).status, 200)
    const outside = await wire.get(path, { range: 'bytes=99999999-' })
    assert.equal(outside.status, 416)
    assert.equal(outside.headers.get('content-range'), `bytes */${whole.bytes.length}`)
  })

  await t.test('what can be no name is only not there', async () => {
    for (const path of [
      '%20',
      '@acme',
      '@acme%2f..%2fx',
      '-',
      '%2e%2e%2fx',
      'a%2fb',
      '-/all',
      '-/nothing/here',
      'a/b/c/d',
    ]) {
      const reply = await wire.get(path)
      assert.equal(reply.status, 404, path)
      assert.equal(typeof reply.json()['error'], 'string')
      assert.equal(reply.json()['error'], reply.json()['message'])
    }
  })
}

async function changing(t: TestContext, wire: NpmWire, yard: Packyard): Promise<void> {
  for (const version of ['1.0.0', '1.1.0']) await wire.publish(`changing@${version}`)

  await t.test('a deprecation changes nothing else, and can be taken back', async () => {
    const document = await packument(wire, 'changing')
    const versions = structuredClone(document.versions) as Record<string, object>
    versions['1.0.0'] = { ...versions['1.0.0'], deprecated: 'old', description: 'changed', dist: {} }
    delete versions['1.1.0']
    const put = (body: object) => wire.request('PUT', 'changing', { ...write, body: JSON.stringify(body) })
    assert.equal((await put({ ...document, versions })).status, 201)
    const after = (await packument(wire, 'changing')).versions
    assert.deepEqual(Object.keys(after), ['1.0.0', '1.1.0'], 'what is not in the body is not removed')
    assert.deepEqual(after['1.0.0'], {
      ...document.versions['1.0.0'],
      deprecated: 'old',
    })
    const stale = await put({ ...document, versions })
    assert.equal(stale.status, 409)
    assert.match(String(stale.json()['error']), /^Document update conflict/)
    assert.equal((await put({ ...document, _rev: undefined, versions: { '1.0.0': { deprecated: '' } } })).status, 201)
    assert.deepEqual((await packument(wire, 'changing')).versions, document.versions)
  })

  await t.test('owners and stars are refused in words, and cost no version', async () => {
    const { _id, _rev } = await packument(wire, 'changing')
    const bodies = [{ maintainers: [{ name: 'x', email: 'x' }] }, { users: { x: true } }]
    for (const path of ['changing', `changing/-rev/${_rev}`]) {
      for (const body of bodies) {
        const reply = await wire.request('PUT', path, { ...write, body: JSON.stringify({ _id, _rev, ...body }) })
        assert.equal(reply.status, 403)
        assert.match(String(reply.json()['error']), /not kept here/)
      }
    }
    assert.deepEqual(await yard.versions('main', 'changing'), ['1.0.0 Published INTERNAL', '1.1.0 Published INTERNAL'])
  })

  await t.test('tags are replaced as a whole, but latest stays', async () => {
    const tags = '-/package/changing/dist-tags'
    const put = (path: string, body: unknown, method = 'PUT') =>
      wire.request(method, path, { ...write, body: JSON.stringify(body) })
    assert.equal((await put(`${tags}/a%20b`, '1.0.0')).status, 400)
    assert.equal((await put(`${tags}/one`, '1.0.0')).status, 201)
    assert.equal((await put(`${tags}/two`, '1.1.0', 'POST')).status, 201)
    assert.equal((await put(tags, { two: '1.0.0', three: '1.1.0' })).status, 200)
    assert.deepEqual((await wire.get(tags)).json(), { latest: '1.1.0', two: '1.0.0', three: '1.1.0' })
    assert.equal((await put(tags, { two: '9.9.9' })).status, 404)
    assert.equal((await put(`${tags}/two`, { version: '1.0.0' })).status, 400)
    assert.equal((await wire.request('DELETE', `${tags}/latest`)).status, 400)
    assert.equal((await wire.request('DELETE', `${tags}/nothing`)).status, 404)
    assert.equal((await wire.request('DELETE', `${tags}/two`)).status, 200)
    assert.deepEqual((await wire.get(tags)).json(), { latest: '1.1.0', three: '1.1.0' })
    assert.equal((await wire.get('-/package/@acme%2fnothing/dist-tags')).status, 404)
  })
}

async function unpublishing(t: TestContext, wire: NpmWire, yard: Packyard): Promise<void> {
  const name = '@acme/leaving'
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) await wire.publish(`${name}@${version}`)
  const remove = (path: string) => wire.request('DELETE', path)

  await t.test('one version goes in the steps that npm takes', async () => {
    const { _rev, ...document } = await packument(wire, '@acme%2fleaving')
    const { '2.0.0': gone, ...versions } = document.versions
    const body = JSON.stringify({ ...document, _rev, versions, 'dist-tags': { latest: '1.1.0' } })
    const first = await wire.request('PUT', `@acme%2fleaving/-rev/${_rev}`, { ...write, body })
    assert.equal(first.status, 201)
    const now = await packument(wire, '@acme%2fleaving')
    assert.notEqual(now._rev, _rev)
    assert.deepEqual(now['dist-tags'], { latest: '1.1.0' })
    const tarball = new URL(gone?.dist.tarball ?? '').pathname.slice(1).replace(/^npm\/d\/[^/]+\/[^/]+\//, '')
    assert.equal((await remove(`${tarball}/-rev/${now._rev}`)).status, 200)
    assert.equal((await remove(`${tarball}/-rev/${_rev}`)).status, 200, 'it is gone already')
    assert.deepEqual(await yard.versions('main', name), ['1.0.0 Published INTERNAL', '1.1.0 Published INTERNAL'])
  })

  await t.test('who has not seen the present state removes nothing', async () => {
    const empty = { _id: name, versions: {}, 'dist-tags': {} }
    const { _rev } = await packument(wire, '@acme%2fleaving')
    const put = (revision: string, body: object) =>
      wire.request('PUT', `@acme%2fleaving/-rev/${revision}`, { ...write, body: JSON.stringify(body) })
    assert.equal((await put('1-0', { ...empty, versions: { '1.0.0': {} } })).status, 409)
    assert.equal((await put(_rev, empty)).status, 400)
    for (const wrong of ['1-0', 'undefined']) assert.equal((await remove(`@acme%2fleaving/-rev/${wrong}`)).status, 409)
    assert.equal((await remove('@acme/leaving/-/leaving-1.0.0.tgz/-rev/1-0')).status, 409)
    assert.equal((await yard.versions('main', name)).length, 2)
  })

  await t.test('the package goes at once', async () => {
    const { _rev } = await packument(wire, '@acme%2fleaving')
    assert.equal((await remove(`@acme%2fleaving/-rev/${_rev}`)).status, 200)
    assert.deepEqual(await yard.versions('main', name), [])
    assert.equal((await wire.get('@acme%2fleaving')).status, 404)
  })
}

async function publishing(t: TestContext, wire: NpmWire, yard: Packyard, endpoint: string): Promise<void> {
  const document = async (spec: string, more: (key: string) => object = () => ({})) => {
    const made = await makePackage(spec)
    const bytes = await bytesOf(made)
    const { shasum, integrity } = digest(bytes)
    const { name, version, manifest } = made
    const key = `${name}-${version}`
    return {
      _id: name,
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist: { shasum, integrity } } },
      readme: '# Beside the manifest, as Yarn sends it',
      _attachments: { [`${key}.tgz`]: { data: bytes.toString('base64'), length: bytes.length }, ...more(key) },
    }
  }
  const put = (name: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
    wire.request('PUT', name, { headers: { ...json, ...headers }, body: body as string })

  await t.test('provenance is kept and served', async () => {
    const statement = Buffer.from(JSON.stringify({ predicateType: 'https://slsa.dev/provenance/v1' }))
    const bundle = { mediaType: 'x', dsseEnvelope: { payload: statement.toString('base64') } }
    const sigstore = (key: string) => ({ [`${key}.sigstore`]: { data: JSON.stringify(bundle), length: 1 } })
    const body = await document('@acme/proven@1.0.0', sigstore)
    assert.equal((await put('@acme%2fproven', JSON.stringify(body))).status, 201)
    const { versions } = await packument(wire, '@acme/proven')
    const { dist } = versions['1.0.0'] ?? {}
    assert.equal(dist?.attestations?.url, `${endpoint}-/npm/v1/attestations/@acme/proven@1.0.0`)
    const attestations = [{ predicateType: 'https://slsa.dev/provenance/v1', bundle }]
    assert.deepEqual((await wire.get(dist?.attestations?.url ?? '')).json(), { attestations })
    assert.deepEqual((await wire.get('-/npm/v1/attestations/@acme%2fproven@1.0.0')).json(), { attestations })
    assert.equal((await wire.get('-/npm/v1/attestations/@acme%2fproven@2.0.0')).status, 404)
    const bad = await document('unproven@1.0.0', (key) => ({ [`${key}.sigstore`]: { data: 'x' } }))
    assert.equal((await put('unproven', JSON.stringify(bad))).status, 400)
  })

  await t.test('a private package, two tarballs and two versions are refused', async () => {
    const before = await yard.storedFiles()
    const fine = await document('refused@1.0.0')
    const [manifest] = Object.values(fine.versions)
    const [tarball] = Object.values(fine._attachments)
    const wrong: [object, number][] = [
      [{ ...fine, versions: { '1.0.0': { ...manifest, private: true } } }, 403],
      [{ ...fine, _attachments: { ...fine._attachments, 'other.tgz': tarball } }, 400],
      [{ ...fine, versions: { '1.0.0': manifest, '1.0.1': manifest } }, 400],
      [{ ...fine, versions: {} }, 400],
      [{ ...fine, name: 'other' }, 400],
      [{ ...fine, versions: { '1.0.0': { ...manifest, name: 'other' } } }, 400],
      [{ ...fine, _attachments: { 'x.tgz': { data: 'no base64!' } } }, 400],
      [{ ...fine, _attachments: { 'x.tgz': { data: 7 } } }, 400],
      [{ ...fine, _attachments: { 'x.tar': tarball } }, 400],
      [{ ...fine, padding: 'x'.repeat(17 * 1024 * 1024) }, 413],
    ]
    for (const [body, status] of wrong) {
      const reply = await put('refused', JSON.stringify(body))
      assert.equal(reply.status, status, reply.bytes.toString())
    }
    assert.equal((await put('refused', '{"_attachments":{"x.tgz":{"data":"AAAA')).status, 400)
    assert.deepEqual(await yard.versions('main', 'refused'), [])
    assert.deepEqual(await yard.storedFiles(), before)
  })

  await t.test('the order of the body does not matter, nor its compression', async () => {
    const { _attachments, ...rest } = await document('turned@1.0.0')
    const body = gzipSync(JSON.stringify({ _attachments, ...rest }))
    assert.equal((await put('turned', new Uint8Array(body), { 'content-encoding': 'gzip' })).status, 201)
    assert.deepEqual(await yard.versions('main', 'turned'), ['1.0.0 Published INTERNAL'])
    assert.equal((await put('turned', 'x', { 'content-encoding': 'gzip' })).status, 400)
    assert.equal((await put('turned', 'x', { 'content-encoding': 'odd' })).status, 415)
    const readme = await yard.aws(
      'codeartifact get-package-version-readme --domain packyard --repository main --format npm --package turned --package-version 1.0.0',
    )
    assert.equal(readme['readme'], '# Beside the manifest, as Yarn sends it')
  })
}
