import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'

import type { BlobId, BlobStore } from './blob-store.ts'
import { put, testBlobStore } from './blob-store.conformance.ts'
import { cachedBlobs } from './cached.ts'
import { diskBlobStore } from './disk.ts'

testBlobStore('disk, cached', async (t) => {
  const { directory, store } = await openDisk(t)
  const countStaged = async () => (await readdir(path.join(directory, '.staging'))).length
  return { store: cachedBlobs(store, { limitBytes: 1_000_000, blobBytesMax: 100_000 }), countStaged }
})

test('a small blob that was read once is served from memory, whole and in ranges', async (t) => {
  const { store } = await openDisk(t)
  const cached = cachedBlobs(store, { limitBytes: 1_000, blobBytesMax: 100 })
  const blob = await put(cached, randomUUID(), Buffer.from('small'))
  await cached.read(blob, 5, 100)
  await store.remove(blob)
  assert.equal((await cached.read(blob, 5, 100))?.toString(), 'small')
  assert.equal((await buffer(await cached.open(blob))).toString(), 'small')
  assert.equal((await buffer(await cached.open(blob, { start: 1, end: 2 }))).toString(), 'ma')
})

test('a large blob is not kept, and the oldest goes when the room is full', async (t) => {
  const { store } = await openDisk(t)
  const cached = cachedBlobs(store, { limitBytes: 1_000, blobBytesMax: 100 })
  const domainId = randomUUID()
  const large = await put(cached, domainId, Buffer.alloc(101))
  const small: BlobId[] = []
  for (let index = 0; index < 5; index++) small.push(await put(cached, domainId, Buffer.from(`small ${index}`)))
  await cached.read(large, 101, 1_000)
  for (const blob of small) await cached.read(blob, 7, 1_000)
  for (const blob of [large, ...small]) await store.remove(blob)
  await assert.rejects(cached.read(large, 101, 1_000))
  await assert.rejects(cached.read(small[0] as BlobId, 7, 1_000))
  assert.equal((await cached.read(small[4] as BlobId, 7, 1_000))?.toString(), 'small 4')
})

async function openDisk(t: TestContext): Promise<{ directory: string; store: BlobStore }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'packyard-cached-'))
  t.after(async () => rm(directory, { recursive: true, force: true }))
  return { directory, store: await diskBlobStore({ directory }) }
}
