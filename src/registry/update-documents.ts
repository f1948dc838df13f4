import { packageArn } from '../access/arns.ts'
import type { Caller } from '../access/principal.ts'
import { recordVersionEvent } from '../journal/events.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { packageScope } from '../storage/metadata/scopes.ts'
import { auditCall, journalClock } from './call-journal.ts'
import { releaseContents } from './contents-release.ts'
import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { findPackage } from './lookup.ts'
import { packageMissing } from './missing.ts'
import { type PackageName, packageKey } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { ensureContent } from './record-version.ts'
import type { Place } from './resolve.ts'
import { revisionOf } from './revision.ts'

export interface DocumentsUpdate {
  readonly name: PackageName
  /** Gives the document that a version shall have; the same one where nothing changes. */
  readonly change: (version: string, document: unknown) => unknown
}

/**
 * Changes what versions say of themselves, as `npm deprecate` does. Content is shared and never changed: a version whose
 * document changes refers to new content with the same assets, and so has a new revision, in this repository alone.
 */
export async function updateDocuments(
  parts: RegistryParts,
  place: Place,
  caller: Caller,
  { name, change }: DocumentsUpdate,
): Promise<void> {
  const address = addressOf(place, name)
  await parts.metadata.write(async (write) => {
    const row = await findPackage(write.tx, place.node.id, name)
    if (!row) throw packageMissing(address)
    for (const held of await readHeldVersions(write.tx, [row.id])) {
      const document = change(held.version, held.document)
      const revision = revisionOf(name, held.version, held.assets, document)
      if (revision === held.revision) continue
      await refer(write, parts, place, name, held, document, revision)
      await releaseContents(write, place.topology.domain.id, [held.contentId])
    }
    await write.tx.updateTable('packages').set({ updated_at: parts.clock() }).where('id', '=', row.id).execute()
    await auditCall(write, parts, caller, { operation: 'PutPackageMetadata', address })
    write.touch(packageScope(place.topology.domain.id, packageKey(name)))
  })
}

async function refer(
  write: Write,
  parts: RegistryParts,
  { topology, node, format }: Place,
  name: PackageName,
  held: HeldVersion,
  document: unknown,
  revision: string,
): Promise<void> {
  const before = await write.tx
    .selectFrom('version_contents')
    .select(['readme', 'is_inspected'])
    .where('id', '=', held.contentId)
    .executeTakeFirstOrThrow()
  const contentId = await ensureContent(write, parts, topology.domain.id, {
    name,
    version: held.version,
    revision,
    document,
    facts: format.facts(document),
    readme: before.readme ?? undefined,
    inspected: before.is_inspected === 1 ? 'inspected' : 'on demand',
    assets: held.assets,
  })
  await write.tx
    .updateTable('repository_versions')
    .set({ content_id: contentId })
    .where('package_id', '=', held.packageId)
    .where('version', '=', held.version)
    .execute()
  await recordVersionEvent(write, journalClock(parts), {
    domain: topology.domain,
    repository: node.repository,
    packageId: held.packageId,
    packageArn: packageArn(parts.arns, topology.domain, node.repository.name, name),
    name,
    version: held.version,
    status: held.status,
    revision,
    operation: 'Updated',
    changes: { assetsAdded: 0, assetsRemoved: 0, assetsUpdated: 0, metadataUpdated: true, statusChanged: false },
  })
}
