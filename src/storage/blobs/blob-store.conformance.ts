import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, type TestContext, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { type BlobId, BlobMissingError, type BlobStore } from './blob-store.ts'

const MIB = 1_048_576

export interface BlobStoreUnderTest {
  readonly store: BlobStore
  /** How many stagings left something behind, or are under way. */
  countStaged(): Promise<number>
}

/**
 * What every BlobStore must do, whichever it is and whatever wraps it. `open` gives none when it has skipped the test,
 * as for a real part that is missing.
 */
export function testBlobStore(name: string, open: (t: TestContext) => Promise<BlobStoreUnderTest | undefined>): void {
  describe(`BlobStore: ${name}`, { concurrency: false }, () => {
    testRoundTrips(open)
    testAbandoning(open)
    testFollowing(open)
    testNames(open)
    testMemory(open)
  })
}

type Open = (t: TestContext) => Promise<BlobStoreUnderTest | undefined>

function testRoundTrips(open: Open): void {
  for (const sizeBytes of [0, 1, 65_536, 262_144, 262_145, 3 * MIB + 17]) {
    test(`${sizeBytes} bytes come back as they went in, with their four digests`, async (t) => {
      const opened = await open(t)
      if (opened === undefined) return
      const { store, countStaged } = opened
      const bytes = randomBytes(sizeBytes)
      const domainId = randomUUID()
      await using staging = await store.stage(domainId)
      await pipeline(Readable.from(inPieces(bytes), { objectMode: false }), staging.writable)
      assert.deepEqual(await staging.sealed(), { ...digestsOf(bytes), sizeBytes })
      assert.equal(staging.writtenBytes, sizeBytes)
      const blob = await staging.commit()
      assert.deepEqual(blob, { domainId, sha256: digestsOf(bytes).sha256 })
      assert.ok(bytes.equals(await buffer(await store.open(blob))))
      assert.ok((await store.read(blob, sizeBytes, sizeBytes))?.equals(bytes))
      assert.equal(await store.has(blob), true)
      assert.equal(await store.sizeOf(blob), sizeBytes)
      assert.ok((await Array.fromAsync(store.domains())).includes(domainId))
      assert.equal(await countStaged(), 0)
    })
  }

  test('a range has both its ends', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const bytes = randomBytes(2 * MIB)
    const blob = await put(store, randomUUID(), bytes)
    const ranges = [0, 1, 65_535, 65_536, MIB, bytes.length - 1].flatMap((start) =>
      [start, start + 70_000, bytes.length - 1].filter((end) => end < bytes.length).map((end) => ({ start, end })),
    )
    for (const range of ranges) {
      const read = await buffer(await store.open(blob, range))
      assert.ok(read.equals(bytes.subarray(range.start, range.end + 1)), `${range.start} to ${range.end}`)
    }
  })

  test('a blob above the limit is not read whole', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const blob = await put(store, randomUUID(), Buffer.alloc(100))
    assert.equal(await store.read(blob, 100, 99), undefined)
  })

  test('the same bytes may be stored twice, even at once, and are one blob', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const domainId = randomUUID()
    const bytes = randomBytes(300_000)
    const blobs = await Promise.all([1, 2, 3].map(async () => put(store, domainId, bytes)))
    assert.equal(new Set(blobs.map(({ sha256 }) => sha256)).size, 1)
    assert.equal((await Array.fromAsync(store.list(domainId))).length, 1)
    assert.ok(bytes.equals(await buffer(await store.open(blobs[0] as BlobId))))
  })

  test('a staging may be committed twice', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    await using staging = await store.stage(randomUUID())
    staging.writable.end('bytes')
    assert.deepEqual(await staging.commit(), await staging.commit())
  })
}

function testAbandoning(open: Open): void {
  test('a staging that is not committed leaves nothing', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store, countStaged } = opened
    const domainId = randomUUID()
    for (const sizeBytes of [10, MIB]) {
      await using staging = await store.stage(domainId)
      await pipeline(Readable.from([randomBytes(sizeBytes)]), staging.writable)
      await staging.sealed()
    }
    assert.deepEqual(await Array.fromAsync(store.list(domainId)), [])
    assert.equal(await countStaged(), 0)
  })

  test('a staging whose writer broke off leaves nothing, and can not be committed', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store, countStaged } = opened
    const domainId = randomUUID()
    {
      await using staging = await store.stage(domainId)
      await assert.rejects(pipeline(breakingOff(), staging.writable), /broke off/)
      await assert.rejects(staging.sealed(), /broke off/)
      await assert.rejects(staging.commit(), /broke off/)
    }
    assert.deepEqual(await Array.fromAsync(store.list(domainId)), [])
    assert.equal(await countStaged(), 0)
  })

  test('a staging nobody wrote to is disposed of without complaint', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store, countStaged } = opened
    const staging = await store.stage(randomUUID())
    await staging[Symbol.asyncDispose]()
    await staging[Symbol.asyncDispose]()
    await assert.rejects(staging.sealed())
    assert.equal(await countStaged(), 0)
  })
}

function testFollowing(open: Open): void {
  test('five readers follow while it is written, each from where it began, and beyond the commit', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const bytes = randomBytes(4 * MIB)
    const starts = [0, 1, 65_536, MIB, 3 * MIB]
    const staging = await store.stage(randomUUID())
    const early = starts.map(async (start) => buffer(staging.follow(start)))
    const slow = staging.follow()
    await pipeline(Readable.from(inPieces(bytes), { objectMode: false }), staging.writable)
    await staging.commit()
    const late = staging.follow(5)
    await staging[Symbol.asyncDispose]()
    for (const [index, read] of (await Promise.all(early)).entries())
      assert.ok(read.equals(bytes.subarray(starts[index])))
    assert.ok((await buffer(slow)).equals(bytes))
    assert.ok((await buffer(late)).equals(bytes.subarray(5)))
  })

  test('a reader gets each piece as it is written, not only at the end', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    await using staging = await store.stage(randomUUID())
    const follower = staging.follow()
    for (const piece of ['one', 'two', 'three']) {
      staging.writable.write(piece)
      const [read] = (await once(follower, 'data')) as [Buffer]
      assert.equal(read.toString(), piece)
    }
    staging.writable.end()
    await once(follower, 'end')
  })

  test('a reader that goes away disturbs nobody', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const bytes = randomBytes(MIB)
    await using staging = await store.stage(randomUUID())
    const gone = staging.follow()
    gone.once('data', () => gone.destroy())
    const stays = buffer(staging.follow())
    await pipeline(Readable.from(inPieces(bytes), { objectMode: false }), staging.writable)
    assert.ok((await stays).equals(bytes))
    assert.ok(bytes.equals(await buffer(await store.open(await staging.commit()))))
  })

  test('those who follow get an error when the writer breaks off', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    await using staging = await store.stage(randomUUID())
    const followers = [0, 10].map(async (start) => assert.rejects(buffer(staging.follow(start)), /broke off/))
    await assert.rejects(pipeline(breakingOff(), staging.writable))
    await Promise.all(followers)
    await assert.rejects(buffer(staging.follow()), /broke off/)
  })

  test('those still reading get an error when the staging is abandoned', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const staging = await store.stage(randomUUID())
    await pipeline(Readable.from([randomBytes(4 * MIB)]), staging.writable)
    const reader = staging.follow()
    await once(reader, 'readable')
    await staging[Symbol.asyncDispose]()
    await assert.rejects(buffer(reader), /abandoned/)
  })
}

function testNames(open: Open): void {
  const sha256 = digestsOf(Buffer.from('nothing has this content')).sha256

  test('a blob that is not there is missing, and may be removed', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const blob = { domainId: randomUUID(), sha256 }
    await assert.rejects(store.open(blob), BlobMissingError)
    await assert.rejects(store.open(blob, { start: 0, end: 0 }), BlobMissingError)
    await assert.rejects(store.read(blob, 5, 10), BlobMissingError)
    assert.equal(await store.has(blob), false)
    assert.equal(await store.sizeOf(blob), undefined)
    await store.remove(blob)
    assert.deepEqual(await Array.fromAsync(store.list(blob.domainId)), [])
  })

  test('each domain has its own blobs, and lists all of them', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const domains = [randomUUID(), randomUUID()]
    const contents = Array.from({ length: 20 }, (_, index) => Buffer.from(`content ${index}`))
    for (const domainId of domains) for (const bytes of contents) await put(store, domainId, bytes)
    const [first = '', second = ''] = domains
    const removed = { domainId: first, sha256: digestsOf(Buffer.from('content 7')).sha256 }
    await store.read(removed, 9, 9)
    await store.remove(removed)
    await assert.rejects(store.read(removed, 9, 9), BlobMissingError)
    assert.equal((await store.read({ ...removed, domainId: second }, 9, 9))?.toString(), 'content 7')
    const listed = (await Array.fromAsync(store.list(first))).map((blob) => blob.sha256).toSorted()
    const expected = contents.map((bytes) => digestsOf(bytes).sha256).filter((name) => name !== removed.sha256)
    assert.deepEqual(listed, expected.toSorted())
  })

  test('a name that is no digest, or no domain, reaches no file', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const domainId = randomUUID()
    const hostile = [
      '',
      '..',
      '../../etc/passwd',
      sha256.toUpperCase(),
      `${sha256}0`,
      `${sha256}\n`,
      `../${sha256.slice(3)}`,
    ]
    for (const name of hostile) {
      await assert.rejects(store.open({ domainId, sha256: name }), /sha256/)
      await assert.rejects(store.read({ domainId, sha256: name }, 1, 1), /sha256/)
      await assert.rejects(store.has({ domainId, sha256: name }), /sha256/)
      await assert.rejects(store.remove({ domainId, sha256: name }), /sha256/)
    }
    for (const name of ['', '.', '..', '.staging', 'a/b', '../a', 'a\0b', `${domainId}\n`]) {
      await assert.rejects(store.stage(name), /domain id/)
      await assert.rejects(store.open({ domainId: name, sha256 }), /domain id/)
      await assert.rejects(Array.fromAsync(store.list(name)), /domain id/)
    }
  })

  test('a store that works says so', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store, countStaged } = opened
    await store.check()
    assert.equal(await countStaged(), 0)
  })
}

function testMemory(open: Open): void {
  test('64 MiB go in and come out with little of it in memory', async (t) => {
    const opened = await open(t)
    if (opened === undefined) return
    const { store } = opened
    const piece = randomBytes(65_536)
    const heldBytes = meterBuffers()
    await using staging = await store.stage(randomUUID())
    await pipeline(Readable.from(repeat(piece, 1_024, heldBytes.measure), { objectMode: false }), staging.writable)
    let readBytes = 0
    for await (const chunk of await store.open(await staging.commit())) {
      readBytes += (chunk as Buffer).length
      heldBytes.measure()
    }
    assert.equal(readBytes, 64 * MIB)
    assert.ok(heldBytes.peak() < 32 * MIB, `${heldBytes.peak()} bytes more in buffers`)
  })
}

/** Measures now and then how much is in buffers, with what waits for the collector mostly taken off. */
function meterBuffers(): { measure(): void; peak(): number } {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const before = held()
  let peak = before
  let count = 0
  return {
    measure: () => {
      count += 1
      if (count % 64 === 0) peak = Math.max(peak, held())
    },
    peak: () => peak - before,
  }
}

/** Stores bytes the way everybody does. */
export async function put(store: BlobStore, domainId: string, bytes: Buffer): Promise<BlobId> {
  await using staging = await store.stage(domainId)
  await pipeline(Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false }), staging.writable)
  return await staging.commit()
}

function digestsOf(bytes: Buffer): { sha256: string; sha512: string; sha1: string; md5: string } {
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
  return { sha256: digest('sha256'), sha512: digest('sha512'), sha1: digest('sha1'), md5: digest('md5') }
}

/** Pieces of uneven size, as a socket delivers them. */
function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (
    let start = 0, sizeBytes = 1;
    start < bytes.length;
    start += sizeBytes, sizeBytes = ((sizeBytes * 7) % 65_521) + 1
  ) {
    yield bytes.subarray(start, start + sizeBytes)
  }
}

function* repeat(piece: Buffer, times: number, measure: () => void): Generator<Buffer> {
  for (let count = 0; count < times; count++) {
    measure()
    yield piece
  }
}

function breakingOff(): Readable {
  return Readable.from(
    (function* () {
      for (let count = 0; count < 10; count++) yield randomBytes(65_536)
      throw new Error('the upstream broke off')
    })(),
    { objectMode: false },
  )
}
