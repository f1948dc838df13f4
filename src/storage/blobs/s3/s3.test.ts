import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'

import { newBucket, s3Engines } from '../../../../test/support/s3.ts'
import type { S3Engine } from '../../../../test/support/s3-server.ts'
import type { BlobId, BlobStore } from '../blob-store.ts'
import { type BlobStoreUnderTest, put, testBlobStore } from '../blob-store.conformance.ts'
import { encryptedBlobs } from '../encrypted.ts'
import { memoryKeys } from '../memory-keys.fixture.ts'
import { s3BlobStore } from './s3.ts'
import { parseS3Url } from './s3-url.ts'

const encrypted = (store: BlobStore) =>
  encryptedBlobs({ store, keys: memoryKeys(), randomBytes, newBlobs: 'encrypted', onDamaged: () => {} })

for (const engine of s3Engines) {
  testBlobStore(`S3 (${engine.name})`, async (t) => open(t, engine, (store) => store))
  testBlobStore(`S3 (${engine.name}), encrypted`, async (t) => open(t, engine, encrypted))

  test(`an address of S3 (${engine.name}) gives the bytes of one blob to anybody, and nothing else`, async (t) => {
    const opened = await open(t, engine, (store) => store)
    if (opened === undefined) return
    const bytes = randomBytes(300_000)
    const blob = await put(opened.store, randomUUID(), bytes)
    const other = await put(opened.store, blob.domainId, randomBytes(10))
    const address = await opened.store.addressOf?.(blob, { contentType: 'application/x-tar', fileName: 'a b"c.tgz' })
    assert.ok(address)
    const whole = await fetch(address)
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(bytes))
    assert.equal(whole.headers.get('content-type'), 'application/x-tar')
    assert.equal(whole.headers.get('content-disposition'), 'attachment; filename="a_b_c.tgz"')
    const part = await fetch(address, { headers: { range: 'bytes=100-199' } })
    assert.deepEqual([part.status, Buffer.from(await part.arrayBuffer())], [206, bytes.subarray(100, 200)])
    const pathOf = ({ sha256 }: BlobId) => `/${sha256.slice(0, 2)}/${sha256}`
    const elsewhere = address.replace(pathOf(blob), pathOf(other))
    assert.equal((await fetch(elsewhere)).status, 403)
    assert.equal((await fetch(address, { method: 'DELETE' })).status, 403)
    assert.equal((await fetch(address.replace('x-tar', 'zip'))).status, 403)
  })
}

async function open(
  t: TestContext,
  engine: S3Engine,
  wrap: (store: BlobStore) => BlobStore,
): Promise<BlobStoreUnderTest | undefined> {
  const url = await newBucket(t, engine)
  const parsed = url === undefined ? undefined : parseS3Url(url)
  if (parsed === undefined) return undefined
  const settings = { ...parsed, redirect: { endpoint: undefined } }
  const stagingDirectory = await mkdtemp(path.join(tmpdir(), 'packyard-s3-staging-'))
  t.after(async () => rm(stagingDirectory, { recursive: true, force: true }))
  const store = wrap(await s3BlobStore({ settings, region: 'us-east-1', stagingDirectory }))
  return { store, countStaged: async () => (await readdir(stagingDirectory)).length }
}
