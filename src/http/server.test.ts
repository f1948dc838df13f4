import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { type Call, HttpError, type Plane, type Reply } from './call.ts'
import { type ServerLimits, serverLimits } from './limits.ts'
import { renderPlainError } from './plain-error.ts'
import { readBody } from './request-body.ts'
import type { RequestRecord } from './request-record.ts'
import { startServer } from './server.ts'

interface Setup {
  readonly limits?: Partial<ServerLimits>
  readonly publicUrl?: string
  readonly bodyBytesMax?: number
}

async function start(t: TestContext, handle: (call: Call) => Promise<Reply> | Reply, setup: Setup = {}) {
  const records: RequestRecord[] = []
  const waiting: ((record: RequestRecord) => void)[] = []
  const plane: Plane = {
    name: 'test',
    matches: ({ path }) => path.startsWith('/t'),
    handle,
    renderError: renderPlainError,
    ...(setup.bodyBytesMax === undefined ? {} : { bodyBytesMax: setup.bodyBytesMax }),
  }
  let count = 0
  const server = await startServer({
    planes: [plane],
    host: '127.0.0.1',
    port: 0,
    publicUrl: setup.publicUrl,
    limits: { ...serverLimits, drainMs: 500, ...setup.limits },
    newId: () => `id-${++count}`,
    clock: () => performance.now(),
    observer(record) {
      records.push(record)
      waiting.shift()?.(record)
    },
  })
  t.after(() => server.drain())
  const nextRecord = () => new Promise<RequestRecord>((resolve) => waiting.push(resolve))
  return { ...server, records, nextRecord }
}

const text = (body: string): Reply => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body })

/** Sends bytes as they are, and gives back all that came until the server closed. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  return readAll(socket)
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

test('Text, buffers and streams are answered with their length, and HEAD with the length alone', async (t) => {
  const { url } = await start(t, ({ path }) => {
    if (path === '/text') return text('grüß')
    if (path === '/tbuffer') return { status: 201, headers: {}, body: Buffer.from('abc') }
    return {
      status: 200,
      headers: { 'Content-Length': 6 },
      body: Readable.from([Buffer.from('abc'), Buffer.from('def')]),
    }
  })
  const answers = []
  for (const path of ['/text', '/tbuffer', '/tstream']) {
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(url + path, { method })
      answers.push([method, path, response.status, response.headers.get('content-length'), await response.text()])
    }
  }
  assert.deepEqual(answers, [
    ['GET', '/text', 200, '6', 'grüß'],
    ['HEAD', '/text', 200, '6', ''],
    ['GET', '/tbuffer', 201, '3', 'abc'],
    ['HEAD', '/tbuffer', 201, '3', ''],
    ['GET', '/tstream', 200, '6', 'abcdef'],
    ['HEAD', '/tstream', 200, '6', ''],
  ])
})

test('Every answer carries the request id, which is the one in the record', async (t) => {
  const server = await start(t, (call) => {
    call.log({ 'package.name': 'react' })
    return text(call.id)
  })
  const ended = server.nextRecord()
  const response = await fetch(`${server.url}/t?a=1`)
  assert.equal(response.headers.get('x-amzn-requestid'), await response.text())
  const record = await ended
  assert.equal(record.id, 'id-1')
  assert.deepEqual(
    [record.plane, record.path, record.query, record.status, record.sentBytes, record.end, record.fields],
    ['test', '/t', 'a=1', 200, 4, 'complete', [{ 'package.name': 'react' }]],
  )
})

test('The path and the headers come through byte by byte', async (t) => {
  const { port } = await start(t, ({ path, query, rawHeaders }) => text(JSON.stringify([path, query, rawHeaders])))
  const answer = await raw(
    port,
    'GET /t//a/../%7e%2f?b=%20+&a HTTP/1.1\r\nHOST: x\r\nX-Odd:  a  b\r\nConnection: close\r\n\r\n',
  )
  assert.deepEqual(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))), [
    '/t//a/../%7e%2f',
    'b=%20+&a',
    ['HOST', 'x', 'X-Odd', 'a  b', 'Connection', 'close'],
  ])
})

test('A target with scheme and host is read as its path', async (t) => {
  const { port } = await start(t, ({ path }) => text(path))
  const answer = await raw(port, 'GET http://elsewhere/t/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(answer, /\r\n\r\n\/t\/x$/)
})

test('Two Authorization, Host or X-Amz-Date headers are refused, and so is no Host', async (t) => {
  const { port } = await start(t, () => text('never'))
  for (const headers of [
    'Host: a\r\nhost: b',
    'Host: a\r\nAuthorization: x\r\nauthorization: x',
    'Host: a\r\nX-Amz-Date: x\r\nX-AMZ-DATE: x',
    'Accept: a',
  ]) {
    const answer = await raw(port, `GET /t HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.match(answer, /\r\n\r\n\{"message":"header (Host|host|authorization|X-AMZ-DATE) /)
  }
})

test('What no plane serves is 404, and what is no HTTP or too large is 400 and 431, all as JSON', async (t) => {
  const { port, url } = await start(t, () => text('never'))
  const missing = await fetch(`${url}/elsewhere`)
  assert.deepEqual(
    [missing.status, await missing.json()],
    [404, { message: 'there is nothing at /elsewhere', requestId: 'id-1' }],
  )
  const garbage = await raw(port, 'this is no HTTP\r\n\r\n')
  assert.match(garbage, /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\n\{"message":"the request is not valid HTTP\/1\.1"/)
  const large = await raw(port, `GET /t HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)
  assert.match(large, /^HTTP\/1\.1 431 [^]*\r\n\r\n\{"message":"the request line and headers are too large"/)
})

test('A head that never ends is 408', async (t) => {
  const { port } = await start(t, () => text('never'), { limits: { headersTimeoutMs: 20, requestTimeoutMs: 20 } })
  const answer = await raw(port, 'GET /t HTTP/1.1\r\nHost: x\r\n')
  assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('A connection on which nothing moves is closed', async (t) => {
  const { port } = await start(t, () => new Promise<Reply>(() => {}), { limits: { idleTimeoutMs: 30 } })
  assert.equal(await raw(port, 'GET /t HTTP/1.1\r\nHost: x\r\n\r\n'), '')
})

test('A failure before the first byte is told, and a bug is a 500 after which the server goes on', async (t) => {
  const server = await start(t, ({ path }) => {
    if (path === '/tsync') throw new HttpError(418, 'short and stout', { 'X-Why': 'tea' })
    if (path === '/tasync') return Promise.reject(new TypeError('secret detail'))
    if (path === '/theader') return { status: 200, headers: { 'X-Bad': 'a\nb' }, body: 'x' }
    const body = new Readable({ read: () => void body.destroy(new Error('disk gone')) })
    return { status: 200, headers: { 'Content-Length': 5 }, body }
  })
  const told = []
  for (const path of ['/tsync', '/tasync', '/theader', '/tstream']) {
    const response = await fetch(server.url + path)
    told.push([response.status, ((await response.json()) as { message: string }).message])
  }
  assert.deepEqual(told, [
    [418, 'short and stout'],
    [500, 'internal error; request id id-2'],
    [500, 'internal error; request id id-3'],
    [500, 'internal error; request id id-4'],
  ])
  assert.deepEqual(
    server.records.map(({ error }) => (error as Error).name),
    ['HttpError', 'TypeError', 'TypeError', 'Error'],
  )
})

test('A stream that fails or ends too early breaks the connection off', async (t) => {
  const server = await start(t, ({ path }) => {
    const parts = path === '/tshort' ? ['abc'] : ['abc', new Error('disk gone')]
    const body = Readable.from(
      (async function* () {
        for (const part of parts) {
          if (part instanceof Error) throw part
          yield Buffer.from(part)
        }
      })(),
    )
    return { status: 200, headers: path === '/tshort' ? { 'Content-Length': 10 } : {}, body }
  })
  for (const path of ['/tshort', '/terror']) {
    const ended = server.nextRecord()
    const answer = await raw(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    assert.match(answer, /abc/)
    assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/)
    assert.equal((await ended).end, 'gone')
  }
})

test('A client that leaves aborts the signal and destroys the stream it was reading', async (t) => {
  const body = new PassThrough()
  const aborted = Promise.withResolvers<void>()
  const server = await start(t, ({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve())
    body.write('first')
    return { status: 200, headers: {}, body }
  })
  const ended = server.nextRecord()
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET /t HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  await aborted.promise
  assert.equal((await ended).end, 'gone')
  assert.equal(body.destroyed, true)
})

test('A slow reader holds the stream back', async (t) => {
  let producedBytes = 0
  const chunk = Buffer.alloc(64 * 1024)
  const body = new Readable({
    read() {
      producedBytes += chunk.length
      this.push(producedBytes <= 256 * 1024 * 1024 ? chunk : null)
    },
  })
  const { port } = await start(t, () => ({ status: 200, headers: {}, body }))
  const socket = connect(port, '127.0.0.1')
  socket.pause()
  socket.write('GET /t HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(body, 'pause')
  const heldAt = producedBytes
  assert.ok(heldAt < 64 * 1024 * 1024, `${heldAt} bytes were read ahead`)
  socket.destroy()
  await once(body, 'close')
})

test('A body is read as sent, once somebody asks for it', async (t) => {
  const { url } = await start(t, async ({ body }) => text(String((await readBody(body, 1000)).length)))
  assert.equal(await (await fetch(`${url}/t`, { method: 'POST', body: 'x'.repeat(999) })).text(), '999')
  assert.equal(await (await fetch(`${url}/t`, { method: 'POST' })).text(), '0')
  assert.equal(await (await fetch(`${url}/t`)).text(), '0')
})

test('A body over its limit is 413, whether its length is declared or not, and the client sees it', async (t) => {
  const { url } = await start(t, async ({ body }) => text(String((await readBody(body, 2_000_000)).length)), {
    bodyBytesMax: 1_000_000,
  })
  const declared = await fetch(`${url}/t`, { method: 'POST', body: Buffer.alloc(3_000_000) })
  assert.equal(declared.status, 413)
  const chunked = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(60_000)))
  const streamed = await fetch(`${url}/t`, { method: 'POST', body: chunked, duplex: 'half' } as RequestInit)
  assert.equal(streamed.status, 413)
  assert.match(((await streamed.json()) as { message: string }).message, /larger than 1000000 bytes/)
})

test('A refusal reaches a client that is still sending, and its connection serves the next request', async (t) => {
  const { port } = await start(t, ({ method }) => {
    if (method === 'GET') return text('next')
    throw new HttpError(403, 'no')
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('PUT /t HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n')
  const [refusal] = (await once(socket, 'data')) as [Buffer]
  assert.match(refusal.toString(), /^HTTP\/1\.1 403 /)
  socket.write('x'.repeat(200_000))
  socket.write('GET /t HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 [^]*next$/)
})

test('Leave to send a body is given when it is read, and refused by closing', async (t) => {
  const { port } = await start(t, async ({ path, body }) => {
    if (path === '/tno') throw new HttpError(403, 'no')
    return text(String((await readBody(body, 100)).length))
  })
  const ask = (path: string) => {
    const client = request({ port, path, method: 'PUT', headers: { Expect: '100-continue', 'Content-Length': 5 } })
    client.flushHeaders()
    return client
  }
  const accepted = ask('/tyes')
  await once(accepted, 'continue')
  accepted.end('12345')
  const [answer] = (await once(accepted, 'response')) as [import('node:http').IncomingMessage]
  assert.deepEqual([answer.statusCode, (await answer.toArray()).toString()], [200, '5'])
  const refused = ask('/tno')
  refused.on('continue', () => assert.fail('leave was given'))
  refused.on('error', () => {})
  const [refusal] = (await once(refused, 'response')) as [import('node:http').IncomingMessage]
  assert.deepEqual([refusal.statusCode, refusal.headers.connection], [403, 'close'])
  refused.destroy()
})

test('An offer to upgrade is answered as the request it is', async (t) => {
  const { port } = await start(t, () => text('plain'))
  const headers = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ'
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET /t HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  assert.match(answer.toString(), /^HTTP\/1\.1 200 [^]*plain$/)
  socket.destroy()
})

test('The address that clients get back is the one they used, unless one is configured', async (t) => {
  const own = await start(t, ({ origin }) => text(origin))
  const ask = (port: number, host: string) => raw(port, `GET /t HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  const origin = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4)
  assert.equal(origin(await ask(own.port, `localhost:${own.port}`)), `http://localhost:${own.port}`)
  assert.equal(origin(await ask(own.port, '[::1]:80')), 'http://[::1]:80')
  for (const host of ['evil.test/path', 'a@b', 'x"y', '']) assert.equal(origin(await ask(own.port, host)), own.url)
  const behindProxy = await start(t, ({ origin }) => text(origin), { publicUrl: 'https://packages.test/yard' })
  assert.equal(origin(await ask(behindProxy.port, 'inside:1')), 'https://packages.test/yard')
})

test('Draining lets a running request finish, takes no new connection, and cuts what takes too long', async (t) => {
  const release = Promise.withResolvers<void>()
  const server = await start(t, async ({ path }) => {
    if (path === '/tnever') await new Promise(() => {})
    await release.promise
    return text('done')
  })
  const running = fetch(`${server.url}/t`)
  const stuck = raw(server.port, 'GET /tnever HTTP/1.1\r\nHost: x\r\n\r\n')
  const idle = connect(server.port, '127.0.0.1')
  await once(idle, 'connect')
  const gone = once(idle, 'close')
  await fetch(`${server.url}/elsewhere`)
  const drained = server.drain()
  await assert.rejects(fetch(`${server.url}/t`))
  await gone
  release.resolve()
  const response = await running
  assert.equal(await response.text(), 'done')
  assert.equal(await stuck, '')
  await drained
})
