import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../storage/metadata/schema.ts'
import type { Asset, OriginRestrictions, VersionOrigin, VersionStatus } from './model.ts'
import type { PackageName } from './names.ts'

/** A package as the database has it in one repository. */
export interface HeldPackage {
  readonly id: string
  readonly repositoryId: string
  readonly restrictions: OriginRestrictions
  /** Whether somebody set the restrictions; else they are what the first version brought. */
  readonly isDecided: boolean
  /** Where its versions come from, as far as they come from one side only. */
  readonly origins: 'none' | 'internal' | 'external' | 'both'
  readonly updatedAt: number
}

/** A version that a repository holds, by reference to content that the whole domain shares. */
export interface HeldVersion {
  readonly packageId: string
  readonly contentId: string
  readonly version: string
  readonly revision: string
  readonly status: VersionStatus
  readonly origin: VersionOrigin
  readonly publishedAt: number
  readonly document: unknown
  /** Of the document's text. */
  readonly documentLength: number
  readonly assets: readonly Asset[]
}

type Reader = Kysely<Schema> | Transaction<Schema>

/** One name in every repository of a domain that holds it: at most as many rows as there are repositories. */
export async function readHeldPackages(db: Reader, domainId: string, name: PackageName): Promise<HeldPackage[]> {
  const rows = await db
    .selectFrom('packages')
    .select(['id', 'repository_id', 'publish_restriction', 'upstream_restriction', 'is_decided', 'updated_at'])
    .select(({ exists, selectFrom }) => {
      const versionsOf = (origin: string) =>
        selectFrom('repository_versions')
          .select('repository_versions.id')
          .whereRef('repository_versions.package_id', '=', 'packages.id')
          .where('repository_versions.origin_type', '=', origin)
      return [exists(versionsOf('INTERNAL')).as('has_internal'), exists(versionsOf('EXTERNAL')).as('has_external')]
    })
    .where('domain_id', '=', domainId)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    repositoryId: row.repository_id,
    restrictions: {
      publish: row.publish_restriction as OriginRestrictions['publish'],
      upstream: row.upstream_restriction as OriginRestrictions['upstream'],
    },
    isDecided: row.is_decided === 1,
    origins: originsOf(Boolean(row.has_internal), Boolean(row.has_external)),
    updatedAt: row.updated_at,
  }))
}

function originsOf(hasInternal: boolean, hasExternal: boolean): HeldPackage['origins'] {
  if (hasInternal) return hasExternal ? 'both' : 'internal'
  return hasExternal ? 'external' : 'none'
}

/** All versions of these packages, or one of them; with their assets. */
export async function readHeldVersions(
  db: Reader,
  packageIds: readonly string[],
  version?: string,
): Promise<HeldVersion[]> {
  if (packageIds.length === 0) return []
  const rows = await db
    .selectFrom('repository_versions as held')
    .innerJoin('version_contents as content', 'content.id', 'held.content_id')
    .select([
      'held.package_id',
      'held.content_id',
      'held.version',
      'held.status',
      'held.origin_type',
      'held.entry_point',
      'held.published_at',
      'content.revision',
      'content.document',
    ])
    .where('held.package_id', 'in', packageIds)
    .$if(version !== undefined, (query) => query.where('held.version', '=', version!))
    .execute()
  const assets = await readAssets(db, packageIds, version)
  return rows.map((row) => ({
    packageId: row.package_id,
    contentId: row.content_id,
    version: row.version,
    revision: row.revision,
    status: row.status as VersionStatus,
    origin: { type: row.origin_type as VersionOrigin['type'], entryPoint: row.entry_point ?? undefined },
    publishedAt: row.published_at,
    document: JSON.parse(row.document) as unknown,
    documentLength: row.document.length,
    assets: assets.get(row.content_id) ?? [],
  }))
}

async function readAssets(db: Reader, packageIds: readonly string[], version?: string): Promise<Map<string, Asset[]>> {
  const rows = await db
    .selectFrom('repository_versions as held')
    .innerJoin('version_assets as asset', 'asset.content_id', 'held.content_id')
    .select([
      'asset.content_id',
      'asset.name',
      'asset.size_bytes',
      'asset.sha256',
      'asset.sha512',
      'asset.sha1',
      'asset.md5',
    ])
    .distinct()
    .where('held.package_id', 'in', packageIds)
    .$if(version !== undefined, (query) => query.where('held.version', '=', version!))
    .orderBy('asset.content_id')
    .orderBy('asset.name')
    .execute()
  const found = new Map<string, Asset[]>()
  for (const row of rows) {
    const assets = found.get(row.content_id) ?? []
    const { name, sha256, sha512, sha1, md5 } = row
    assets.push({ name, sizeBytes: row.size_bytes, sha256, sha512, sha1, md5 })
    found.set(row.content_id, assets)
  }
  return found
}

/** The tags of these packages, by package. */
export async function readTags(db: Reader, packageIds: readonly string[]): Promise<Map<string, Map<string, string>>> {
  const tags = new Map<string, Map<string, string>>(packageIds.map((id) => [id, new Map()]))
  if (packageIds.length === 0) return tags
  const rows = await db
    .selectFrom('package_tags')
    .selectAll()
    .where('package_id', 'in', packageIds)
    .orderBy('tag')
    .execute()
  for (const row of rows) tags.get(row.package_id)?.set(row.tag, row.version)
  return tags
}
