import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startPlainServer } from '../../../test/support/plain-server.ts'
import { createUpstreamSource, type UpstreamSourceOptions } from './upstream-source.ts'

/** Nobody waits long for what fails, and a busy machine may take its time. */
const limits = { connectTimeoutMs: 10_000, headersTimeoutMs: 10_000, progressWindowMs: 10_000, retryDelayMs: 1 }

function sourceAt(url: URL, more: Partial<UpstreamSourceOptions> = {}) {
  const basics = { name: 'public:test', url, indexTtlMs: 1, clock: () => 0, random: () => 0.5, limits }
  return createUpstreamSource({ ...basics, ...more })
}

/** Answers like this so often, and then with 200. */
async function startFlaky(t: TestContext, times: number, misbehave: (response: ServerResponse) => void) {
  let left = times
  return startPlainServer(t, (_, response) => (left-- > 0 ? misbehave(response) : response.end('ok')))
}

/** An address where nobody listens. */
async function deadUrl(): Promise<URL> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  assert.ok(typeof address === 'object' && address)
  return new URL(`http://127.0.0.1:${address.port}/`)
}

for (const [what, misbehave] of [
  ['answers 500', (response: ServerResponse) => response.writeHead(500).end('x'.repeat(50_000))],
  ['answers 429', (response: ServerResponse) => response.writeHead(429).end()],
  ['cuts the connection', (response: ServerResponse) => response.destroy()],
  ['hangs', () => {}],
  ['sends garbage', (response: ServerResponse) => response.socket?.end('\u0000 no http \r\n\r\n')],
] as const) {
  test(`an upstream that ${what} twice is asked a third time, and the client sees no failure`, async (t) => {
    const server = await startFlaky(t, 2, misbehave)
    const answer = await sourceAt(server.url).request({ url: 'x' })
    assert.equal(String(await answer.bytes(10)), 'ok')
    assert.equal(server.requests.length, 3)
  })
}

test('an upstream that goes on answering 503 is a failure that names it and its status', async (t) => {
  const server = await startFlaky(t, 99, (response) => response.writeHead(503).end())
  await assert.rejects(sourceAt(server.url).request({ url: 'x?token=secret' }), (error: Error & { kind: string }) => {
    assert.equal(error.kind, 'status')
    assert.equal(error.message, `public:test answered 503 for ${server.url.href}x; look at the upstream itself`)
    return true
  })
  assert.equal(server.requests.length, 3)
})

test('Retry-After is waited for when it is short, and ends the request when it is long', async (t) => {
  const waits: number[] = []
  const wait = async (ms: number) => void waits.push(ms)
  const soon = await startFlaky(t, 1, (response) => response.writeHead(429, { 'retry-after': '2' }).end())
  await sourceAt(soon.url, { wait }).request({ url: 'x' })
  assert.deepEqual(waits, [2000])
  const late = await startFlaky(t, 1, (response) => response.writeHead(429, { 'retry-after': '3600' }).end())
  await assert.rejects(sourceAt(late.url, { wait }).request({ url: 'x' }), {
    details: { retryAfterSeconds: 3600, status: 429, isPassing: false },
  })
  assert.equal(late.requests.length, 1)
})

test('a whole request has a time limit, whatever its parts allow', async (t) => {
  const server = await startPlainServer(t, () => {})
  const brief = { ...limits, totalTimeoutMs: 50 }
  await assert.rejects(sourceAt(server.url, { limits: brief }).request({ url: 'x' }), {
    kind: 'timeout',
    message: /within 50 ms/,
  })
})

test('a body that stops in the middle is broken off, never completed', async (t) => {
  const server = await startPlainServer(t, (_, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half', () => response.destroy())
  })
  const answer = await sourceAt(server.url).request({ url: 'x' })
  await assert.rejects(answer.bytes(1000), { kind: 'broken', isUpstreamFailure: true })
})

test('a compressed body that stops in the middle is broken, though its bytes so far are fine', async (t) => {
  const half = gzipSync('hello '.repeat(1000)).subarray(0, 30)
  const server = await startPlainServer(t, (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(half),
  )
  const answer = await sourceAt(server.url).request({ url: 'x' })
  await assert.rejects(answer.bytes(100_000), { kind: 'broken' })
})

for (const coding of ['compress', 'gzip, gzip, gzip']) {
  test(`the content coding '${coding}' is refused`, async (t) => {
    const server = await startPlainServer(t, (_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end('x'),
    )
    await assert.rejects(sourceAt(server.url).request({ url: 'x' }), { kind: 'broken', message: /content coding/ })
  })
}

test('a body that hangs, or only drips, is given up', async (t) => {
  const server = await startPlainServer(t, (request, response) => {
    response.write('start')
    if (request.url !== '/drip') return
    const timer = setInterval(() => response.write('.'), 5)
    response.on('close', () => clearInterval(timer))
  })
  for (const url of ['hang', 'drip']) {
    const answer = await sourceAt(server.url, { limits: { ...limits, progressWindowMs: 40 } }).request({ url })
    await assert.rejects(answer.bytes(100_000), { kind: 'timeout', message: /sends too slowly/ })
  }
})

test('a body whose reader is slow is left alone', async (t) => {
  const server = await startPlainServer(t, (_, response) => response.end(Buffer.alloc(3_000_000)))
  const answer = await sourceAt(server.url, { limits: { progressWindowMs: 5 } }).request({ url: 'x' })
  await once(answer.body, 'readable')
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal((await answer.bytes(3_000_000)).length, 3_000_000)
})

test('a body over the limit is refused: by its stated length, by its bytes, and after decoding', async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  const server = await startPlainServer(t, (request, response) => {
    if (request.url === '/stated') return response.writeHead(200, { 'content-length': 2000 }).flushHeaders()
    if (request.url === '/chunked') {
      response.write(Buffer.alloc(1000))
      return response.end(Buffer.alloc(1000))
    }
    return response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  })
  for (const url of ['stated', 'chunked', 'bomb']) {
    const answer = await sourceAt(server.url).request({ url })
    await assert.rejects(answer.bytes(1999), { kind: 'too-large', message: /more than 1999 bytes/ })
    assert.ok(answer.body.destroyed)
  }
})

test('redirects in a circle end', async (t) => {
  const server = await startPlainServer(t, (_, response) => response.writeHead(301, { location: '/x' }).end())
  await assert.rejects(sourceAt(server.url).request({ url: 'x' }), { kind: 'broken', message: /redirects more than 5/ })
  assert.equal(server.requests.length, 6)
})

test('a host that is not there is refused, and soon costs nothing to ask', async () => {
  let tries = 0
  const url = await deadUrl()
  const source = sourceAt(new URL(`http://dead.test:${url.port}/`), {
    lookup: (_name, options, done) => {
      tries++
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
      else done(null, '127.0.0.1', 4)
    },
  })
  await assert.rejects(source.request({ url: 'x' }), { kind: 'refused', message: /cannot be reached \(ECONNREFUSED\)/ })
  await assert.rejects(source.request({ url: 'x' }), { kind: 'refused' })
  assert.equal(tries, 5, 'the circuit opened in the second request')
  await assert.rejects(source.request({ url: 'x' }), { kind: 'open-circuit', details: { retryAfterSeconds: 1 } })
  assert.equal(tries, 5)
})

test('a dead upstream that came back is noticed by one probe', async (t) => {
  let now = 0
  let isDead = true
  const server = await startPlainServer(t, (_, response) => (isDead ? response.destroy() : response.end('ok')))
  const source = sourceAt(server.url, { clock: () => now, limits: { ...limits, failuresBeforeOpen: 3 } })
  await assert.rejects(source.request({ url: 'x' }), { kind: 'broken' })
  await assert.rejects(source.request({ url: 'x' }), { kind: 'open-circuit' })
  now = 1000
  await assert.rejects(source.request({ url: 'x' }), { kind: 'broken' })
  assert.equal(server.requests.length, 4, 'the failed probe is not repeated')
  isDead = false
  now = 2999
  await assert.rejects(source.request({ url: 'x' }), { kind: 'open-circuit' })
  now = 3000
  const answers = await Promise.allSettled([source.request({ url: 'x' }), source.request({ url: 'x' })])
  assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await source.request({ url: 'x' })).status, 200)
})

test('a certificate that nobody vouches for is said to be that, and asked for once', async (t) => {
  const { createServer: createTlsServer } = await import('node:tls')
  let connections = 0
  const server = createTlsServer({}).listen(0, '127.0.0.1')
  server.on('connection', () => connections++)
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  const source = sourceAt(new URL(`https://127.0.0.1:${address.port}/`))
  await assert.rejects(source.request({ url: 'x' }), { kind: 'untrusted' })
  assert.equal(connections, 1)
})
