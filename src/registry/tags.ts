import type { Caller } from '../access/principal.ts'
import { auditCall } from './call-journal.ts'
import { RegistryError } from './errors.ts'
import { findPackage } from './lookup.ts'
import { packageMissing, versionMissing } from './missing.ts'
import type { PackageName } from './names.ts'
import { controlsOf } from './origin-control.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { ensurePackage } from './record-version.ts'
import { findVersion, type Place, walk } from './resolve.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import { touchPackage } from './touch-package.ts'

/** Sets a tag of this repository; its version may stand in any repository that a read here reaches. */
export async function putTag(
  parts: RegistryParts,
  indexes: UpstreamIndexes,
  place: Place,
  caller: Caller,
  name: PackageName,
  { tag, version }: { readonly tag: string; readonly version: string },
): Promise<void> {
  const path = await walk(parts, indexes, place, name)
  if (path.stops.length === 0) throw packageMissing(addressOf(place, name))
  const found = await findVersion(parts, path, version)
  const address = { ...addressOf(place, name), version }
  if (found.kind === 'missing') throw versionMissing(address)
  const first = controlsOf(place.topology, name).firstRestrictions('retained')
  await parts.metadata.write(async (write) => {
    const { id } = await ensurePackage(write, parts, place.node, name, first)
    await write.tx
      .insertInto('package_tags')
      .values({ package_id: id, tag, version })
      .onConflict((conflict) => conflict.columns(['package_id', 'tag']).doUpdateSet({ version }))
      .execute()
    await write.tx.updateTable('packages').set({ updated_at: parts.clock() }).where('id', '=', id).execute()
    await auditCall(write, parts, caller, { operation: 'PutPackageMetadata', address, details: { tag } })
    touchPackage(write, place.topology.domain.id, name)
  })
}

/** Removes a tag of this repository. One that comes from upstream can only be removed there. */
export async function removeTag(
  parts: RegistryParts,
  place: Place,
  caller: Caller,
  name: PackageName,
  tag: string,
): Promise<void> {
  const address = addressOf(place, name)
  await parts.metadata.write(async (write) => {
    const row = await findPackage(write.tx, place.node.id, name)
    const removed =
      row &&
      (await write.tx
        .deleteFrom('package_tags')
        .where('package_id', '=', row.id)
        .where('tag', '=', tag)
        .returning('tag')
        .executeTakeFirst())
    if (!row || !removed) throw tagMissing(place, tag)
    await write.tx.updateTable('packages').set({ updated_at: parts.clock() }).where('id', '=', row.id).execute()
    await auditCall(write, parts, caller, { operation: 'PutPackageMetadata', address, details: { tag } })
    touchPackage(write, place.topology.domain.id, name)
  })
}

function tagMissing(place: Place, tag: string): RegistryError {
  const { name } = place.node.repository
  return new RegistryError('missing', `Repository '${name}' has no tag '${tag}' of its own for this package`)
}
