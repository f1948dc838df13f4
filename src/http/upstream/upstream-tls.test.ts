import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createUpstreamSource, type UpstreamSourceOptions } from './upstream-source.ts'

const basics = { name: 'public:test', indexTtlMs: 1, clock: () => 0, random: () => 0.5 }

interface TlsServer {
  readonly url: URL
  readonly certificate: string
}

/** An HTTPS server whose certificate only its own authority vouches for; undefined when there is no openssl. */
async function startTlsServer(t: TestContext): Promise<TlsServer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  try {
    const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:registry.test']
    execFileSync('openssl', [...request.split(' '), ...names, '-keyout', keyFile, '-out', certificateFile], {
      stdio: 'ignore',
    })
  } catch {
    t.skip('openssl is missing')
    return undefined
  }
  const certificate = readFileSync(certificateFile, 'utf8')
  const server = createHttpsServer({ key: readFileSync(keyFile), cert: certificate }, (_, response) =>
    response.end('ok'),
  )
  const port = await listening(t, server)
  return { url: new URL(`https://127.0.0.1:${port}/`), certificate }
}

async function listening(t: TestContext, server: ReturnType<typeof createHttpServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** A proxy that opens tunnels to 127.0.0.1, whatever host is asked for. */
async function startTunnel(t: TestContext): Promise<{ url: string; tunnels: string[] }> {
  const tunnels: string[] = []
  const server = createHttpServer().on('connect', (request, client) => {
    tunnels.push(request.url ?? '')
    const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    for (const socket of [upstream, client]) socket.on('error', () => socket.destroy())
    t.after(() => upstream.destroy())
  })
  return { url: `http://127.0.0.1:${await listening(t, server)}/`, tunnels }
}

async function textFrom(options: Pick<UpstreamSourceOptions, 'url'> & Partial<UpstreamSourceOptions>): Promise<string> {
  const answer = await createUpstreamSource({ ...basics, ...options }).request({ url: 'x' })
  return String(await answer.bytes(100))
}

test('an authority that the operator gave is trusted, and without it the certificate is not', async (t) => {
  const server = await startTlsServer(t)
  if (!server) return
  assert.equal(await textFrom({ url: server.url, ca: [server.certificate] }), 'ok')
  await assert.rejects(textFrom({ url: server.url }), { kind: 'untrusted', message: /`ca` of the connection/ })
})

test('a proxy tunnels to an https host, whose certificate is still checked', async (t) => {
  const server = await startTlsServer(t)
  if (!server) return
  const tunnel = await startTunnel(t)
  const url = new URL(`https://registry.test:${server.url.port}/`)
  assert.equal(await textFrom({ url, ca: [server.certificate], proxy: { https: tunnel.url } }), 'ok')
  assert.deepEqual(tunnel.tunnels, [url.host])
  await assert.rejects(textFrom({ url, proxy: { https: tunnel.url } }), { kind: 'untrusted' })
  const direct = textFrom({ url: server.url, ca: [server.certificate], proxy: { http: tunnel.url } })
  assert.equal(await direct, 'ok', 'a proxy for http does not take https')
  assert.equal(tunnel.tunnels.length, 2)
})
