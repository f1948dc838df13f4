import { pipeline } from 'node:stream/promises'
import type { BlobId } from '../storage/blobs/blob-store.ts'
import type { RegistryFormat } from './format.ts'
import { type PackageName, parseFormatId } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { UpstreamAsset, UpstreamReader, UpstreamSource } from './upstream.ts'

/** Versions from outside that are tried for one blob. Ours. */
const TRIED_MAX = 20

/** Where a blob once came from. */
interface Provenance {
  readonly format: RegistryFormat
  readonly reader: UpstreamReader
  readonly source: UpstreamSource
  readonly name: PackageName
  readonly version: string
  readonly asset: string
}

/**
 * Fetches bytes that are missing or damaged again from the external connection that they came from. Only bytes of the
 * same SHA-256 are taken. False when they came from nowhere outside, or cannot be had there now.
 */
export async function repairBlob(parts: RegistryParts, blob: BlobId): Promise<boolean> {
  for (const provenance of await readProvenances(parts, blob)) {
    if (await fetchAgain(parts, blob, provenance).catch(() => false)) return true
  }
  return false
}

async function readProvenances(parts: RegistryParts, { domainId, sha256 }: BlobId): Promise<Provenance[]> {
  const rows = await parts.metadata.db
    .selectFrom('version_assets as asset')
    .innerJoin('version_contents as content', 'content.id', 'asset.content_id')
    .innerJoin('repository_versions as held', 'held.content_id', 'content.id')
    .select(['asset.name as asset', 'content.format', 'content.namespace', 'content.name', 'content.version'])
    .select('held.entry_point as connection')
    .distinct()
    .where('asset.domain_id', '=', domainId)
    .where('asset.sha256', '=', sha256)
    .where('held.origin_type', '=', 'EXTERNAL')
    .limit(TRIED_MAX)
    .execute()
  return rows.flatMap((row) => {
    const name: PackageName = { format: parseFormatId(row.format), namespace: row.namespace, name: row.name }
    const format = parts.formats.get(name.format)
    const source = parts.connections.get(row.connection ?? '')?.source
    if (!format?.upstream || !source) return []
    return [{ format, reader: format.upstream, source, name, version: row.version, asset: row.asset }]
  })
}

async function fetchAgain(parts: RegistryParts, blob: BlobId, from: Provenance): Promise<boolean> {
  const asset = await findAsset(from)
  if (!asset) return false
  const response = await from.reader.openAsset(from.source, asset)
  if (response.status !== 200) {
    response.body.destroy()
    return false
  }
  await using staging = await parts.blobs.stage(blob.domainId)
  await pipeline(response.body, staging.writable)
  if ((await staging.sealed()).sha256 !== blob.sha256) return false
  // What is damaged goes first: a store may leave a blob alone that it has.
  await parts.blobs.remove(blob)
  await staging.commit()
  return true
}

async function findAsset({ reader, source, name, version, asset }: Provenance): Promise<UpstreamAsset | undefined> {
  const index = await reader.readIndex(source, name, undefined)
  const known = index.kind === 'changed' ? reader.parsePackage(index.document, name).versions.get(version) : undefined
  const listed = known?.assets.find((candidate) => candidate.name === asset)
  return listed ?? reader.offer?.(source, name, version, asset)?.asset
}
