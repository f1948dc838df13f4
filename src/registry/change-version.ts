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
  readonly added?: readonly Asset[]
  readonly status?: VersionStatus
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
  const added = change.added ?? []
  const assets = [...held.assets, ...added]
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
    .set({ content_id: contentId, status })
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
      assetsAdded: added.length,
      assetsRemoved: 0,
      assetsUpdated: 0,
      metadataUpdated: change.document !== undefined,
      statusChanged: status !== held.status,
    },
  })
  return revision
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
