import type { Selectable } from 'kysely'
import type { Readable } from 'node:stream'
import type { VersionAssetTable } from '../storage/metadata/schema.ts'
import { resourceIdOf, type VersionAddress } from './addresses.ts'
import { RegistryError } from './errors.ts'
import { assetMissing } from './missing.ts'
import type { Asset } from './model.ts'
import { type Page, type PageRequest, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'
import { type VersionSummary, requireVersion, toSummary, type VersionRow } from './version-rows.ts'

export interface AssetList extends Page<Asset> {
  readonly held: VersionSummary
}

/** By name; none once the version is disposed. Throws `missing`. */
export async function listAssets(parts: RegistryParts, address: VersionAddress, page: PageRequest): Promise<AssetList> {
  const { db } = parts.metadata
  const { row } = await requireVersion(db, address)
  const held = toSummary(row)
  if (held.status === 'Disposed') return { items: [], next: undefined, held }
  const rows = await db
    .selectFrom('version_assets')
    .selectAll()
    .where('content_id', '=', row.content_id)
    .$if(page.after !== undefined, (query) => query.where('name', '>', String(page.after![0])))
    .orderBy('name')
    .limit(page.size + 1)
    .execute()
  return { ...toPage(rows, page.size, { keyOf: (asset) => [asset.name], itemOf: toAsset }), held }
}

export interface AssetBytes {
  readonly asset: Asset
  readonly held: VersionSummary
  readonly content: Readable
}

/** `revision`, when given, must be the current one. Throws `missing` or `conflict`. */
export async function openAsset(
  parts: RegistryParts,
  address: VersionAddress,
  { asset: name, revision }: { readonly asset: string; readonly revision?: string | undefined },
): Promise<AssetBytes> {
  const { db } = parts.metadata
  const { domain, row } = await requireVersion(db, address)
  checkReadable(address, row, revision)
  const found = await db
    .selectFrom('version_assets')
    .selectAll()
    .where('content_id', '=', row.content_id)
    .where('name', '=', name)
    .executeTakeFirst()
  if (!found) throw assetMissing(address, name)
  const content = await parts.blobs.open({ domainId: domain.id, sha256: found.sha256 })
  return { asset: toAsset(found), held: toSummary(row), content }
}

/** Unverified: the service's documentation has no error for either case but declares Conflict. */
function checkReadable(address: VersionAddress, row: VersionRow, revision: string | undefined): void {
  const details = { resourceType: 'package-version', resourceId: resourceIdOf(address) } as const
  if (revision !== undefined && revision !== row.revision) {
    const message = `current revision: ${row.revision}, expected revision: ${revision}`
    throw new RegistryError('conflict', message, details)
  }
  if (row.status !== 'Archived' && row.status !== 'Disposed') return
  const message = `Assets of version '${row.version}' cannot be read while its status is '${row.status}'.`
  throw new RegistryError('conflict', message, details)
}

function toAsset(row: Selectable<VersionAssetTable>): Asset {
  const { name, sha256, sha512, sha1, md5 } = row
  return { name, sizeBytes: row.size_bytes, sha256, sha512, sha1, md5 }
}
