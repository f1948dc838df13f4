import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type OpenRegistry, testOnEachDatabase } from '../../../test/support/each-registry.ts'
import { account, administrator, domain, type TestRegistry } from '../../../test/support/registry.ts'
import { until } from '../../../test/support/processes.ts'
import { checkKept, keepBytes } from '../../registry/keep-bytes.ts'
import { parseRepositoryName } from '../../registry/names.ts'
import { deleteVersions } from '../../registry/version-changes.ts'
import type { BlobStore } from '../../storage/blobs/blob-store.ts'
import { requestJob, takeJob } from '../job-rows.ts'
import { previewSweep, type SweepParts, sweep } from './sweep.ts'

const GRACE_MS = 3_600_000

function sweeping({ parts }: TestRegistry, graceMs = GRACE_MS, blobs: BlobStore = parts.blobs): SweepParts {
  const { metadata, clock } = parts
  return { metadata, blobs, clock, graceMs, signal: new AbortController().signal, onProgress: async () => {} }
}

async function openTeam(open: OpenRegistry): Promise<TestRegistry> {
  const registry = await open()
  await registry.setUp('team')
  return registry
}

async function remove(registry: TestRegistry, name: string, version: string): Promise<void> {
  const address = { owner: account, domain, repository: parseRepositoryName('team'), package: registry.parse(name) }
  await deleteVersions(registry.parts, administrator, { address, versions: [version] })
}

async function stored({ parts: { blobs } }: TestRegistry): Promise<number> {
  let count = 0
  for await (const domainId of blobs.domains()) count += (await Array.fromAsync(blobs.list(domainId))).length
  return count
}

testOnEachDatabase('unreferenced bytes go after the grace period, and no others', async (_t, open) => {
  const registry = await openTeam(open)
  await registry.publish('team', 'kept', '1.0.0')
  await registry.publish('team', 'gone', '1.0.0')
  await registry.publish('team', 'twin', '1.0.0', 'the same')
  await registry.publish('team', 'other-twin', '1.0.0', 'the same')
  await remove(registry, 'gone', '1.0.0')
  await remove(registry, 'twin', '1.0.0')
  const parts = sweeping(registry)
  assert.deepEqual(await previewSweep(parts), {
    lookedAtBlobs: 3,
    unreferencedBlobs: 1,
    unreferencedBytes: 10,
    removedBlobs: 0,
    removedBytes: 0,
  })
  assert.equal((await sweep(parts)).removedBlobs, 0)
  registry.now += GRACE_MS - 1
  assert.equal((await sweep(parts)).removedBlobs, 0)
  registry.now += 1
  assert.equal((await previewSweep(parts)).removedBlobs, 1)
  assert.equal(await stored(registry), 3)
  assert.deepEqual([(await sweep(parts)).removedBytes, await stored(registry)], [10, 2])
  assert.equal((await registry.download('team', 'kept', '1.0.0')).toString(), 'kept 1.0.0')
  assert.equal((await registry.download('team', 'other-twin', '1.0.0')).toString(), 'the same')
})

testOnEachDatabase('bytes that are published again are safe, and their grace begins afresh', async (_t, open) => {
  const registry = await openTeam(open)
  const parts = sweeping(registry)
  await registry.publish('team', 'tiny', '1.0.0', 'bytes')
  await remove(registry, 'tiny', '1.0.0')
  await sweep(parts)
  await registry.publish('team', 'tiny', '1.0.0', 'bytes')
  registry.now += GRACE_MS
  assert.equal((await sweep(parts)).removedBlobs, 0)
  await remove(registry, 'tiny', '1.0.0')
  assert.equal((await sweep(parts)).removedBlobs, 0)
  registry.now += GRACE_MS
  assert.equal((await sweep(parts)).removedBlobs, 1)
})

testOnEachDatabase('a publish of bytes that are being removed waits for it', async (_t, open) => {
  const registry = await openTeam(open)
  await registry.publish('team', 'tiny', '1.0.0', 'bytes')
  await remove(registry, 'tiny', '1.0.0')
  const { blobs } = registry.parts
  const gate = Promise.withResolvers<void>()
  let isRemoving = false
  const slow: BlobStore = Object.assign(Object.create(blobs) as BlobStore, {
    domains: () => blobs.domains(),
    list: (id: string) => blobs.list(id),
    sizeOf: blobs.sizeOf.bind(blobs),
    remove: async (blob: Parameters<BlobStore['remove']>[0]) => {
      isRemoving = true
      await gate.promise
      await blobs.remove(blob)
    },
  })
  const swept = sweep(sweeping(registry, 0, slow))
  await until('the removal', () => isRemoving || undefined)
  const published = registry.publish('team', 'again', '1.0.0', 'bytes')
  gate.resolve()
  await Promise.all([swept, published])
  assert.equal((await registry.download('team', 'again', '1.0.0')).toString(), 'bytes')
})

testOnEachDatabase('bytes removed between their storing and their row are noticed', async (_t, open) => {
  const registry = await openTeam(open)
  const { parts } = registry
  await registry.publish('team', 'kept', '1.0.0')
  const [domainId = ''] = await Array.fromAsync(parts.blobs.domains())
  const store = async (text: string) => {
    await using staging = await parts.blobs.stage(domainId)
    await pipeline(Readable.from([Buffer.from(text)]), staging.writable)
    const { sha256 } = await staging.sealed()
    return await keepBytes(parts, domainId, [sha256], () => staging.commit())
  }
  const kept = await store('never referred to')
  await sweep(sweeping(registry, 0))
  const check = () => parts.metadata.write((write) => checkKept(write, parts, kept))
  await assert.rejects(check(), { kind: 'unavailable', details: { retryAfterSeconds: 5 } })
  // What was stored again meanwhile, by whomever, is there.
  await store('never referred to')
  await check()
})

testOnEachDatabase('an interrupted sweep is finished by the next one', async (_t, open) => {
  const registry = await openTeam(open)
  const { blobs } = registry.parts
  await registry.publish('team', 'tiny', '1.0.0')
  await remove(registry, 'tiny', '1.0.0')
  const broken: BlobStore = Object.assign(Object.create(blobs) as BlobStore, {
    domains: () => blobs.domains(),
    list: (id: string) => blobs.list(id),
    sizeOf: blobs.sizeOf.bind(blobs),
    remove: async () => Promise.reject(new Error('the store is gone')),
  })
  await assert.rejects(sweep(sweeping(registry, 0, broken)), /the store is gone/)
  assert.equal(await stored(registry), 1)
  await sweep(sweeping(registry))
  assert.equal(await stored(registry), 0)
  const marks = await registry.parts.metadata.db.selectFrom('unreferenced_blobs').selectAll().execute()
  assert.deepEqual(marks, [])
})

testOnEachDatabase('nothing is removed while a backup runs', async (_t, open) => {
  const registry = await openTeam(open)
  await registry.publish('team', 'tiny', '1.0.0')
  await remove(registry, 'tiny', '1.0.0')
  await requestJob(registry.parts, 'backup', { input: null, progress: 'begin afresh' })
  await takeJob(registry.parts, ['backup'])
  assert.deepEqual([(await sweep(sweeping(registry, 0))).removedBlobs, await stored(registry)], [0, 1])
})

testOnEachDatabase('sweeps, publishes and deletions of the same bytes at once lose nothing', async (_t, open) => {
  const registry = await openTeam(open)
  const acknowledged = new Set<string>()
  let isOver = false
  const publishers = Array.from({ length: 4 }, async (_, publisher) => {
    for (let round = 0; round < 12; round++) {
      const name = `by-${publisher}`
      const version = `1.0.${round}`
      const outcome = await registry
        .publish('team', name, version, `content ${round % 3}`, [])
        .catch((error: unknown) => error)
      if (outcome instanceof Error) {
        assert.equal((outcome as { kind?: string }).kind, 'unavailable', outcome.message)
        continue
      }
      acknowledged.add(`${name}@${version}`)
      if (round % 2 === 0) {
        await remove(registry, name, version)
        acknowledged.delete(`${name}@${version}`)
      }
    }
  })
  const sweeper = async () => {
    while (!isOver) await sweep(sweeping(registry, 0))
  }
  const swept = sweeper()
  await Promise.all(publishers)
  isOver = true
  await swept
  assert.ok(acknowledged.size > 0)
  for (const id of acknowledged) {
    const [name = '', version = ''] = id.split('@')
    assert.match((await registry.download('team', name, version)).toString(), /^content \d$/)
  }
})
