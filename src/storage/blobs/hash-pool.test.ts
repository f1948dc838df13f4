import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'

import { HashPool } from './hash-pool.ts'
import { RefCountedFile } from './ref-counted-file.ts'

test('many files are hashed at once while they grow', async (t) => {
  const folder = await temporaryFolder(t)
  const pool = new HashPool(2)
  const hashed = Array.from({ length: 12 }, async (_, index) => {
    const bytes = randomBytes(index * 150_000)
    const file = await openIn(t, folder, String(index))
    const hashing = pool.hash(file.fd)
    for (let end = 0; end < bytes.length; end += 50_000) {
      await file.write([bytes.subarray(end, end + 50_000)], end)
      hashing.grown(Math.min(end + 50_000, bytes.length))
    }
    const { sha256, sha512, sha1, md5 } = await hashing.complete(bytes.length)
    const expected = ['sha256', 'sha512', 'sha1', 'md5'].map((name) => createHash(name).update(bytes).digest('hex'))
    assert.deepEqual([sha256, sha512, sha1, md5], expected)
  })
  await Promise.all(hashed)
})

test('a file shorter than it is said to be is an error, and the threads go on', async (t) => {
  const folder = await temporaryFolder(t)
  const pool = new HashPool(1)
  const file = await openIn(t, folder, 'short')
  await assert.rejects(pool.hash(file.fd).complete(10), /shorter/)
  const dropped = pool.hash(file.fd)
  dropped.drop()
  await file.write([Buffer.from('hello')], 0)
  const { md5 } = await pool.hash(file.fd).complete(5)
  assert.equal(md5, createHash('md5').update('hello').digest('hex'))
})

async function openIn(t: TestContext, folder: string, name: string): Promise<RefCountedFile> {
  const file = await RefCountedFile.open(path.join(folder, name), 'wx+')
  t.after(async () => file.release())
  return file
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'packyard-hash-'))
  t.after(async () => rm(folder, { recursive: true, force: true }))
  return folder
}
