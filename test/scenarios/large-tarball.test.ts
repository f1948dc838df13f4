import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { hasProcFileSystem, MemoryWatch, megabytes } from '../support/memory.ts'
import { makePackage, type NpmPackage, tarballFile } from '../support/npm-package.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { skipWithout } from '../support/requirements.ts'
import { startUpstream } from '../support/upstream.ts'

/** The tarball, and what a process may hold above what it holds when idle. Unit: bytes. */
const noiseBytes = 1_000_000_000
const growthBytesMax = 150_000_000

const skip = skipWithout('/proc, which tells how much memory a process has,', hasProcFileSystem)

test('a tarball of 1 GB is published and installed within 150 MB', { skip }, async (t) => {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { processes: 1, connections: { 'public:npmjs': upstream.url } })
  const made = await makePackage({ name: '@acme/giant', version: '1.0.0', noiseBytes })
  const publishing = new MemoryWatch(yard.server.pid)
  await publishAsStream(yard, made)
  t.diagnostic(`publishing grew the server by ${megabytes(publishing.growthBytes())}`)
  assert.ok(publishing.growthBytes() < growthBytesMax, megabytes(publishing.growthBytes()))

  const downloading = new MemoryWatch(yard.server.pid)
  await download(yard, made)
  t.diagnostic(`downloading grew the server by ${megabytes(downloading.growthBytes())}`)
  assert.ok(downloading.growthBytes() < growthBytesMax, megabytes(downloading.growthBytes()))
})

test('a tarball of 1 GB from the upstream is passed on and kept within 150 MB', { skip }, async (t) => {
  const giant = { name: 'giant', version: '1.0.0', noiseBytes }
  const upstream = await startUpstream(t, { npm: [giant] })
  const yard = await startPackyard(t, { processes: 1, connections: { 'public:npmjs': upstream.url } })
  const made = await makePackage(giant)
  const watch = new MemoryWatch(yard.server.pid)
  await download(yard, made)
  await download(yard, made)
  assert.equal(upstream.count(upstream.tarballPath('giant', '1.0.0')), 1)
  t.diagnostic(`proxying grew the server by ${megabytes(watch.growthBytes())}`)
  assert.ok(watch.growthBytes() < growthBytesMax, megabytes(watch.growthBytes()))
})

async function publishAsStream(yard: Packyard, made: NpmPackage): Promise<void> {
  const endpoint = await yard.endpoint('main')
  const body = Readable.from(publishBody(made), { objectMode: false })
  const response = await fetch(`${endpoint}${made.name.replace('/', '%2f')}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await yard.token()}`, 'content-type': 'application/json' },
    body: Readable.toWeb(body) as ReadableStream,
    duplex: 'half',
  })
  assert.equal(response.status, 201, await response.text())
}

/** What npm would send; but npm holds all of it in memory, and gives up long before this size. */
async function* publishBody(made: NpmPackage): AsyncGenerator<string> {
  const { name, version, digests, manifest } = made
  const dist = { shasum: digests.shasum, integrity: digests.integrity }
  const document = { _id: name, name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
  yield `${JSON.stringify(document).slice(0, -1)},"_attachments":{"${name}-${version}.tgz":`
  yield `{"content_type":"application/octet-stream","length":${digests.sizeBytes},"data":"`
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of made.open() as AsyncIterable<Buffer>) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const whole = bytes.length - (bytes.length % 3)
    yield bytes.toString('base64', 0, whole)
    rest = bytes.subarray(whole)
  }
  yield `${rest.toString('base64')}"}}}`
}

async function download(yard: Packyard, made: NpmPackage): Promise<void> {
  const url = `${await yard.endpoint('main')}${made.name}/-/${tarballFile(made.name, made.version)}`
  const response = await fetch(url, { headers: { authorization: `Bearer ${await yard.token()}` } })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-encoding'), null)
  const hash = createHash('sha512')
  for await (const chunk of response.body ?? []) hash.update(chunk)
  assert.equal(`sha512-${hash.digest('base64')}`, made.digests.integrity)
}
