import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ClientName, skipWithoutClient } from '../support/clients.ts'
import { bytesOf, makePackage } from '../support/npm-package.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { pips, PythonUser, skipWithoutPip } from '../support/python-clients.ts'
import { makePython } from '../support/python-package.ts'
import { PypiWire } from '../support/pypi-wire.ts'
import { newBucket } from '../support/s3.ts'
import { runWell, until } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { startS3FaultProxy } from '../support/s3-fault-proxy.ts'
import { encryptingSwift } from '../support/s3-swift.ts'

const npm: ClientName = 'npm 11'
const npmAgent = { 'user-agent': 'npm/11.0.0 node/v26.0.0 linux x64 workspaces/false' }
const [pip] = pips
const large = { name: 'large', version: '1.0.0', noiseBytes: 1_500_000 }

interface Redirecting {
  readonly yard: Packyard
  /** Requests that clients sent to the store. */
  readonly seen: IncomingMessage[]
}

/** Clients reach the store by another host's name than the server's, and by way of a proxy that looks on. */
async function start(t: TestContext, more = ''): Promise<Redirecting | undefined> {
  const blobUrl = await newBucket(t, encryptingSwift)
  if (blobUrl === undefined) return undefined
  const proxy = await startS3FaultProxy(t, blobUrl)
  const seen: IncomingMessage[] = []
  proxy.choose = (request) => {
    seen.push(request)
    return 'none'
  }
  const endpoint = new URL(new URL(proxy.blobUrl).searchParams.get('endpoint') ?? '')
  endpoint.hostname = 'localhost'
  const redirect = more === 'same host' ? 'on' : endpoint.origin
  const url = `${blobUrl}&sse=AES256&redirect=${encodeURIComponent(redirect)}`
  const yard = await startPackyard(t, { blobUrl: url, processes: 1 })
  return { yard, seen }
}

test('clients that keep the token to themselves fetch large assets from the store', async (t) => {
  const started = await start(t)
  if (!started) return
  const { yard, seen } = started
  const token = await yard.token()
  const wire = new NpmWire(await yard.endpoint('main'), token)
  assert.equal((await wire.publish(large)).status, 201)
  assert.equal((await wire.publish({ ...large, name: 'small', noiseBytes: 1_000 })).status, 201)
  const bytes = await bytesOf(await makePackage(large))
  const tarball = '/large/-/large-1.0.0.tgz'.slice(1)

  await t.test('the address holds for the bytes, as a file, and for ranges of them', async () => {
    const { status, headers } = await wire.get(tarball, npmAgent)
    assert.equal(status, 302)
    assert.equal(headers.get('cache-control'), 'no-store')
    const address = headers.get('location') ?? ''
    const whole = await fetch(address)
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(bytes))
    assert.equal(whole.headers.get('content-type'), 'application/octet-stream')
    assert.equal(whole.headers.get('content-disposition'), 'attachment; filename="large-1.0.0.tgz"')
    const part = await fetch(address, { headers: { range: 'bytes=10-19' } })
    assert.equal(part.status, 206)
    assert.ok(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20)))
    assert.equal((await fetch(address.replace('large-1.0.0', 'other'))).status, 403, 'the name is signed')
    assert.equal((await fetch(address, { method: 'PUT', body: 'x' })).status, 403)
  })

  await t.test('everybody else has them from the server, and so is everything that is not a large body', async () => {
    for (const agent of ['curl/8.0', 'npm/6.14.0', 'Bun/1.3.0', 'like npm/11.0.0']) {
      const reply = await wire.get(tarball, { 'user-agent': agent })
      assert.ok(reply.status === 200 && reply.bytes.equals(bytes), agent)
    }
    assert.equal((await wire.get('small/-/small-1.0.0.tgz', npmAgent)).status, 200)
    const head = await wire.request('HEAD', tarball, { headers: npmAgent })
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(bytes.length)])
    assert.equal((await wire.get(tarball, { ...npmAgent, range: `bytes=${bytes.length}-` })).status, 416)
    const etag = head.headers.get('etag') ?? ''
    assert.equal((await wire.get(tarball, { ...npmAgent, 'if-none-match': etag })).status, 304)
    assert.equal((await wire.get(tarball, { ...npmAgent, range: 'bytes=0-9', 'if-range': etag })).status, 206)
    assert.equal((await wire.get(tarball, { ...npmAgent, range: 'bytes=0-9' })).status, 302)
    const stranger = new NpmWire(await yard.endpoint('main'), undefined)
    assert.equal((await stranger.get(tarball, npmAgent)).status, 401)
  })

  await t.test('npm installs it from there', { skip: skipWithoutClient(npm) }, async () => {
    const before = seen.length
    const client = await yard.client(npm)
    await client.add('large@1.0.0')
    assert.equal(await client.installed('large'), 'large@1.0.0')
    await checkDownloads(seen.slice(before), token)
  })

  await t.test('pip installs it from there', { skip: skipWithoutPip }, async () => {
    const endpoint = await yard.endpoint('main', 'pypi')
    const wheel = makePython({ name: 'heavy', version: '2.0', files: { 'heavy/noise.txt': noise(900_000) } })
    await new PypiWire(endpoint, token).publish(wheel)
    const before = seen.length
    const user = await PythonUser.create(yard.folder, endpoint, token)
    await user.install(pip, 'heavy==2.0')
    assert.equal(await user.installed('heavy'), '2.0')
    assert.ok((await readdir(join(user.project, 'installed', 'heavy'))).includes('noise.txt'))
    await checkDownloads(seen.slice(before), token)
  })

  await t.test('each is a read in the log and in the usage, with its size', async () => {
    const lines = yard.server.log.split('\n').filter((line) => line.includes('"redirect.host"'))
    assert.ok(lines.every((line) => !line.includes('X-Amz-Signature')))
    const first = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>
    const told = [first['status'], first['redirect.size_bytes'], first['package.name']]
    assert.deepEqual(told, [302, bytes.length, 'large'])
    const asked = [mainProgram, 'usage', '--by', 'package', '--output', 'csv']
    const options = { cwd: yard.folder, env: yard.serverEnv }
    // The address that the first part was given, and that npm was; the server gave four more, and parts.
    await until(
      'the usage',
      async () => {
        const { stdout } = await runWell(process.execPath, asked, options)
        const used = Number(/\/large,\d+,(\d+)/.exec(stdout)?.[1] ?? 0)
        return used >= 5 * bytes.length || undefined
      },
      60_000,
    )
  })
})

test('where only the port differs nobody is sent away, as clients would show their token', async (t) => {
  const started = await start(t, 'same host')
  if (!started) return
  const wire = new NpmWire(await started.yard.endpoint('main'), await started.yard.token())
  assert.equal((await wire.publish(large)).status, 201)
  const reply = await wire.get('large/-/large-1.0.0.tgz', npmAgent)
  assert.ok(reply.status === 200 && reply.bytes.equals(await bytesOf(await makePackage(large))))
})

async function checkDownloads(seen: readonly IncomingMessage[], token: string): Promise<void> {
  assert.ok(seen.length > 0, 'the store was asked')
  for (const { method, headers, url } of seen) {
    assert.equal(method, 'GET')
    assert.equal(headers.authorization, undefined)
    assert.ok(!JSON.stringify({ headers, url }).includes(token))
  }
}

/** That no archive can shrink. */
function noise(bytes: number): string {
  return Array.from({ length: bytes / 4 }, (_, index) =>
    ((index * 2_654_435_761) % 1_679_616).toString(36).padStart(4, '0'),
  ).join('')
}
