import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { startPlainServer } from '../../../test/support/plain-server.ts'
import { createUpstreamSource, type UpstreamSourceOptions } from './upstream-source.ts'

function sourceAt(url: URL, more: Partial<UpstreamSourceOptions> = {}) {
  return createUpstreamSource({ name: 'public:test', url, indexTtlMs: 1, clock: () => 0, random: () => 0.5, ...more })
}

/** Answers with the request's headers, as seen by the server. */
async function startEcho(t: TestContext) {
  return startPlainServer(t, (request, response) => response.end(JSON.stringify(request.headers)))
}

test('a relative address is below the source, and the answer comes with status, headers and bytes', async (t) => {
  const server = await startPlainServer(t, (request, response) => {
    response.writeHead(404, { ETag: '"x"' }).end(request.url)
  })
  const answer = await sourceAt(new URL('/npm/', server.url)).request({ url: '@acme%2fwidgets?a=1' })
  assert.equal(answer.status, 404)
  assert.equal(answer.header('Etag'), '"x"')
  assert.equal(String(await answer.bytes(100)), '/npm/@acme%2fwidgets?a=1')
})

test("the operator's headers and credentials go to the own host", async (t) => {
  const server = await startEcho(t)
  const source = sourceAt(server.url, { headers: { 'X-Team': 'a' }, credentials: { username: 'ann', password: 'p:w' } })
  const answer = await source.request({ url: 'x', headers: { Accept: 'text/plain' } })
  const seen = JSON.parse(String(await answer.bytes(5000)))
  assert.equal(seen['x-team'], 'a')
  assert.equal(seen.authorization, `Basic ${Buffer.from('ann:p:w').toString('base64')}`)
  assert.equal(seen.accept, 'text/plain')
})

test('a token is sent as bearer, and a password inside the address as Basic', async (t) => {
  const server = await startEcho(t)
  const withToken = await sourceAt(server.url, { credentials: { token: 'abc' } }).request({ url: 'x' })
  assert.match(String(await withToken.bytes(5000)), /"authorization":"Bearer abc"/)
  const withPassword = sourceAt(new URL(server.url.href.replace('//', '//ann:s%20t@')))
  assert.equal(withPassword.url.href, server.url.href)
  const answer = await withPassword.request({ url: 'x' })
  assert.match(String(await answer.bytes(5000)), new RegExp(Buffer.from('ann:s t').toString('base64')))
})

test("a redirect to another host is followed without the operator's headers", async (t) => {
  const other = await startEcho(t)
  const server = await startPlainServer(t, (_, response) => response.writeHead(302, { location: other.url.href }).end())
  const source = sourceAt(server.url, {
    headers: { 'x-team': 'a' },
    credentials: { token: 'abc' },
    allowedHosts: [other.url.host],
  })
  const answer = await source.request({ url: 'x', headers: { 'x-caller': 'c' } })
  const seen = JSON.parse(String(await answer.bytes(5000)))
  assert.equal(seen['x-caller'], 'c')
  assert.equal(seen['x-team'], undefined)
  assert.equal(seen.authorization, undefined)
})

test('a POST carries its body, is sent once, and is repeated by a 307 only', async (t) => {
  const server = await startPlainServer(t, (request, response) => {
    if (request.url === '/moved') return response.writeHead(307, { location: '/there' }).end()
    if (request.url === '/done') return response.writeHead(303, { location: '/there' }).end()
    if (request.url === '/bad') return response.writeHead(503).end()
    request.setEncoding('utf8').on('data', (text) => response.write(`${request.method} ${text}`))
    return request.on('end', () => response.end(request.method))
  })
  const post = (url: string) => sourceAt(server.url).request({ url, method: 'POST', body: Buffer.from('hello') })
  assert.equal(String(await (await post('moved')).bytes(100)), 'POST helloPOST')
  assert.equal(String(await (await post('done')).bytes(100)), 'GET')
  await assert.rejects(post('bad'), { kind: 'status' })
  assert.equal(server.requests.filter((request) => request.url === '/bad').length, 1)
})

for (const [coding, compress] of [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const) {
  test(`a body in ${coding} arrives decoded, without the headers of its coding`, async (t) => {
    const server = await startPlainServer(t, (request, response) => {
      assert.match(request.headers['accept-encoding'] ?? '', new RegExp(coding))
      response.writeHead(200, { 'content-encoding': coding }).end(compress('hello '.repeat(1000)))
    })
    const answer = await sourceAt(server.url).request({ url: 'x' })
    assert.equal(String(await answer.bytes(6000)), 'hello '.repeat(1000))
    assert.equal(answer.header('content-encoding'), undefined)
    assert.equal(answer.header('content-length'), undefined)
  })
}

test('answers without a body keep the headers that a coded one would have', async (t) => {
  const headers = { 'content-encoding': 'gzip', etag: '"1"' }
  const server = await startPlainServer(t, (request, response) => {
    response.writeHead(request.method === 'HEAD' ? 200 : 304, headers).end()
  })
  const source = sourceAt(server.url)
  for (const method of ['HEAD', 'GET'] as const) {
    const answer = await source.request({ url: 'x', method })
    assert.equal((await answer.bytes(0)).length, 0)
    assert.equal(answer.header('content-encoding'), 'gzip')
  }
})

test('connections are kept and used again', async (t) => {
  const server = await startPlainServer(t, (_, response) => response.end('ok'))
  const source = sourceAt(server.url)
  for (let round = 0; round < 5; round++) await (await source.request({ url: 'x' })).bytes(10)
  // Two and not one: the second request may start before the first connection is known to be free.
  assert.ok(new Set(server.requests.map((request) => request.socket)).size <= 2)
})

test('a host gets no more connections than the limit, and all requests their answer', async (t) => {
  const server = await startPlainServer(t, (_, response) => setImmediate(() => response.end('ok')))
  const source = sourceAt(server.url, { limits: { connectionsMax: 3 } })
  const answers = Array.from({ length: 20 }, async () => (await source.request({ url: 'x' })).bytes(10))
  assert.equal((await Promise.all(answers)).length, 20)
  assert.ok(new Set(server.requests.map((request) => request.socket)).size <= 3)
})

test('above the limit of waiting requests the next is refused at once', async (t) => {
  const server = await startPlainServer(t, () => {})
  const source = sourceAt(server.url, { limits: { waitingRequestsMax: 1 } })
  const control = new AbortController()
  const first = source.request({ url: 'x', signal: control.signal })
  await assert.rejects(source.request({ url: 'y' }), { kind: 'busy', isUpstreamFailure: true })
  control.abort()
  await assert.rejects(first, { name: 'AbortError' })
})

test('a caller who leaves gets their own reason, before the answer and in the middle of a body', async (t) => {
  const server = await startPlainServer(t, (request, response) => {
    if (request.url === '/body') response.write('half')
  })
  const source = sourceAt(server.url)
  const control = new AbortController()
  const hanging = source.request({ url: 'hang', signal: control.signal })
  const answer = await source.request({ url: 'body', signal: control.signal })
  await once(answer.body, 'readable')
  const reason = new Error('gone home')
  control.abort(reason)
  await assert.rejects(hanging, reason)
  await assert.rejects(answer.bytes(100), reason)
})

test('a proxy takes requests to hosts that are not excepted', async (t) => {
  const proxy = await startPlainServer(t, (request, response) => response.end(`proxied ${request.url}`))
  const server = await startPlainServer(t, (_, response) => response.end('direct'))
  const through = sourceAt(new URL('http://registry.test/'), { proxy: { http: proxy.url.href } })
  assert.equal(String(await (await through.request({ url: 'x' })).bytes(100)), 'proxied http://registry.test/x')
  const excepted = sourceAt(server.url, { proxy: { http: proxy.url.href, none: '127.0.0.1' } })
  assert.equal(String(await (await excepted.request({ url: 'x' })).bytes(100)), 'direct')
})
