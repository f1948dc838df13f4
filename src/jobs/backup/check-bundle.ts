import { createHash } from 'node:crypto'

import type { Bundle } from '../../storage/bundle/bundle.ts'
import { BundleDamagedError } from '../../storage/bundle/sealed-stream.ts'
import { schemaVersion } from '../../storage/metadata/migrations.ts'
import type { RowImport } from '../../storage/metadata/row-import.ts'
import { FILES_PART, type Manifest, parseManifest, parseRow, readLines, tablePart } from './manifest.ts'
import { neededBlobs } from './needed-blobs.ts'

/** Rows inserted together. Ours. */
const BATCH = 500

/**
 * Reads all that a snapshot consists of. Throws `BundleDamagedError` when anything of it is missing, damaged or another's.
 * `blobs`: whether their bytes are read too, or only looked for.
 */
export async function checkBundle(bundle: Bundle, snapshot: string, blobs: 'read' | 'look for'): Promise<Manifest> {
  const manifest = parseManifest(await bundle.readManifest(snapshot), schemaVersion())
  await readFiles(bundle, snapshot)
  for (const table of manifest.tables) await checkTable(bundle, snapshot, table)
  const seen = { blobs: 0, blobBytes: 0 }
  for await (const { sha256, sizeBytes } of neededBlobs(bundle, snapshot)) {
    seen.blobs += 1
    seen.blobBytes += sizeBytes
    const isThere = blobs === 'read' ? (await hashOf(bundle.readBlob(sha256))) === sha256 : await bundle.hasBlob(sha256)
    if (!isThere) throw new BundleDamagedError(`blob ${sha256} is missing or damaged in the backup`)
  }
  if (seen.blobs !== manifest.blobs) throw new BundleDamagedError('its list of blobs is not the one it was made with')
  return manifest
}

async function checkTable(bundle: Bundle, snapshot: string, table: Manifest['tables'][number]): Promise<void> {
  let count = 0
  for await (const line of readLines(bundle.readPart(snapshot, tablePart(table.name)))) {
    parseRow(line, table)
    count += 1
  }
  if (count === table.rows) return
  throw new BundleDamagedError(`table ${table.name} has ${count} rows in the backup, and should have ${table.rows}`)
}

/** Puts the rows of a snapshot into a database. */
export async function importRows(
  bundle: Bundle,
  snapshot: string,
  { tables }: Manifest,
  into: RowImport,
): Promise<void> {
  await into.clear(tables)
  for (const table of tables) {
    let batch: ReturnType<typeof parseRow>[] = []
    for await (const line of readLines(bundle.readPart(snapshot, tablePart(table.name)))) {
      batch.push(parseRow(line, table))
      if (batch.length < BATCH) continue
      await into.insert(table, batch)
      batch = []
    }
    if (batch.length > 0) await into.insert(table, batch)
  }
}

/** Keys and the like, by their name below the data folder. */
export async function readFiles(bundle: Bundle, snapshot: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for await (const line of readLines(bundle.readPart(snapshot, FILES_PART))) {
    const [name, bytes] = JSON.parse(line) as [string, string]
    files.set(name, Buffer.from(bytes, 'base64'))
  }
  return files
}

export async function hashOf(source: AsyncIterable<Buffer>): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of source) digest.update(chunk)
  return digest.digest('hex')
}
