import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'

import { newBucket, s3Engines } from '../../../../test/support/s3.ts'
import type { S3Engine } from '../../../../test/support/s3-server.ts'
import type { BlobStore } from '../blob-store.ts'
import { type BlobStoreUnderTest, testBlobStore } from '../blob-store.conformance.ts'
import { encryptedBlobs } from '../encrypted.ts'
import { memoryKeys } from '../memory-keys.fixture.ts'
import { s3BlobStore } from './s3.ts'
import { parseS3Url } from './s3-url.ts'

const encrypted = (store: BlobStore) =>
  encryptedBlobs({ store, keys: memoryKeys(), randomBytes, newBlobs: 'encrypted', onDamaged: () => {} })

for (const engine of s3Engines) {
  testBlobStore(`S3 (${engine.name})`, async (t) => open(t, engine, (store) => store))
  testBlobStore(`S3 (${engine.name}), encrypted`, async (t) => open(t, engine, encrypted))
}

async function open(
  t: TestContext,
  engine: S3Engine,
  wrap: (store: BlobStore) => BlobStore,
): Promise<BlobStoreUnderTest | undefined> {
  const url = await newBucket(t, engine)
  const settings = url === undefined ? undefined : parseS3Url(url)
  if (settings === undefined) return undefined
  const stagingDirectory = await mkdtemp(path.join(tmpdir(), 'packyard-s3-staging-'))
  t.after(async () => rm(stagingDirectory, { recursive: true, force: true }))
  const store = wrap(await s3BlobStore({ settings, region: 'us-east-1', stagingDirectory }))
  return { store, countStaged: async () => (await readdir(stagingDirectory)).length }
}
