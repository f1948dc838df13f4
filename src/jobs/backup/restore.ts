import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { BlobId, BlobStore } from '../../storage/blobs/blob-store.ts'
import type { Bundle } from '../../storage/bundle/bundle.ts'
import type { Table } from '../../storage/metadata/catalog.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import type { OpenRowImport, RowImport } from '../../storage/metadata/row-import.ts'
import { type VerifyReport, verify } from '../verify/verify.ts'
import { importRows } from './check-bundle.ts'
import type { Manifest } from './manifest.ts'

/** While a job of one of these kinds is open, the database is not whole yet. */
const FILLING_KINDS = ['restore', 'migrate'] as const
export type FillingKind = (typeof FILLING_KINDS)[number]

/** The row by which everybody sees that it is not. */
const MARK: Table = {
  name: 'jobs',
  key: ['id'],
  columns: [
    { name: 'id', type: 'text' },
    { name: 'kind', type: 'text' },
    { name: 'state', type: 'text' },
    { name: 'input', type: 'text' },
    { name: 'attempts', type: 'integer' },
    { name: 'due_at', type: 'integer' },
    { name: 'created_at', type: 'integer' },
  ],
}

export async function markFilling(into: RowImport, kind: FillingKind, id: string, now: number): Promise<void> {
  await into.insert(MARK, [[id, kind, 'waiting', 'null', 0, 0, now]])
}

/** Fills the database with the rows of a snapshot, marked as not whole yet. All of it, or nothing. */
export async function restoreRows(
  bundle: Bundle,
  snapshot: string,
  manifest: Manifest,
  openImport: OpenRowImport,
): Promise<void> {
  const into = await openImport(manifest.schemaVersion)
  try {
    await importRows(bundle, snapshot, manifest, into)
    await markFilling(into, 'restore', snapshot, manifest.createdAt)
    await into.commit()
  } finally {
    await into.close()
  }
}

/** Brings the bytes that the rows refer to and hashes them all; goes on where it was interrupted. */
export async function restoreBlobs(
  bundle: Bundle,
  { metadata, blobs }: { readonly metadata: Metadata; readonly blobs: BlobStore },
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (report: VerifyReport) => void },
): Promise<VerifyReport> {
  const repair = (blob: BlobId) => storeBlob(blobs, blob, Readable.from(bundle.readBlob(blob.sha256)))
  return verify({ metadata, blobs, signal, repair, onProgress: async ({ report }) => onProgress(report) }, undefined)
}

/** False when the bytes are not those that the name says. */
export async function storeBlob(store: BlobStore, blob: BlobId, source: Readable): Promise<boolean> {
  await using staging = await store.stage(blob.domainId)
  await pipeline(source, staging.writable)
  if ((await staging.sealed()).sha256 !== blob.sha256) return false
  // A store may leave a blob alone that it has, however damaged.
  await store.remove(blob)
  await staging.commit()
  return true
}

/** Which snapshot, or migration, has been begun and is not whole yet. */
export async function findFilling(db: Metadata['db']): Promise<{ kind: FillingKind; id: string } | undefined> {
  const row = await db
    .selectFrom('jobs')
    .select(['kind', 'id'])
    .where('kind', 'in', FILLING_KINDS)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst()
  return row && { kind: row.kind as FillingKind, id: row.id }
}

/** From now on the database is whole. */
export async function endFilling({ metadata }: { readonly metadata: Metadata }, now: number): Promise<void> {
  await metadata.write(async ({ tx }) => {
    await tx
      .updateTable('jobs')
      .set({ state: 'done', ended_at: now })
      .where('kind', 'in', FILLING_KINDS)
      .where('state', '<>', 'done')
      .execute()
  })
}
