import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { GetPackageVersionAssetCommand, PublishPackageVersionCommand } from '@aws-sdk/client-codeartifact'
import { hasProcFileSystem, MemoryWatch, megabytes } from '../support/memory.ts'
import { startPackyard } from '../support/packyard.ts'
import { skipWithout } from '../support/requirements.ts'
import { newBucket } from '../support/s3.ts'

/** The asset; `PACKYARD_TEST_LARGE_ASSET_BYTES=5368709120` for the largest that there may be. Unit: bytes. */
const assetBytes = Number(process.env.PACKYARD_TEST_LARGE_ASSET_BYTES ?? 1_000_000_000)
/** What a process may hold above what it holds when idle. Unit: bytes. Ours. */
const growthBytesMax = 150_000_000

const skip = skipWithout('/proc, which tells how much memory a process has,', hasProcFileSystem)

test('an asset of 1 GB is published by operation and read back within 150 MB', { skip }, (t) => {
  return bringAndFetch(t, undefined)
})

// Takes a minute for each GB, so that it is asked for by a size.
const skipStore = skip || (process.env.PACKYARD_TEST_LARGE_ASSET_BYTES === undefined && 'no size was asked for')

if (skipStore === false) {
  test('such an asset goes through an object store within 150 MB', async (t) => {
    const blobUrl = await newBucket(t)
    if (blobUrl !== undefined) await bringAndFetch(t, blobUrl)
  })
}

async function bringAndFetch(t: TestContext, blobUrl: string | undefined): Promise<void> {
  const connections = { 'public:npmjs': 'http://127.0.0.1:9/' }
  const yard = await startPackyard(t, { processes: 1, connections, blobUrl })
  const at = { domain: 'packyard', repository: 'main', format: 'generic', namespace: 'team', package: 'model' } as const
  const assetSHA256 = await hashOf(content())

  const publishing = new MemoryWatch(yard.server.pid)
  const made = await yard.sdk.send(
    new PublishPackageVersionCommand({
      ...at,
      packageVersion: '1.0',
      assetName: 'model.bin',
      assetContent: Readable.from(content(), { objectMode: false }),
      assetSHA256,
    }),
  )
  assert.deepEqual([made.asset?.size, made.asset?.hashes?.['SHA-256']], [assetBytes, assetSHA256])
  t.diagnostic(`publishing grew the server by ${megabytes(publishing.growthBytes())}`)
  assert.ok(publishing.growthBytes() < growthBytesMax, megabytes(publishing.growthBytes()))

  const reading = new MemoryWatch(yard.server.pid)
  const read = await yard.sdk.send(
    new GetPackageVersionAssetCommand({ ...at, packageVersion: '1.0', asset: 'model.bin' }),
  )
  assert.equal(await hashOf(read.asset as Readable), assetSHA256)
  const authorization = `Bearer ${await yard.token()}`
  const address = `${await yard.endpoint('main', 'generic')}team/model/1.0/model.bin`
  const end = await fetch(address, { headers: { authorization, range: 'bytes=-10' } })
  assert.deepEqual([end.status, (await end.arrayBuffer()).byteLength], [206, 10])
  t.diagnostic(`reading grew the server by ${megabytes(reading.growthBytes())}`)
  assert.ok(reading.growthBytes() < growthBytesMax, megabytes(reading.growthBytes()))
}

const piece = randomBytes(1024 * 1024)

/** The same bytes each time, and never all of them. */
async function* content(): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < assetBytes; sent += piece.length) yield piece.subarray(0, assetBytes - sent)
}

async function hashOf(bytes: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}
