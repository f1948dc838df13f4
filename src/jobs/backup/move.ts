import type { Readable } from 'node:stream'
import { type BlobId, BlobMissingError, type BlobStore } from '../../storage/blobs/blob-store.ts'
import { readTables, type Table } from '../../storage/metadata/catalog.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { schemaVersion } from '../../storage/metadata/migrations.ts'
import { readRows, withSnapshot } from '../../storage/metadata/row-export.ts'
import type { OpenRowImport } from '../../storage/metadata/row-import.ts'
import { type VerifyReport, verify } from '../verify/verify.ts'
import { markFilling, storeBlob } from './restore.ts'

/** Where it is written down that a migration has not ended. */
const JOBS: Table = { name: 'jobs', key: ['id'], columns: [] }

/** Replaces all rows of another database by those of this one at this moment. Answers how many there are. */
export async function copyRows(
  { metadata, clock }: { readonly metadata: Metadata; readonly clock: () => number },
  openImport: OpenRowImport,
): Promise<number> {
  const into = await openImport(schemaVersion())
  try {
    let count = 0
    await withSnapshot(metadata, async (db) => {
      const tables = await readTables({ kind: metadata.kind, db })
      await into.clear([...tables, JOBS])
      await markFilling(into, 'migrate', 'migrate', clock())
      for (const table of tables) {
        for await (const page of readRows(db, table)) {
          await into.insert(table, page)
          count += page.length
        }
      }
    })
    await into.commit()
    return count
  } finally {
    await into.close()
  }
}

/** Copies the bytes that a store lacks, and hashes all that it should have. */
export async function moveBlobs(
  from: BlobStore,
  { metadata, blobs }: { readonly metadata: Metadata; readonly blobs: BlobStore },
  onProgress: (report: VerifyReport) => void,
): Promise<VerifyReport> {
  const { signal } = new AbortController()
  const onPage = async ({ report }: { readonly report: VerifyReport }) => onProgress(report)
  return verify(
    {
      metadata,
      blobs,
      signal,
      onProgress: onPage,
      repair: async (blob) => {
        const source = await openIfThere(from, blob)
        return source !== undefined && storeBlob(blobs, blob, source)
      },
    },
    undefined,
  )
}

/** Where somebody goes on writing, a blob may have been released and swept since the rows were copied. */
async function openIfThere(store: BlobStore, blob: BlobId): Promise<Readable | undefined> {
  try {
    return await store.open(blob)
  } catch (error) {
    if (error instanceof BlobMissingError) return undefined
    throw error
  }
}
