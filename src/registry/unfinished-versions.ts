import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { auditCall } from './call-journal.ts'
import { changeVersion } from './change-version.ts'
import { refused } from './errors.ts'
import { readHeldVersions } from './held-versions.ts'
import { findPackage } from './lookup.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import type { Place } from './resolve.ts'
import type { AssetFault, OwnVersion, VersionDraft } from './session.ts'
import { touchPackage } from './touch-package.ts'

/** Versions that come in several requests, asset by asset, until their client says that they are whole. */

export async function readOwnVersion(
  parts: RegistryParts,
  place: Place,
  name: PackageName,
  version: string,
): Promise<OwnVersion | undefined> {
  const { db } = parts.metadata
  const row = await findPackage(db, place.node.id, name)
  const [held] = row ? await readHeldVersions(db, [row.id], version) : []
  return held && { status: held.status, document: held.document, assets: held.assets }
}

/** Forgotten without a word when the version is not Unfinished: what is out cannot be called back. */
export async function reportFault(
  parts: RegistryParts,
  place: Place,
  { name, version, asset, message }: AssetFault & { readonly message: string },
): Promise<void> {
  await parts.metadata.write(async (write) => {
    const row = await findPackage(write.tx, place.node.id, name)
    const held = row && (await setFinish(write, row.id, version, null))
    if (!held) return
    await write.tx
      .insertInto('version_faults')
      .values({ package_id: row.id, version, asset, message })
      .onConflict((conflict) => conflict.columns(['package_id', 'version', 'asset']).doUpdateSet({ message }))
      .execute()
  })
}

export async function clearFault(
  parts: RegistryParts,
  place: Place,
  { name, version, asset }: AssetFault,
  finish: VersionDraft['finish'],
): Promise<void> {
  const row = await findPackage(parts.metadata.db, place.node.id, name)
  const known = row && (await readFaults(parts.metadata.db, row.id, [version]))
  if (!known?.some((fault) => fault.asset === asset)) return
  await parts.metadata.write(async (write) => {
    await write.tx
      .deleteFrom('version_faults')
      .where('package_id', '=', row!.id)
      .where('version', '=', version)
      .where('asset', '=', asset)
      .execute()
    if (finish === 'when quiet') await finishLater(write, parts, row!.id, version)
  })
}

/** Each further asset puts it off; a fault does so until it is cleared. */
export async function finishLater(
  write: Write,
  parts: RegistryParts,
  packageId: string,
  version: string,
): Promise<void> {
  if (parts.finishQuietMs === undefined) return
  if ((await readFaults(write.tx, packageId, [version])).length > 0) return
  await setFinish(write, packageId, version, parts.clock() + parts.finishQuietMs)
}

/** False when there is no such Unfinished version. Its row stays locked until the transaction ends. */
async function setFinish(write: Write, packageId: string, version: string, finishAt: number | null): Promise<boolean> {
  const row = await write.tx
    .updateTable('repository_versions')
    .set({ finish_at: finishAt })
    .where('package_id', '=', packageId)
    .where('version', '=', version)
    .where('status', '=', 'Unfinished')
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Versions that one statement names. Ours. */
const CHUNK = 500

export async function finishVersions(
  parts: RegistryParts,
  place: Place,
  caller: Caller,
  { name, versions }: { readonly name: PackageName; readonly versions: readonly string[] },
): Promise<readonly unknown[]> {
  const unfinished = await findUnfinished(parts, place, name, versions)
  if (unfinished.length === 0) return []
  return parts.metadata.write(async (write) => {
    const row = await findPackage(write.tx, place.node.id, name)
    if (!row) return []
    await refuseFaulty(write, row.id, unfinished)
    const finished: unknown[] = []
    for (const version of unfinished) {
      const [held] = await readHeldVersions(write.tx, [row.id], version)
      if (held?.status !== 'Unfinished') continue
      // Publishing is what happens now, whenever the first asset came.
      const change = { status: 'Published', publishedAt: parts.clock() } as const
      await changeVersion(write, parts, place, place.node, name, held, change)
      finished.push(held.document)
    }
    await write.tx.updateTable('packages').set({ updated_at: parts.clock() }).where('id', '=', row.id).execute()
    const details = { packageVersions: unfinished }
    const address = addressOf(place, name)
    await auditCall(write, parts, caller, { operation: 'PutPackageMetadata', address, details })
    touchPackage(write, place.topology.domain.id, name)
    return finished
  })
}

async function findUnfinished(
  { metadata }: RegistryParts,
  { node }: Place,
  name: PackageName,
  versions: readonly string[],
): Promise<string[]> {
  const row = await findPackage(metadata.db, node.id, name)
  if (!row) return []
  const found: string[] = []
  for (let start = 0; start < versions.length; start += CHUNK) {
    const rows = await metadata.db
      .selectFrom('repository_versions')
      .select('version')
      .where('package_id', '=', row.id)
      .where('version', 'in', versions.slice(start, start + CHUNK))
      .where('status', '=', 'Unfinished')
      .execute()
    found.push(...rows.map(({ version }) => version))
  }
  return found
}

/** Throws `invalid` when an asset of one of these versions is known to be faulty. */
export async function refuseFaulty(write: Write, packageId: string, versions: readonly string[]): Promise<void> {
  const [fault] = await readFaults(write.tx, packageId, versions.slice(0, CHUNK))
  if (fault) throw refused(`version ${fault.version} cannot be finished: ${fault.message}`)
}

function readFaults(db: Pick<Write['tx'], 'selectFrom'>, packageId: string, versions: readonly string[]) {
  return db
    .selectFrom('version_faults')
    .select(['version', 'asset', 'message'])
    .where('package_id', '=', packageId)
    .where('version', 'in', versions)
    .execute()
}
