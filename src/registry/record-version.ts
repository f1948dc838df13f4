import { packageArn } from '../access/arns.ts'
import { recordVersionEvent } from '../journal/events.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { journalClock } from './call-journal.ts'
import { pathAppearanceKey } from './group-keys.ts'
import { packagePath } from './group-pattern.ts'
import type { Asset, OriginRestrictions, VersionFacts, VersionOrigin, VersionStatus } from './model.ts'
import { indexName } from './name-parts.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { RepositoryNode } from './topology.ts'

/** The rows that make a version: the package's record, the content that the domain shares, and the reference. */

export interface NewContent {
  readonly name: PackageName
  readonly version: string
  readonly revision: string
  readonly document: unknown
  readonly facts: VersionFacts
  readonly readme: string | undefined
  /** Was the readme looked for? */
  readonly inspected: 'inspected' | 'on demand'
  readonly assets: readonly Asset[]
}

export interface NewReference {
  readonly contentId: string
  readonly version: string
  readonly revision: string
  readonly status: VersionStatus
  readonly origin: VersionOrigin
  readonly publishedAt: number
  readonly assetCount: number
}

export interface PackageRecord {
  readonly id: string
  readonly restrictions: OriginRestrictions
}

/**
 * The package's record in this repository, made with `restrictions` when there was none. The row stays locked until the
 * transaction ends, so that what is decided about its versions stays true.
 */
export async function ensurePackage(
  write: Write,
  parts: RegistryParts,
  node: RepositoryNode,
  name: PackageName,
  restrictions: OriginRestrictions,
): Promise<PackageRecord> {
  const now = parts.clock()
  const id = parts.randomId()
  const row = await write.tx
    .insertInto('packages')
    .values({
      id,
      domain_id: node.repository.domain.id,
      repository_id: node.id,
      format: name.format,
      namespace: name.namespace,
      name: name.name,
      publish_restriction: restrictions.publish,
      upstream_restriction: restrictions.upstream,
      is_decided: 0,
      appearance_key: pathAppearanceKey(packagePath(name)),
      event_sequence: 0,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['repository_id', 'format', 'namespace', 'name'])
        .doUpdateSet((eb) => ({ event_sequence: eb.ref('packages.event_sequence') })),
    )
    .returning(['id', 'publish_restriction', 'upstream_restriction'])
    .executeTakeFirstOrThrow()
  if (row.id === id) await indexName(write, node.repository.domain.id, name)
  return {
    id: row.id,
    restrictions: {
      publish: row.publish_restriction as OriginRestrictions['publish'],
      upstream: row.upstream_restriction as OriginRestrictions['upstream'],
    },
  }
}

/** The content's id; equal content of one domain is stored once. The blobs must be durable already. */
export async function ensureContent(
  write: Write,
  parts: RegistryParts,
  domainId: string,
  content: NewContent,
): Promise<string> {
  const { name, version, revision } = content
  const id = parts.randomId()
  const inserted = await write.tx
    .insertInto('version_contents')
    .values({
      id,
      domain_id: domainId,
      format: name.format,
      namespace: name.namespace,
      name: name.name,
      version,
      revision,
      document: JSON.stringify(content.document),
      facts: JSON.stringify(content.facts),
      readme: content.readme ?? null,
      is_inspected: content.inspected === 'inspected' ? 1 : 0,
      created_at: parts.clock(),
    })
    .onConflict((conflict) =>
      conflict.columns(['domain_id', 'format', 'namespace', 'name', 'version', 'revision']).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  const contentId = inserted ? id : await existingContent(write, domainId, content)
  // Also of content that was known: its assets are gone where it was left as a disposed version only.
  for (const asset of content.assets) await insertAsset(write, parts, domainId, contentId, asset)
  return contentId
}

async function existingContent(write: Write, domainId: string, { name, version, revision }: NewContent) {
  const row = await write.tx
    .selectFrom('version_contents')
    .select('id')
    .where('domain_id', '=', domainId)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .where('version', '=', version)
    .where('revision', '=', revision)
    .executeTakeFirstOrThrow()
  return row.id
}

async function insertAsset(write: Write, parts: RegistryParts, domainId: string, contentId: string, asset: Asset) {
  const { sha256, sha512, sha1, md5 } = asset
  const inserted = await write.tx
    .insertInto('blobs')
    .values({ domain_id: domainId, sha256, size_bytes: asset.sizeBytes, created_at: parts.clock() })
    .onConflict((conflict) => conflict.columns(['domain_id', 'sha256']).doNothing())
    .returning('sha256')
    .executeTakeFirst()
  if (inserted) {
    await write.tx
      .updateTable('domains')
      .set((eb) => ({ asset_size_bytes: eb('asset_size_bytes', '+', asset.sizeBytes) }))
      .where('id', '=', domainId)
      .execute()
  }
  await write.tx
    .insertInto('version_assets')
    .values({
      content_id: contentId,
      name: asset.name,
      domain_id: domainId,
      sha256,
      sha512,
      sha1,
      md5,
      size_bytes: asset.sizeBytes,
    })
    .onConflict((conflict) => conflict.columns(['content_id', 'name']).doNothing())
    .execute()
}

/** False when the repository had this version already; then nothing changes and nothing is announced. */
export async function insertReference(
  write: Write,
  parts: RegistryParts,
  node: RepositoryNode,
  packageId: string,
  name: PackageName,
  reference: NewReference,
): Promise<boolean> {
  const now = parts.clock()
  const { version, revision, status, origin, publishedAt } = reference
  const inserted = await write.tx
    .insertInto('repository_versions')
    .values({
      id: parts.randomId(),
      package_id: packageId,
      content_id: reference.contentId,
      version,
      status,
      origin_type: origin.type,
      entry_point: origin.entryPoint ?? null,
      published_at: publishedAt,
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(['package_id', 'version']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return false
  await write.tx.updateTable('packages').set({ updated_at: now }).where('id', '=', packageId).execute()
  await recordVersionEvent(write, journalClock(parts), {
    domain: node.repository.domain,
    repository: node.repository,
    packageId,
    packageArn: packageArn(parts.arns, node.repository.domain, node.repository.name, name),
    name,
    version,
    status,
    revision,
    operation: 'Created',
    changes: {
      assetsAdded: reference.assetCount,
      assetsRemoved: 0,
      assetsUpdated: 0,
      metadataUpdated: true,
      statusChanged: true,
    },
  })
  return true
}
