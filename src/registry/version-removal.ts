import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageAddress } from './addresses.ts'
import { releaseContents } from './contents-release.ts'
import type { FoundPackage } from './lookup.ts'
import type { RegistryParts } from './parts.ts'
import { announceVersion } from './version-events.ts'
import { selectVersions, type VersionRow } from './version-rows.ts'

export interface VersionRemoval {
  readonly address: PackageAddress
  readonly found: FoundPackage
  readonly versions: readonly VersionRow[] | 'all'
}

/** Takes versions out of a package, with the tags that point at them and an event for each. */
export async function removeVersions(
  write: Write,
  parts: RegistryParts,
  { address, found, versions }: VersionRemoval,
): Promise<void> {
  const packageId = found.package.id
  const rows =
    versions === 'all' ? await selectVersions(write.tx, packageId).orderBy('held.version').execute() : versions
  for (const row of rows) {
    const assetsRemoved = row.status === 'Disposed' ? 0 : await countAssets(write, row.content_id)
    await write.tx
      .deleteFrom('package_tags')
      .where('package_id', '=', packageId)
      .where('version', '=', row.version)
      .execute()
    await write.tx.deleteFrom('repository_versions').where('id', '=', row.id).execute()
    await announceVersion(
      write,
      parts,
      { address, found },
      {
        version: row.version,
        status: row.status,
        revision: row.revision,
        operation: 'Deleted',
        changes: { assetsRemoved },
      },
    )
  }
  await releaseContents(
    write,
    found.domain.id,
    rows.map((row) => row.content_id),
  )
}

export async function countAssets(write: Write, contentId: string): Promise<number> {
  const { count } = await write.tx
    .selectFrom('version_assets')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('content_id', '=', contentId)
    .executeTakeFirstOrThrow()
  return Number(count)
}
