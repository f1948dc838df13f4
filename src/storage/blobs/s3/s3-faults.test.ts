import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'

import { newBucket } from '../../../../test/support/s3.ts'
import { type S3Fault, type S3FaultProxy, startS3FaultProxy } from '../../../../test/support/s3-fault-proxy.ts'
import { BlobMissingError, type BlobStore, BlobStoreError } from '../blob-store.ts'
import { put, testBlobStore } from '../blob-store.conformance.ts'
import { s3BlobStore } from './s3.ts'
import { parseS3Url } from './s3-url.ts'

const MIB = 1_048_576

testBlobStore('S3, with a fault in every seventh answer', async (t) => {
  const opened = await open(t, {})
  if (opened === undefined) return undefined
  const faults: readonly S3Fault[] = ['busy', 'cut', 'truncate']
  opened.proxy.choose = () => {
    const { requests } = opened.proxy
    return requests % 7 === 0 ? (faults[(requests / 7) % faults.length] ?? 'none') : 'none'
  }
  return opened
})

testBlobStore('S3 that denies twice what it has just taken', async (t) => {
  const opened = await open(t, {})
  if (opened === undefined) return undefined
  opened.proxy.choose = showingLate(2)
  return opened
})

test('what this process has just written is waited for, and whatever else is not there is not', async (t) => {
  const opened = await open(t, {})
  if (opened === undefined) return
  const { store, proxy } = opened
  proxy.choose = showingLate(4)
  const bytes = randomBytes(2 * MIB)
  const blob = await put(store, randomUUID(), bytes)
  assert.ok((await buffer(await store.open(blob))).equals(bytes))
  const before = proxy.requests
  await assert.rejects(store.open({ ...blob, sha256: '0'.repeat(64) }), BlobMissingError)
  await store.remove(blob)
  await assert.rejects(store.open(blob), BlobMissingError)
  assert.equal(proxy.requests - before, 3)
})

test('a download that is cut, or stalls, goes on where it was, and each byte comes once', async (t) => {
  const opened = await open(t, { stallTimeoutMs: 300 })
  if (opened === undefined) return
  const { store, proxy } = opened
  const bytes = randomBytes(3 * MIB)
  const blob = await put(store, randomUUID(), bytes)
  for (const fault of ['truncate', 'stall'] as const) {
    let downloads = 0
    proxy.choose = ({ method }) => (method === 'GET' && downloads++ < 3 ? fault : 'none')
    assert.ok((await buffer(await store.open(blob))).equals(bytes), fault)
    assert.equal(downloads, 4)
    downloads = 0
    const range = { start: MIB + 1, end: 2 * MIB }
    assert.ok((await buffer(await store.open(blob, range))).equals(bytes.subarray(range.start, range.end + 1)), fault)
  }
})

for (const fault of ['busy', 'hang', 'cut', 'truncate'] as const) {
  test(`a store that does nothing but ${fault} is an error in words, and nothing half-done remains`, async (t) => {
    const opened = await open(t, { answerTimeoutMs: 300, stallTimeoutMs: 300, attemptsMax: 2 })
    if (opened === undefined) return
    const { store, proxy, countStaged } = opened
    const blob = await put(store, randomUUID(), randomBytes(1_000))
    proxy.choose = ({ method }) => (fault === 'truncate' && method !== 'GET' ? 'none' : fault)
    await assert.rejects(async () => buffer(await store.open(blob)), isExplained)
    await assert.rejects(store.read(blob, 1_000, 1_000), isExplained)
    await assert.rejects(store.check(), isExplained)
    if (fault !== 'truncate') {
      await assert.rejects(store.has(blob), isExplained)
      for (const sizeBytes of [10, 12 * MIB]) {
        await assert.rejects(put(store, blob.domainId, Buffer.alloc(sizeBytes, 'x')), isExplained)
      }
    }
    assert.equal(await countStaged(), 0)
    proxy.choose = () => 'none'
    assert.deepEqual(await Array.fromAsync(store.list(blob.domainId)), [blob])
    await store.check()
  })
}

/** Each object is denied so many times after it was written. */
function showingLate(times: number): S3FaultProxy['choose'] {
  const left = new Map<string, number>()
  return ({ method, url = '' }) => {
    const path = url.split('?', 1)[0] ?? ''
    if (method === 'PUT' || method === 'POST') left.set(path, times)
    const denials = method === 'GET' || method === 'HEAD' ? (left.get(path) ?? 0) : 0
    // What looks whether the store works reads what it wrote, too.
    if (denials === 0 || path.includes('/.check/')) return 'none'
    left.set(path, denials - 1)
    return 'missing'
  }
}

function isExplained(error: unknown): boolean {
  assert.ok(error instanceof BlobStoreError, String(error))
  assert.match(error.message, /^the object store with bucket test-[0-9a-f]+ did not /)
  return true
}

interface Limits {
  readonly answerTimeoutMs?: number
  readonly stallTimeoutMs?: number
  readonly attemptsMax?: number
}

interface Opened {
  readonly store: BlobStore
  readonly proxy: S3FaultProxy
  countStaged(): Promise<number>
}

async function open(t: TestContext, limits: Limits): Promise<Opened | undefined> {
  const blobUrl = await newBucket(t)
  if (blobUrl === undefined) return undefined
  const proxy = await startS3FaultProxy(t, blobUrl)
  const settings = parseS3Url(proxy.blobUrl)
  assert.ok(settings)
  const stagingDirectory = await mkdtemp(path.join(tmpdir(), 'packyard-s3-faults-'))
  t.after(async () => rm(stagingDirectory, { recursive: true, force: true }))
  const store = await s3BlobStore({ settings, region: 'us-east-1', stagingDirectory, limits })
  return { store, proxy, countStaged: async () => (await readdir(stagingDirectory)).length }
}
