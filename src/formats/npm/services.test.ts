import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { NpmWire } from '../../../test/support/npm-wire.ts'
import { startPackyard } from '../../../test/support/packyard.ts'

interface Asked {
  readonly path: string
  readonly body: string
}

/** A registry that holds nothing, answers audits, and remembers what it was told. */
async function startAuditor(t: TestContext) {
  const asked: Asked[] = []
  const answers: Record<string, unknown> = {}
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const bytes = Buffer.concat(chunks)
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
      asked.push({ path: request.url ?? '', body: body.toString() })
      const answer = answers[request.url ?? '']
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? { error: 'Not found' }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked, answers }
}

/** Every test below speaks to one server. */
test("npm's services on the wire", async (t) => {
  const auditor = await startAuditor(t)
  const yard = await startPackyard(t, { connections: { 'public:npmjs': auditor.url }, processes: 1 })
  const endpoint = await yard.endpoint('main')
  const wire = new NpmWire(endpoint, await yard.token())
  await t.test('asking', (inner) => asking(inner, wire, endpoint))
  await t.test('auditing', (inner) => auditing(inner, wire, auditor))
})

const json = { 'content-type': 'application/json' }

async function asking(t: TestContext, wire: NpmWire, endpoint: string): Promise<void> {
  await t.test('who logs in another way is told how', async () => {
    for (const [method, path] of [
      ['POST', '-/v1/login'],
      ['PUT', '-/user/org.couchdb.user:bob'],
    ] as const) {
      const reply = await wire.request(method, path, { headers: json, body: '{}' })
      assert.equal(reply.status, 403)
      assert.match(
        String(reply.json()['error']),
        /aws codeartifact login --tool npm --domain packyard .*--repository main/,
      )
      const anonymous = await new NpmWire(endpoint, undefined).request(method, path, { headers: json, body: '{}' })
      assert.equal(anonymous.status, 401)
      assert.match(String(anonymous.json()['error']), /aws codeartifact login --tool npm.*npmAlwaysAuth/)
      assert.equal(anonymous.headers.get('www-authenticate'), null)
    }
  })

  await t.test('who I am, and nobody else', async () => {
    assert.deepEqual((await wire.get('-/whoami')).json(), { username: 'admin' })
    assert.deepEqual((await wire.get('-/user/org.couchdb.user:admin')).json(), { name: 'admin', email: '' })
    assert.equal((await wire.get('-/user/org.couchdb.user:bob')).status, 404)
    assert.deepEqual((await wire.request('DELETE', '-/user/token/secret')).json(), { ok: true })
    for (const path of ['-/npm/v1/user', '-/npm/v1/tokens', '-/npm/v1/keys']) {
      assert.equal((await wire.get(path)).status, 404, path)
    }
    for (const path of ['', '-/ping', '-/ping?write=true']) assert.deepEqual((await wire.get(path)).json(), {}, path)
  })

  await t.test('search knows words, scopes, keywords and pages', async () => {
    const manifest = { keywords: ['round', 'blue'], author: 'Ann <ann@acme.example>' }
    await wire.publish({ name: '@finders/seek-one', version: '1.0.0', manifest })
    await wire.publish({ name: '@finders/seek-two', version: '0.2.0' })
    const names = async (text: string, more = '') => {
      const reply = await wire.get(`-/v1/search?text=${encodeURIComponent(text)}${more}`)
      assert.equal(reply.status, 200)
      const { objects } = reply.json() as { objects: { package: { name: string } }[] }
      return objects.map((hit) => hit.package.name)
    }
    const [one, two] = ['@finders/seek-one', '@finders/seek-two']
    assert.deepEqual(await names('seek'), [one, two])
    assert.deepEqual(await names('seek', '&size=1&from=1'), [two])
    assert.deepEqual(await names('scope:finders'), [one, two])
    assert.deepEqual(await names('scope:nobody seek'), [])
    assert.deepEqual(await names('keywords:green,round'), [one])
    assert.deepEqual(await names('keywords:round+blue seek'), [one])
    assert.deepEqual(await names('keywords:round+green'), [])
    assert.deepEqual(await names('seek author:Ann'), [one])
    assert.deepEqual(await names('seek not:unstable'), [one])
    assert.deepEqual(await names('seek is:unstable boost-exact:false'), [two])
    assert.equal((await wire.get('-/v1/search?text=x&size=many')).status, 400)
  })
}

async function auditing(
  t: TestContext,
  wire: NpmWire,
  auditor: Awaited<ReturnType<typeof startAuditor>>,
): Promise<void> {
  await wire.publish('@acme/hush@1.0.0')
  await wire.publish('hushed@1.0.0')
  const bulk = '-/npm/v1/security/advisories/bulk'
  const quick = '-/npm/v1/security/audits/quick'
  const post = (path: string, body: object) => wire.request('POST', path, { headers: json, body: JSON.stringify(body) })

  await t.test('what is not known outside is no error', async () => {
    assert.deepEqual((await post(bulk, { lodash: ['1.0.0'] })).json(), {})
    const answer = (await post(quick, { requires: { lodash: '1' }, dependencies: {} })).json()
    assert.equal((answer['metadata'] as { dependencies: number }).dependencies, 1)
    assert.deepEqual(answer['advisories'], {})
  })

  await t.test('names that were published here are told to nobody', async () => {
    auditor.answers[`/${bulk}`] = { lodash: [{ id: 1 }] }
    auditor.answers[`/${quick}`] = { advisories: { 1: {} } }
    auditor.asked.splice(0)
    const question = { lodash: ['1.0.0'], '@acme/hush': ['1.0.0'], hushed: ['1.0.0'], 'not a name': ['1'] }
    const body = new Uint8Array(gzipSync(JSON.stringify(question))) as unknown as string
    const headers = { ...json, 'content-encoding': 'gzip' }
    assert.deepEqual((await wire.request('POST', bulk, { headers, body })).json(), { lodash: [{ id: 1 }] })
    assert.deepEqual(auditor.asked, [{ path: `/${bulk}`, body: '{"lodash":["1.0.0"]}' }])
    auditor.asked.splice(0)
    assert.deepEqual((await post(bulk, { hushed: ['1.0.0'] })).json(), {})
    assert.equal(auditor.asked.length, 0, 'nothing is left to ask')
    const tree = {
      lodash: { version: '1.0.0', requires: { hushed: '1' }, dependencies: { '@acme/hush': { version: '1' } } },
    }
    const whole = {
      name: 'secret-project',
      requires: { lodash: '1', hushed: '1' },
      dependencies: { ...tree, hushed: {} },
    }
    assert.deepEqual((await post(quick, whole)).json(), { advisories: { 1: {} } })
    assert.doesNotMatch(auditor.asked[0]?.body ?? '', /hush|secret/)
    assert.match(auditor.asked[0]?.body ?? '', /lodash/)
  })

  await t.test('an answer that is no answer is none', async () => {
    auditor.answers[`/${bulk}`] = ['what']
    assert.deepEqual((await post(bulk, { lodash: ['1.0.0'] })).json(), {})
    assert.equal((await post(bulk, [])).status, 200)
    assert.equal((await wire.request('POST', bulk, { headers: json, body: '{' })).status, 400)
  })
}
