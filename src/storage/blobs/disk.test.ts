import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'

import { until } from '../../../test/support/processes.ts'
import { type BlobStoreUnderTest, put, testBlobStore } from './blob-store.conformance.ts'
import { diskBlobStore } from './disk.ts'

testBlobStore('disk', async (t) => openDisk(await temporaryFolder(t)))

test('what a crash left behind long ago is removed at the start, and nothing else', async (t) => {
  const directory = await temporaryFolder(t)
  const { store } = await openDisk(directory)
  const blob = await put(store, randomUUID(), Buffer.from('kept'))
  const now = Date.now()
  for (const [name, ageMs] of [
    ['old', 7_200_000],
    ['young', 60_000],
  ] as const) {
    const file = path.join(directory, '.staging', name)
    await writeFile(file, 'half')
    await utimes(file, new Date(now - ageMs), new Date(now - ageMs))
  }
  const again = await diskBlobStore({ directory, clock: () => now })
  const left = async () => readdir(path.join(directory, '.staging'))
  await until('the old file to go', async () => !(await left()).includes('old') || undefined)
  assert.deepEqual(await left(), ['young'])
  assert.equal((await again.read(blob, 4, 4))?.toString(), 'kept')
})

test('a writer killed in the middle leaves a staging file and no blob', async (t) => {
  const directory = await temporaryFolder(t)
  const { store, countStaged } = await openDisk(directory)
  const domainId = randomUUID()
  const fixture = path.join(import.meta.dirname, 'disk-writer.fixture.ts')
  const writer = spawn(process.execPath, [fixture, directory, domainId], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(writer.stdout, 'data')
  writer.kill('SIGKILL')
  await once(writer, 'exit')
  assert.deepEqual(await Array.fromAsync(store.list(domainId)), [])
  assert.equal(await countStaged(), 1)
})

test('a file shorter than its row says is an error, never short bytes', async (t) => {
  const directory = await temporaryFolder(t)
  const { store } = await openDisk(directory)
  const blob = await put(store, randomUUID(), Buffer.alloc(200_000, 'x'))
  await truncate(path.join(directory, blob.domainId, blob.sha256.slice(0, 2), blob.sha256), 100_000)
  await assert.rejects(store.read(blob, 200_000, 200_000), /shorter/)
  await assert.rejects(buffer(await store.open(blob, { start: 50_000, end: 199_999 })), /shorter/)
})

test('only the owner may read what is stored', { skip: process.platform === 'win32' }, async (t) => {
  const directory = await temporaryFolder(t)
  const { store } = await openDisk(path.join(directory, 'blobs'))
  const { domainId, sha256 } = await put(store, randomUUID(), Buffer.from('private'))
  const folder = path.join(directory, 'blobs', domainId)
  assert.equal((await stat(folder)).mode & 0o077, 0)
  assert.equal((await stat(path.join(folder, sha256.slice(0, 2), sha256))).mode & 0o077, 0)
})

test('a store whose folder is gone does not pass its check', async (t) => {
  const directory = await temporaryFolder(t)
  const { store } = await openDisk(directory)
  await rm(directory, { recursive: true })
  await assert.rejects(store.check(), { code: 'ENOENT' })
})

async function openDisk(directory: string): Promise<BlobStoreUnderTest> {
  const store = await diskBlobStore({ directory })
  return { store, countStaged: async () => (await readdir(path.join(directory, '.staging'))).length }
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'packyard-blobs-'))
  t.after(async () => rm(folder, { recursive: true, force: true }))
  return folder
}
