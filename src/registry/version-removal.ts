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

/**
 * Takes versions out of a package, with the tags that point at them and an event for each. Answers how many bytes nothing
 * refers to any more.
 */
export async function removeVersions(
  write: Write,
  parts: RegistryParts,
  { address, found, versions }: VersionRemoval,
): Promise<number> {
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
  await forgetUses(
    write,
    found,
    rows.map((row) => row.version),
  )
  return releaseContents(
    write,
    found.domain.id,
    rows.map((row) => row.content_id),
  )
}

/** Versions that one statement names. Ours. */
const CHUNK = 500

/** What is fetched again begins afresh. */
async function forgetUses(
  write: Write,
  { repository, package: row }: FoundPackage,
  versions: readonly string[],
): Promise<void> {
  for (let start = 0; start < versions.length; start += CHUNK) {
    await write.tx
      .deleteFrom('version_uses')
      .where('repository_id', '=', repository.id)
      .where('format', '=', row.format)
      .where('namespace', '=', row.namespace)
      .where('name', '=', row.name)
      .where('version', 'in', versions.slice(start, start + CHUNK))
      .execute()
  }
}

export async function countAssets(write: Write, contentId: string): Promise<number> {
  const { count } = await write.tx
    .selectFrom('version_assets')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('content_id', '=', contentId)
    .executeTakeFirstOrThrow()
  return Number(count)
}
