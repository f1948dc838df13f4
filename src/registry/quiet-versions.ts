import type { PackageAddress } from './addresses.ts'
import { requirePackage } from './lookup.ts'
import { type PackageName, parseAccountId, parseDomainName, parseFormatId, parseRepositoryName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { announceVersion } from './version-events.ts'
import { selectVersions } from './version-rows.ts'
import { touchPackage } from './touch-package.ts'

/** Versions looked at in one go. Ours. */
const BATCH = 100

/**
 * Publishes Unfinished versions for which nothing has come for long enough; answers how many. Any number of processes
 * may do so at once: whoever takes a version away from its due time publishes it, once.
 */
export async function finishQuietVersions(parts: RegistryParts): Promise<number> {
  const due = await readDue(parts)
  let finished = 0
  for (const { version, address } of due) if (await finishQuiet(parts, address, version)) finished += 1
  return finished
}

interface DueVersion {
  readonly version: string
  readonly address: PackageAddress
}

/** By the index of due times: the cost does not grow with the number of versions. */
async function readDue({ metadata, clock }: RegistryParts): Promise<DueVersion[]> {
  const rows = await metadata.db
    .selectFrom('repository_versions as held')
    .innerJoin('packages as package', 'package.id', 'held.package_id')
    .innerJoin('repositories as repository', 'repository.id', 'package.repository_id')
    .innerJoin('domains as domain', 'domain.id', 'package.domain_id')
    .select(['held.version', 'package.format', 'package.namespace', 'package.name'])
    .select(['repository.name as repository', 'domain.name as domain', 'domain.owner'])
    .where('held.finish_at', '<=', clock())
    .orderBy('held.finish_at')
    .limit(BATCH)
    .execute()
  return rows.map((row) => {
    const name: PackageName = { format: parseFormatId(row.format), namespace: row.namespace, name: row.name }
    const address = {
      owner: parseAccountId(row.owner),
      domain: parseDomainName(row.domain),
      repository: parseRepositoryName(row.repository),
      package: name,
    }
    return { version: row.version, address }
  })
}

async function finishQuiet(parts: RegistryParts, address: PackageAddress, version: string): Promise<boolean> {
  const now = parts.clock()
  return parts.metadata.write(async (write) => {
    const found = await requirePackage(write.tx, address)
    const taken = await write.tx
      .updateTable('repository_versions')
      .set({ finish_at: null, status: 'Published', published_at: now })
      .where('package_id', '=', found.package.id)
      .where('version', '=', version)
      .where('status', '=', 'Unfinished')
      .where('finish_at', '<=', now)
      .returning('id')
      .executeTakeFirst()
    if (!taken) return false
    const { revision } = await selectVersions(write.tx, found.package.id)
      .where('held.version', '=', version)
      .executeTakeFirstOrThrow()
    const news = { version, status: 'Published', revision, operation: 'Updated' } as const
    await announceVersion(write, parts, { address, found }, { ...news, changes: { statusChanged: true } })
    await write.tx.updateTable('packages').set({ updated_at: now }).where('id', '=', found.package.id).execute()
    touchPackage(write, found.domain.id, address.package)
    return true
  })
}
