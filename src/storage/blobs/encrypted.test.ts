import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { appendFile, mkdtemp, open, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'

import { type BlobId, BlobMissingError, type BlobStore } from './blob-store.ts'
import { put, testBlobStore } from './blob-store.conformance.ts'
import { diskBlobStore } from './disk.ts'
import type { DomainKeys } from './domain-keys.ts'
import { encryptPlainBlobs } from './encrypt-plain.ts'
import { encryptedBlobs } from './encrypted.ts'
import { memoryKeys } from './memory-keys.fixture.ts'
import { BlobDamagedError, HEADER_BYTES, SEGMENT_BYTES, sealedSize, segmentPosition } from './sealed-format.ts'

testBlobStore('disk, encrypted', async (t) => openEncrypted(t))
testBlobStore('disk, no longer encrypted', async (t) => openEncrypted(t, { newBlobs: 'plain' }))

test('what is stored shows nothing of what was written, also while it is staged', async (t) => {
  const { store, directory } = await openEncrypted(t)
  const secret = Buffer.alloc(300_000, 'a secret line; ')
  await using staging = await store.stage(randomUUID())
  await new Promise((resolve) => staging.writable.write(secret, resolve))
  const [staged = ''] = await readdir(path.join(directory, '.staging'))
  assert.ok(!(await readFile(path.join(directory, '.staging', staged))).includes('secret'))
  staging.writable.end()
  const blob = await staging.commit()
  const stored = await readFile(fileOf(directory, blob))
  assert.equal(stored.length, sealedSize(secret.length))
  assert.ok(!stored.includes('secret'))
})

test('the same bytes are never stored the same way twice', async (t) => {
  const { store, directory } = await openEncrypted(t)
  const bytes = randomBytes(100)
  const blob = await put(store, randomUUID(), bytes)
  const before = await readFile(fileOf(directory, blob))
  await put(store, blob.domainId, bytes)
  assert.ok(!before.equals(await readFile(fileOf(directory, blob))))
  assert.ok(bytes.equals(await buffer(await store.open(blob))))
})

test('any flipped bit is an error, and is told; no byte of its segment is given away', async (t) => {
  const { store, directory, damaged } = await openEncrypted(t)
  const bytes = randomBytes(SEGMENT_BYTES + 1_000)
  const blob = await put(store, randomUUID(), bytes)
  const storedBytes = sealedSize(bytes.length)
  const places = [0, 8, 11, 12, 30, HEADER_BYTES - 1, HEADER_BYTES, segmentPosition(1) - 1, segmentPosition(1)]
  for (const position of [...places, storedBytes - 17, storedBytes - 1]) {
    await flipBit(fileOf(directory, blob), position)
    await assert.rejects(readAll(store, blob), BlobDamagedError, `at ${position}`)
    await assert.rejects(store.read(blob, bytes.length, bytes.length), BlobDamagedError, `at ${position}`)
    assert.deepEqual(damaged.splice(0), [blob, blob])
    await flipBit(fileOf(directory, blob), position)
  }
  await flipBit(fileOf(directory, blob), segmentPosition(1) + 5)
  const given: Buffer[] = []
  await assert.rejects(async () => {
    for await (const chunk of await store.open(blob)) given.push(chunk as Buffer)
  }, BlobDamagedError)
  assert.ok(Buffer.concat(given).equals(bytes.subarray(0, SEGMENT_BYTES)))
})

test('a range needs only its own segments', async (t) => {
  const { store, directory } = await openEncrypted(t)
  const bytes = randomBytes(4 * SEGMENT_BYTES)
  const blob = await put(store, randomUUID(), bytes)
  await flipBit(fileOf(directory, blob), segmentPosition(2) + 1)
  for (const [start, end] of [
    [0, 2 * SEGMENT_BYTES - 1],
    [3 * SEGMENT_BYTES, bytes.length - 1],
  ] as const) {
    assert.ok((await buffer(await store.open(blob, { start, end }))).equals(bytes.subarray(start, end + 1)))
  }
  await assert.rejects(async () => buffer(await store.open(blob, { start: 600_000, end: 600_000 })), BlobDamagedError)
})

test('a blob that was cut off, lengthened, or has its segments in another order is damaged', async (t) => {
  const { store, directory, again } = await openEncrypted(t)
  const bytes = randomBytes(3 * SEGMENT_BYTES)
  const changes: ((file: string) => Promise<void>)[] = [
    async (file) => truncate(file, segmentPosition(2)),
    async (file) => truncate(file, segmentPosition(2) + 16),
    async (file) => truncate(file, 10),
    async (file) => truncate(file, 0),
    async (file) => appendFile(file, Buffer.alloc(16)),
    async (file) => swapSegments(file),
  ]
  for (const change of changes) {
    const blob = await put(store, randomUUID(), bytes)
    await change(fileOf(directory, blob))
    await assert.rejects(readAll(again(), blob), BlobDamagedError)
  }
})

test('the file of one blob is no other blob, nor one of another domain', async (t) => {
  const { store, directory } = await openEncrypted(t)
  const [domainId, otherDomain] = [randomUUID(), randomUUID()]
  const first = await put(store, domainId, randomBytes(1_000))
  const second = await put(store, domainId, randomBytes(1_000))
  const elsewhere = await put(store, otherDomain, randomBytes(1_000))
  await rename(fileOf(directory, first), fileOf(directory, second))
  await rename(fileOf(directory, elsewhere), fileOf(directory, first))
  await assert.rejects(readAll(store, second), BlobDamagedError)
  await assert.rejects(readAll(store, first), BlobDamagedError)
})

test('blobs that were stored before there was encryption stay readable, and are listed once', async (t) => {
  const { store, directory } = await openEncrypted(t)
  const plain = await diskBlobStore({ directory })
  const bytes = randomBytes(1_000)
  const old = await put(plain, randomUUID(), bytes)
  assert.ok(bytes.equals(await buffer(await store.open(old, { start: 0, end: 999 }))))
  assert.equal(await store.sizeOf(old), 1_000)
  await put(store, old.domainId, bytes)
  assert.deepEqual(await Array.fromAsync(store.list(old.domainId)), [old])
  assert.deepEqual(await Array.fromAsync(store.domains()), [old.domainId])
  await store.remove(old)
  await assert.rejects(store.open(old), BlobMissingError)
  assert.equal(await plain.has(old), false)
})

test('plain blobs are encrypted while they are read; a damaged one is left alone', async (t) => {
  const { store, directory } = await openEncrypted(t)
  const plain = await diskBlobStore({ directory })
  const bytes = randomBytes(700_000)
  const [old, damaged] = [await put(plain, randomUUID(), bytes), await put(plain, randomUUID(), randomBytes(50))]
  await flipBit(path.join(directory, damaged.domainId, damaged.sha256.slice(0, 2), damaged.sha256), 7)
  const reading = buffer(await store.open(old))
  const outcomes = await Array.fromAsync(encryptPlainBlobs({ store: plain, encrypted: store }))
  const outcomeOf = (blob: BlobId) => outcomes.find((one) => one.blob.sha256 === blob.sha256)?.outcome
  assert.deepEqual([outcomeOf(old), outcomeOf(damaged)], ['encrypted', 'damaged'])
  assert.ok((await reading).equals(bytes))
  assert.ok((await readAll(store, old)).equals(bytes))
  assert.equal(await plain.has(old), false)
  assert.equal(await plain.has(damaged), true)
  const left = await Array.fromAsync(encryptPlainBlobs({ store: plain, encrypted: store }))
  assert.deepEqual(
    left.map(({ outcome }) => outcome),
    ['damaged'],
  )
})

test('a blob whose key is gone can not be read', async (t) => {
  const { store, again } = await openEncrypted(t)
  const blob = await put(store, randomUUID(), randomBytes(10))
  await assert.rejects(readAll(again(memoryKeys()), blob), /names key 1 of its domain/)
})

interface OpenedStore {
  readonly store: BlobStore
  readonly directory: string
  readonly damaged: BlobId[]
  countStaged(): Promise<number>
  /** Another process on the same folder. */
  again(keys?: DomainKeys): BlobStore
}

async function openEncrypted(
  t: TestContext,
  { newBlobs = 'encrypted' }: { readonly newBlobs?: 'encrypted' | 'plain' } = {},
): Promise<OpenedStore> {
  const directory = await mkdtemp(path.join(tmpdir(), 'packyard-encrypted-'))
  t.after(async () => rm(directory, { recursive: true, force: true }))
  const disk = await diskBlobStore({ directory })
  const damaged: BlobId[] = []
  const ownKeys = memoryKeys()
  const again = (keys = ownKeys) =>
    encryptedBlobs({ store: disk, keys, randomBytes, newBlobs, onDamaged: (blob) => damaged.push(blob) })
  const countStaged = async () => (await readdir(path.join(directory, '.staging'))).length
  return { store: again(), directory, damaged, countStaged, again }
}

function fileOf(directory: string, { domainId, sha256 }: BlobId): string {
  return path.join(directory, `${domainId}-sealed`, sha256.slice(0, 2), sha256)
}

async function readAll(store: BlobStore, blob: BlobId): Promise<Buffer> {
  return buffer(await store.open(blob))
}

async function flipBit(file: string, position: number): Promise<void> {
  await using handle = await open(file, 'r+')
  const { buffer: byte } = await handle.read(Buffer.alloc(1), 0, 1, position)
  byte[0] = (byte[0] ?? 0) ^ 0x04
  await handle.write(byte, 0, 1, position)
}

async function swapSegments(file: string): Promise<void> {
  const { size } = await stat(file)
  await using handle = await open(file, 'r+')
  const bytes = Buffer.alloc(size)
  await handle.read(bytes, 0, size, 0)
  const [first, second, third] = [0, 1, 2].map((index) => segmentPosition(index)) as [number, number, number]
  await handle.write(
    Buffer.concat([bytes.subarray(second, third), bytes.subarray(first, second)]),
    0,
    third - first,
    first,
  )
}
