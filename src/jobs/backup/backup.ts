import { createHash } from 'node:crypto'

import { type Kysely, sql } from 'kysely'

import type { BlobStore } from '../../storage/blobs/blob-store.ts'
import type { Bundle } from '../../storage/bundle/bundle.ts'
import { readTables } from '../../storage/metadata/catalog.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { schemaVersion } from '../../storage/metadata/migrations.ts'
import { readRows, withSnapshot } from '../../storage/metadata/row-export.ts'
import type { Schema } from '../../storage/metadata/schema.ts'
import { hashOf } from './check-bundle.ts'
import { BLOBS_PART, FILES_PART, type Manifest, type NeededBlob, renderRows, tablePart } from './manifest.ts'
import { neededBlobs } from './needed-blobs.ts'

/** Blobs that are copied side by side, and read from the database together. Ours. */
const SIDE_BY_SIDE = 4
const PAGE = 500

export interface BackupParts {
  readonly metadata: Metadata
  readonly blobs: BlobStore
  readonly bundle: Bundle
  /** Keys and the like, by their name below the data folder. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly signal: AbortSignal
  readonly onProgress: (figures: BackupFigures) => Promise<void>
}

export interface BackupFigures {
  readonly snapshot: string
  readonly rows: number
  /** All that the snapshot refers to, and what of it no earlier backup had. */
  readonly blobs: number
  readonly blobBytes: number
  readonly newBlobs: number
  readonly newBlobBytes: number
}

/**
 * Copies the installation as it is at one moment: rows in one read transaction, then the bytes that those refer to and
 * that no earlier backup has. No sweep may remove bytes meanwhile; the job of this name says so. What is written is read
 * back.
 */
export async function backup(parts: BackupParts): Promise<BackupFigures> {
  const { bundle, metadata, clock } = parts
  const createdAt = clock()
  const snapshot = new Date(createdAt).toISOString().replaceAll(':', '-')
  await bundle.removeUnfinished()
  const tables = await withSnapshot(metadata, async (db) => {
    await bundle.writePart(snapshot, BLOBS_PART, renderNeeded(db))
    return writeTables(parts, snapshot, db)
  })
  await bundle.writePart(snapshot, FILES_PART, renderFiles(parts.files))
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const figures = await copyBlobs(parts, { snapshot, rows, blobs: 0, blobBytes: 0, newBlobs: 0, newBlobBytes: 0 })
  const { blobs, blobBytes } = figures
  const manifest: Manifest = { createdAt, schemaVersion: schemaVersion(), tables, blobs, blobBytes }
  await bundle.writeManifest(snapshot, manifest)
  return figures
}

async function writeTables(
  { metadata: { kind }, bundle, signal }: BackupParts,
  snapshot: string,
  db: Kysely<Schema>,
): Promise<Manifest['tables']> {
  const written: Manifest['tables'][number][] = []
  for (const table of await readTables({ kind, db })) {
    let count = 0
    const rows = async function* () {
      for await (const page of readRows(db, table)) {
        signal.throwIfAborted()
        count += page.length
        yield renderRows(page)
      }
    }
    await bundle.writePart(snapshot, tablePart(table.name), rows())
    written.push({ ...table, rows: count })
  }
  return written
}

/** What something refers to: rows of domains that are gone may be left over. */
async function* renderNeeded(db: Kysely<Schema>): AsyncGenerator<Buffer> {
  for (let last: NeededBlob | undefined; ; ) {
    const after = last
    const page: readonly NeededBlob[] = await db
      .selectFrom('blobs')
      .select(['domain_id as domainId', 'sha256', 'size_bytes as sizeBytes'])
      .where(sql<boolean>`(domain_id, sha256) > (${after?.domainId ?? ''}, ${after?.sha256 ?? ''})`)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('version_assets')
            .select('version_assets.name')
            .whereRef('version_assets.domain_id', '=', 'blobs.domain_id')
            .whereRef('version_assets.sha256', '=', 'blobs.sha256'),
        ),
      )
      .orderBy('domain_id')
      .orderBy('sha256')
      .limit(PAGE)
      .execute()
    yield renderRows(page.map((blob) => [blob.domainId, blob.sha256, blob.sizeBytes]))
    last = page.at(-1)
    if (page.length < PAGE) return
  }
}

async function* renderFiles(files: ReadonlyMap<string, Buffer>): AsyncGenerator<Buffer> {
  yield renderRows([...files].map(([name, bytes]) => [name, bytes]))
}

async function copyBlobs(parts: BackupParts, start: BackupFigures): Promise<BackupFigures> {
  const { bundle, signal, onProgress } = parts
  const figures = { ...start }
  const needed = neededBlobs(bundle, start.snapshot)
  // Contents that two domains have are copied once, and not by two at a time.
  const copying = new Set<string>()
  const copySome = async () => {
    for (let next = await needed.next(); !next.done; next = await needed.next()) {
      signal.throwIfAborted()
      const blob = next.value
      figures.blobs += 1
      figures.blobBytes += blob.sizeBytes
      if (!copying.has(blob.sha256) && !(await bundle.hasBlob(blob.sha256)) && !copying.has(blob.sha256)) {
        copying.add(blob.sha256)
        await copyBlob(parts, blob)
        copying.delete(blob.sha256)
        figures.newBlobs += 1
        figures.newBlobBytes += blob.sizeBytes
      }
      if (figures.blobs % PAGE === 0) await onProgress(figures)
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, copySome))
  return figures
}

/** Bytes that are not what they should be would make the backup worthless: somebody has to know now. */
async function copyBlob({ blobs, bundle }: BackupParts, { domainId, sha256 }: NeededBlob): Promise<void> {
  const source = await blobs.open({ domainId, sha256 })
  await bundle.writeBlob(sha256, genuine(source, sha256))
  if ((await hashOf(bundle.readBlob(sha256))) !== sha256) throw new Error(`blob ${sha256} was not written well`)
}

async function* genuine(source: AsyncIterable<Buffer>, sha256: string): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  for await (const chunk of source) {
    digest.update(chunk)
    yield chunk
  }
  if (digest.digest('hex') !== sha256) throw new Error(`blob ${sha256} is damaged: run packyard verify --repair`)
}
