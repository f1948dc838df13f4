import type { Selectable } from 'kysely'
import type { RepositoryVersionTable } from '../storage/metadata/schema.ts'
import type { VersionAddress } from './addresses.ts'
import { type Database, type FoundPackage, requirePackage } from './lookup.ts'
import { versionMissing } from './missing.ts'
import type { VersionOrigin, VersionStatus } from './model.ts'

/** A repository's reference to a version, with the revision of what it refers to. */
export type VersionRow = Selectable<RepositoryVersionTable> & { readonly revision: string }

/** A version as one repository holds it. Time: ms since 1970. */
export interface VersionSummary {
  readonly version: string
  readonly revision: string
  readonly status: VersionStatus
  readonly origin: VersionOrigin
  readonly publishedAt: number
}

export interface FoundVersion extends FoundPackage {
  readonly row: VersionRow
}

/** Throws `missing`, for the first thing on the way that is not there. */
export async function requireVersion(db: Database, address: VersionAddress): Promise<FoundVersion> {
  const found = await requirePackage(db, address)
  const row = await selectVersions(db, found.package.id).where('held.version', '=', address.version).executeTakeFirst()
  if (!row) throw versionMissing(address)
  return { ...found, row }
}

export function selectVersions(db: Database, packageId: string) {
  return db
    .selectFrom('repository_versions as held')
    .innerJoin('version_contents as content', 'content.id', 'held.content_id')
    .selectAll('held')
    .select('content.revision')
    .where('held.package_id', '=', packageId)
}

export function toSummary(row: VersionRow): VersionSummary {
  return {
    version: row.version,
    revision: row.revision,
    status: row.status as VersionStatus,
    origin: { type: row.origin_type as VersionOrigin['type'], entryPoint: row.entry_point ?? undefined },
    publishedAt: row.published_at,
  }
}
