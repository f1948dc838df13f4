import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { removalScope } from '../storage/metadata/scopes.ts'
import type { PackageAddress } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { refused } from './errors.ts'
import { refuseHeld } from './holds/refuse-removal.ts'
import { pathAppearanceKey } from './group-keys.ts'
import { packagePath } from './group-pattern.ts'
import {
  type FoundPackage,
  type FoundRepository,
  findPackage,
  type PackageRow,
  requirePackage,
  requireReadable,
} from './lookup.ts'
import type { OriginRestrictions, Package, Restriction } from './model.ts'
import { indexName, forgetName } from './name-parts.ts'
import type { FormatId } from './names.ts'
import { removeNotes } from './notes.ts'
import type { RegistryParts } from './parts.ts'
import { removeVersions } from './version-removal.ts'
import { selectVersions } from './version-rows.ts'
import { touchPackage } from './touch-package.ts'

/** Throws `missing`. */
export async function describePackage(parts: RegistryParts, address: PackageAddress): Promise<Package> {
  return toPackage((await requirePackage(parts.metadata.db, address)).package)
}

/** Makes an empty package where there is none: a name can be closed before anybody uses it. Throws `missing`. */
export async function putOriginRestrictions(
  parts: RegistryParts,
  caller: Caller,
  { address, restrictions }: { readonly address: PackageAddress; readonly restrictions: OriginRestrictions },
): Promise<Package> {
  if (parts.formats.get(address.package.format)?.upstreams === 'ignored' && restrictions.upstream !== 'BLOCK') {
    throw refused(`restrictions/upstream must be BLOCK: packages of format ${address.package.format} have no upstreams`)
  }
  return parts.metadata.write(async (write) => {
    const found = await requireReadable(write.tx, address)
    await upsertPackage(write, parts, found, { address, restrictions })
    const call = { operation: 'PutPackageOriginConfiguration', address, details: { restrictions } }
    await auditCall(write, parts, caller, call)
    touchPackage(write, found.domain.id, address.package)
    const row = await findPackage(write.tx, found.repository.id, address.package)
    return toPackage(row!)
  })
}

/** With all its versions, an event for each, and what was set on it. Answers what it was. Throws `missing`, or
 * `conflict` when one of them is on hold. */
export async function deletePackage(parts: RegistryParts, caller: Caller, address: PackageAddress): Promise<Package> {
  return parts.metadata.write(async (write) => {
    const found = await requirePackage(write.tx, address)
    const held = await selectVersions(write.tx, found.package.id).execute()
    await refuseHeld(write.tx, parts, found, { address, versions: held.map(({ version }) => version) })
    await removeVersions(write, parts, { address, found, versions: 'all' })
    await removeNotes(write, found.repository.id, address.package)
    await write.tx.deleteFrom('packages').where('id', '=', found.package.id).execute()
    await forgetName(write, found.domain.id, address.package)
    await auditCall(write, parts, caller, { operation: 'DeletePackage', address })
    touchPackage(write, found.domain.id, address.package)
    write.touch(removalScope(found.domain.id))
    return toPackage(found.package)
  })
}

/** Forgets a package from outside that nobody has decided anything about, when its last version is gone. */
export async function removeEmptyPackage(write: Write, { domain, package: row }: FoundPackage): Promise<void> {
  const isFromOutside = row.publish_restriction === 'BLOCK' && row.upstream_restriction === 'ALLOW'
  if (!isFromOutside || row.is_decided === 1) return
  const left = write.tx.selectFrom('repository_versions').select('id').where('package_id', '=', row.id)
  if (await left.executeTakeFirst()) return
  await write.tx.deleteFrom('packages').where('id', '=', row.id).execute()
  await forgetName(write, domain.id, row)
  write.touch(removalScope(domain.id))
}

async function upsertPackage(
  write: Write,
  parts: RegistryParts,
  { domain, repository }: FoundRepository,
  { address, restrictions }: { readonly address: PackageAddress; readonly restrictions: OriginRestrictions },
): Promise<void> {
  const now = parts.clock()
  const id = parts.randomId()
  const restricted = {
    publish_restriction: restrictions.publish,
    upstream_restriction: restrictions.upstream,
    is_decided: 1,
    updated_at: now,
  }
  const row = await write.tx
    .insertInto('packages')
    .values({
      ...restricted,
      id,
      domain_id: domain.id,
      repository_id: repository.id,
      format: address.package.format,
      namespace: address.package.namespace,
      name: address.package.name,
      appearance_key: pathAppearanceKey(packagePath(address.package)),
      event_sequence: 0,
      created_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(['repository_id', 'format', 'namespace', 'name']).doUpdateSet(restricted),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  if (row.id === id) await indexName(write, domain.id, address.package)
}

export function toPackage(row: PackageRow): Package {
  return {
    id: row.id,
    name: { format: row.format as FormatId, namespace: row.namespace, name: row.name },
    restrictions: {
      publish: row.publish_restriction as Restriction,
      upstream: row.upstream_restriction as Restriction,
    },
  }
}
