import { packageArn } from '../access/arns.ts'
import { recordVersionEvent } from '../journal/events.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { journalClock } from './call-journal.ts'
import { releaseContents } from './contents-release.ts'
import type { HeldVersion } from './held-versions.ts'
import type { Asset, VersionStatus } from './model.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { ensureContent } from './record-version.ts'
import type { Place } from './resolve.ts'
import { revisionOf } from './revision.ts'
import type { RepositoryNode } from './topology.ts'

/** What a version that stands becomes. Whatever is left out stays. */
export interface VersionChange {
  readonly document?: unknown
  /** Further assets, or other bytes of those that it has. */
  readonly added?: readonly Asset[]
  /** All assets that it has from now on, instead of `added`. */
  readonly assets?: readonly Asset[]
  readonly status?: VersionStatus
  /** Unit: ms since 1970. */
  readonly publishedAt?: number
  readonly readme?: string | undefined
}

/**
 * Gives a version of one repository other content: content is shared and never changed, so the reference moves to new
 * content with a new revision, in this repository alone. Answers the revision.
 */
export async function changeVersion(
  write: Write,
  parts: RegistryParts,
  { topology, format }: Pick<Place, 'topology' | 'format'>,
  node: RepositoryNode,
  name: PackageName,
  held: HeldVersion,
  change: VersionChange,
): Promise<string> {
  const assets = assetsOf(held, change)
  const document = change.document ?? held.document
  const status = change.status ?? held.status
  const revision = revisionOf(name, held.version, assets, document)
  const before = await readReadme(write, held.contentId)
  const contentId = await ensureContent(write, parts, topology.domain.id, {
    name,
    version: held.version,
    revision,
    document,
    facts: format.facts(document),
    readme: before.readme ?? change.readme,
    inspected: inspectedOf(held, change, before.is_inspected === 1),
    assets,
  })
  await write.tx
    .updateTable('repository_versions')
    .set({
      content_id: contentId,
      status,
      ...(status !== 'Unfinished' && { finish_at: null }),
      ...(change.publishedAt !== undefined && { published_at: change.publishedAt }),
    })
    .where('package_id', '=', held.packageId)
    .where('version', '=', held.version)
    .execute()
  if (contentId !== held.contentId) await releaseContents(write, topology.domain.id, [held.contentId])
  await recordVersionEvent(write, journalClock(parts), {
    domain: topology.domain,
    repository: node.repository,
    packageId: held.packageId,
    packageArn: packageArn(parts.arns, topology.domain, node.repository.name, name),
    name,
    version: held.version,
    status,
    revision,
    operation: 'Updated',
    changes: {
      ...countChanges(held.assets, assets),
      metadataUpdated: change.document !== undefined,
      statusChanged: status !== held.status,
    },
  })
  return revision
}

function assetsOf(held: HeldVersion, { assets, added = [] }: VersionChange): readonly Asset[] {
  if (assets) return assets
  const replaced = new Set(added.map((asset) => asset.name))
  return [...held.assets.filter((asset) => !replaced.has(asset.name)), ...added]
}

function countChanges(before: readonly Asset[], after: readonly Asset[]) {
  const known = new Map(before.map((asset) => [asset.name, asset.sha256]))
  const kept = after.filter((asset) => known.has(asset.name))
  return {
    assetsAdded: after.length - kept.length,
    assetsRemoved: before.length - kept.length,
    assetsUpdated: kept.filter((asset) => known.get(asset.name) !== asset.sha256).length,
  }
}

/** Facts of what came from outside were read from its assets: with other content they are read again. */
function inspectedOf(held: HeldVersion, change: VersionChange, wasInspected: boolean): 'inspected' | 'on demand' {
  if (change.readme !== undefined) return 'inspected'
  return wasInspected && held.origin.type === 'INTERNAL' ? 'inspected' : 'on demand'
}

async function readReadme(write: Write, contentId: string) {
  return write.tx
    .selectFrom('version_contents')
    .select(['readme', 'is_inspected'])
    .where('id', '=', contentId)
    .executeTakeFirstOrThrow()
}

/** Another repository's version in the place of one that stands: content, status, origin and time are all the other's. */
export async function replaceReference(
  write: Write,
  parts: RegistryParts,
  { topology, node }: Pick<Place, 'topology' | 'node'>,
  name: PackageName,
  standing: HeldVersion,
  other: HeldVersion,
): Promise<void> {
  const { contentId, status, origin, publishedAt, revision, version } = other
  const reference = { content_id: contentId, status, origin_type: origin.type, published_at: publishedAt }
  await write.tx
    .updateTable('repository_versions')
    .set({ ...reference, entry_point: origin.entryPoint ?? null })
    .where('package_id', '=', standing.packageId)
    .where('version', '=', version)
    .execute()
  if (contentId !== standing.contentId) await releaseContents(write, topology.domain.id, [standing.contentId])
  const packages = write.tx.updateTable('packages').set({ updated_at: parts.clock() })
  await packages.where('id', '=', standing.packageId).execute()
  await recordVersionEvent(write, journalClock(parts), {
    domain: topology.domain,
    repository: node.repository,
    packageId: standing.packageId,
    packageArn: packageArn(parts.arns, topology.domain, node.repository.name, name),
    name,
    version,
    status,
    revision,
    operation: 'Updated',
    changes: { ...compareAssets(standing, other), metadataUpdated: true, statusChanged: status !== standing.status },
  })
}

function compareAssets(standing: HeldVersion, other: HeldVersion) {
  const before = new Map(
    standing.status === 'Disposed' ? [] : standing.assets.map((asset) => [asset.name, asset.sha256] as const),
  )
  const after = new Map(other.assets.map((asset) => [asset.name, asset.sha256]))
  const kept = [...after.keys()].filter((name) => before.has(name))
  return {
    assetsAdded: after.size - kept.length,
    assetsRemoved: before.size - kept.length,
    assetsUpdated: kept.filter((name) => before.get(name) !== after.get(name)).length,
  }
}
