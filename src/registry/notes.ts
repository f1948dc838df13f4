import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageNoteTable } from '../storage/metadata/schema.ts'
import { auditCall } from './call-journal.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import type { Path, Place } from './resolve.ts'
import type { NoteChange } from './session.ts'
import { touchPackage } from './touch-package.ts'

/** What formats note of names, beside versions: as Maven's plug-in prefixes, which belong to a whole group. */

/** Of one repository. Undefined when nothing is noted under this key. */
export async function readNote(
  { metadata }: RegistryParts,
  { node }: Place,
  name: PackageName,
  key: string,
): Promise<unknown> {
  const row = await metadata.db
    .selectFrom('package_notes')
    .select('value')
    .where('repository_id', '=', node.id)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .where('key', '=', key)
    .executeTakeFirst()
  return row && (JSON.parse(row.value) as unknown)
}

/** Of every repository on the path, by key, the nearest first; those that the format's indexes are made from. */
export async function readNotes(
  { metadata }: RegistryParts,
  { place, name, repositories }: Path,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const { indexedNotes } = place.format
  if (!indexedNotes) return new Map()
  const ids = repositories.map((node) => node.id)
  const rows = await metadata.db
    .selectFrom('package_notes')
    .select(['repository_id', 'key', 'value'])
    .where('repository_id', 'in', ids)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .where('key', 'in', indexedNotes)
    .execute()
  const nearestFirst = rows.sort((left, right) => ids.indexOf(left.repository_id) - ids.indexOf(right.repository_id))
  const byKey = Map.groupBy(nearestFirst, (row) => row.key)
  return new Map(Array.from(byKey, ([key, found]) => [key, found.map(({ value }) => JSON.parse(value) as unknown)]))
}

/** One change after the other, also of several processes. */
export async function changeNote(
  parts: RegistryParts,
  place: Place,
  caller: Caller,
  { name, key, change, about }: NoteChange,
): Promise<void> {
  const row = { repository_id: place.node.id, format: name.format, namespace: name.namespace, name: name.name, key }
  await parts.metadata.write(async (write) => {
    const { value: before } = await lockNote(write, row, parts.clock())
    const value = JSON.stringify(change(JSON.parse(before) ?? undefined) ?? null)
    const update = write.tx.updateTable('package_notes').set({ value })
    await update.where((eb) => eb.and(row)).execute()
    for (const each of about) {
      await auditCall(write, parts, caller, { operation: 'PutPackageMetadata', address: addressOf(place, each) })
    }
    if (place.format.indexedNotes?.includes(key)) touchPackage(write, place.topology.domain.id, name)
  })
}

type NoteKey = Pick<PackageNoteTable, 'repository_id' | 'format' | 'namespace' | 'name' | 'key'>

/** The row stays locked until the transaction ends, so that no change is lost. */
function lockNote(write: Write, row: NoteKey, now: number): Promise<{ value: string }> {
  return write.tx
    .insertInto('package_notes')
    .values({ ...row, value: 'null', updated_at: now })
    .onConflict((conflict) =>
      conflict.columns(['repository_id', 'format', 'namespace', 'name', 'key']).doUpdateSet({ updated_at: now }),
    )
    .returning('value')
    .executeTakeFirstOrThrow()
}

/** With the package of that name. */
export async function removeNotes(write: Write, repositoryId: string, name: PackageName): Promise<void> {
  await write.tx
    .deleteFrom('package_notes')
    .where('repository_id', '=', repositoryId)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .execute()
}
