import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'

import { type BlobStore, BlobStoreError } from './blob-store.ts'
import { put, testBlobStore } from './blob-store.conformance.ts'
import { cachedBlobs } from './cached.ts'
import { diskBlobStore } from './disk.ts'
import { encryptedBlobs } from './encrypted.ts'
import { faultyBlobs, type Faults } from './faulty.fixture.ts'
import { memoryKeys } from './memory-keys.fixture.ts'
import { BlobDamagedError } from './sealed-format.ts'

const MIB = 1_048_576

testBlobStore('all wrappers, on a store whose faults are over', async (t) => open(t))

const diskFaults = {
  'is full': Object.assign(new Error('no space left for blobs'), { code: 'ENOSPC' }),
  breaks: Object.assign(new Error('i/o error'), { code: 'EIO' }),
} as const

for (const [what, error] of Object.entries(diskFaults)) {
  test(`a disk that ${what} in the middle of an upload fails it, and leaves nothing`, async (t) => {
    const { store, faults, countStaged } = await open(t)
    const domainId = randomUUID()
    for (const afterBytes of [0, MIB]) {
      faults.write = { afterBytes, error }
      await using staging = await store.stage(domainId)
      const follower = assert.rejects(buffer(staging.follow()), { code: error.code })
      const pieces = Array.from({ length: 64 }, () => randomBytes(65_536))
      await assert.rejects(pipeline(Readable.from(pieces), staging.writable), { code: error.code })
      await assert.rejects(staging.commit(), { code: error.code })
      await follower
    }
    assert.equal(await countStaged(), 0)
    assert.deepEqual(await Array.fromAsync(store.list(domainId)), [])
    faults.write = undefined
    const bytes = randomBytes(MIB)
    assert.ok((await buffer(await store.open(await put(store, domainId, bytes)))).equals(bytes))
  })
}

test('on a disk that may only be read, and in a store that is away, what is cached is read on', async (t) => {
  const { store, faults } = await open(t)
  const small = await put(store, randomUUID(), Buffer.from('small'))
  const large = await put(store, small.domainId, randomBytes(500_000))
  await store.read(small, 5, 100)
  faults.stage = Object.assign(new Error('read-only file system'), { code: 'EROFS' })
  await assert.rejects(put(store, small.domainId, randomBytes(10)), { code: 'EROFS' })
  await assert.rejects(store.check(), { code: 'EROFS' })
  assert.equal((await buffer(await store.open(large))).length, 500_000)
  faults.read = new BlobStoreError('the object store did not answer')
  assert.equal((await store.read(small, 5, 100))?.toString(), 'small')
  assert.equal((await buffer(await store.open(small, { start: 1, end: 2 }))).toString(), 'ma')
  await assert.rejects(store.open(large), BlobStoreError)
  faults.read = undefined
  assert.equal((await buffer(await store.open(large))).length, 500_000)
})

test('a store that gives fewer bytes than it has is found out wherever it stops', async (t) => {
  const { store, faults } = await open(t)
  const sizeBytes = 700_000
  const blob = await put(store, randomUUID(), randomBytes(sizeBytes))
  for (const truncateAt of [0, 20, 72, 100, 262_144, 262_232, 524_360, sizeBytes, sizeBytes + 80]) {
    faults.truncateAt = truncateAt
    await assert.rejects(async () => buffer(await store.open(blob)), BlobDamagedError, `${truncateAt}`)
    await assert.rejects(store.read(blob, sizeBytes, sizeBytes), BlobDamagedError, `${truncateAt}`)
  }
})

interface Opened {
  readonly store: BlobStore
  readonly faults: Faults
  countStaged(): Promise<number>
}

async function open(t: TestContext): Promise<Opened> {
  const directory = await mkdtemp(path.join(tmpdir(), 'packyard-faulty-'))
  t.after(async () => rm(directory, { recursive: true, force: true }))
  const faults: Faults = {}
  const store = encryptedBlobs({
    store: faultyBlobs(await diskBlobStore({ directory }), faults),
    keys: memoryKeys(),
    randomBytes,
    newBlobs: 'encrypted',
    onDamaged: () => {},
  })
  const cached = cachedBlobs(store, { limitBytes: 100_000, blobBytesMax: 10_000 })
  return { store: cached, faults, countStaged: async () => (await readdir(path.join(directory, '.staging'))).length }
}
