import type { Caller } from '../access/principal.ts'
import { auditCall } from './call-journal.ts'
import { changeVersion } from './change-version.ts'
import { readHeldVersions } from './held-versions.ts'
import { findPackage } from './lookup.ts'
import { packageMissing } from './missing.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import type { Place } from './resolve.ts'
import { revisionOf } from './revision.ts'
import { touchPackage } from './touch-package.ts'

export interface DocumentsUpdate {
  readonly name: PackageName
  /** That one alone; all of them without it. */
  readonly version?: string | undefined
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
  { name, version, change }: DocumentsUpdate,
): Promise<void> {
  const address = addressOf(place, name)
  await parts.metadata.write(async (write) => {
    const row = await findPackage(write.tx, place.node.id, name)
    if (!row) throw packageMissing(address)
    for (const held of await readHeldVersions(write.tx, [row.id], version)) {
      const document = change(held.version, held.document)
      const revision = revisionOf(name, held.version, held.assets, document)
      if (revision === held.revision) continue
      await changeVersion(write, parts, place, place.node, name, held, { document })
    }
    await write.tx.updateTable('packages').set({ updated_at: parts.clock() }).where('id', '=', row.id).execute()
    await auditCall(write, parts, caller, { operation: 'PutPackageMetadata', address })
    touchPackage(write, place.topology.domain.id, name)
  })
}
