import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testOnEachDatabase } from '../../../test/support/each-registry.ts'
import type { TestRegistry } from '../../../test/support/registry.ts'
import { startUpstream } from '../../../test/support/upstream.ts'
import { blobPath } from '../../storage/blobs/blob-path.ts'
import { HEADER_BYTES } from '../../storage/blobs/sealed-format.ts'
import { sealedId } from '../../storage/blobs/sealed-id.ts'
import { repairBlob } from '../../registry/repair-blob.ts'
import type { BlobId } from '../../storage/blobs/blob-store.ts'
import { emptyReport, type VerifyParts, type VerifyProgress, verify } from './verify.ts'

function verifying({ parts, stored: blobs }: TestRegistry, changes: Partial<VerifyParts> = {}): VerifyParts {
  const { metadata } = parts
  const signal = new AbortController().signal
  return { metadata, blobs, signal, onProgress: async () => {}, repair: undefined, ...changes }
}

async function fileOf({ folder, parts }: TestRegistry, text: Buffer | string): Promise<string> {
  const [domainId = ''] = await Array.fromAsync(parts.blobs.domains())
  const sha256 = createHash('sha256').update(text).digest('hex')
  return blobPath(join(folder, 'blobs'), sealedId({ domainId, sha256 }))
}

/** One bit of what is encrypted. */
async function flip(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes[HEADER_BYTES] = (bytes[HEADER_BYTES] ?? 0) ^ 1
  await writeFile(file, bytes)
}

testOnEachDatabase('what is missing, damaged or extra is told', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  for (const name of ['whole', 'lost', 'flipped', 'short']) await registry.publish('team', name, '1.0.0')
  await rm(await fileOf(registry, 'lost 1.0.0'))
  await flip(await fileOf(registry, 'flipped 1.0.0'))
  await truncate(await fileOf(registry, 'short 1.0.0'), 100)
  await writeFile(join(await fileOf(registry, 'whole 1.0.0'), '..', 'f'.repeat(64)), 'extra')
  const report = await verify(verifying(registry), undefined)
  const { findings, ...figures } = report
  assert.deepEqual(figures, {
    checkedBlobs: 4,
    checkedBytes: 45,
    missingBlobs: 1,
    damagedBlobs: 2,
    repairedBlobs: 0,
    extraBlobs: 1,
  })
  const told = findings.map(({ damage, detail }) => `${damage}: ${detail.replace(/^blob .* store: /, '')}`)
  assert.deepEqual(told.sort(), [
    'damaged: it has 100 bytes, which are too few or too many',
    'damaged: segment 0 is not what was written',
    'missing: it is not in the store',
  ])
})

testOnEachDatabase('what came from outside is fetched again, and only when it is the same', async (t, open) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0', 'other@2.0.0'] })
  const registry = await open({ connections: { 'public:npmjs': upstream.url } })
  await registry.setUp('team+public:npmjs')
  const tiny = await registry.download('team', 'tiny', '1.3.0')
  const other = await registry.download('team', 'other', '2.0.0')
  await registry.publish('team', '@acme/own', '1.0.0', 'own')
  for (const bytes of [tiny, other, 'own']) await writeFile(await fileOf(registry, bytes), 'damaged')
  upstream.break(upstream.tarballPath('other', '2.0.0'), { kind: 'wrong bytes' })
  const repair = (blob: BlobId) => repairBlob(registry.parts, blob)
  const report = await verify(verifying(registry, { repair }), undefined)
  assert.deepEqual([report.damagedBlobs, report.repairedBlobs], [3, 1])
  assert.ok((await registry.download('team', 'tiny', '1.3.0')).equals(tiny))
  upstream.repair(upstream.tarballPath('other', '2.0.0'))
  const again = await verify(verifying(registry, { repair }), undefined)
  assert.deepEqual([again.damagedBlobs, again.repairedBlobs], [2, 1])
  assert.ok((await registry.download('team', 'other', '2.0.0')).equals(other))
  assert.deepEqual(await readdir(join(registry.folder, 'blobs', '.staging')), [])
})

testOnEachDatabase('an interrupted run goes on where it was', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  for (let n = 0; n < 5; n++) await registry.publish('team', `p${n}`, '1.0.0')
  let reached: VerifyProgress | undefined
  await verify(verifying(registry, { onProgress: async (progress) => void (reached = progress) }), undefined)
  assert.equal(reached?.report.checkedBlobs, 5)
  const rows = await registry.parts.metadata.db
    .selectFrom('blobs')
    .select(['domain_id', 'sha256'])
    .orderBy('sha256')
    .execute()
  const third = rows[2]
  assert.ok(third)
  const after = { domainId: third.domain_id, sha256: third.sha256 }
  const report = await verify(verifying(registry), { after, report: { ...emptyReport, checkedBlobs: 3 } })
  assert.equal(report.checkedBlobs, 5)
  const stopped = AbortSignal.abort(new Error('stopped'))
  await assert.rejects(verify(verifying(registry, { signal: stopped }), undefined), /stopped/)
})
