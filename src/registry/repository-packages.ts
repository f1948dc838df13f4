import type { Write } from '../storage/metadata/metadata.ts'
import type { RepositoryAddress } from './addresses.ts'
import { releaseContents } from './contents-release.ts'
import { refuseHeldPackages } from './holds/refuse-removal.ts'
import type { FoundRepository } from './lookup.ts'
import type { RegistryParts } from './parts.ts'
import { forgetName } from './name-parts.ts'

/** Packages taken out at a time, so that memory does not grow with the repository. Ours. */
const BATCH = 500

/**
 * Takes every package out of a repository, with its versions and tags. The journal hears nothing of it. Throws
 * `conflict` when one of them must stay.
 */
export async function removePackages(
  write: Write,
  parts: Pick<RegistryParts, 'clock'>,
  { domain, repository }: FoundRepository,
  address: RepositoryAddress,
): Promise<void> {
  const { id: domainId } = domain
  const { id: repositoryId } = repository
  for (;;) {
    const batch = await write.tx
      .selectFrom('packages')
      .select(['id', 'format', 'namespace', 'name'])
      .where('repository_id', '=', repositoryId)
      .limit(BATCH)
      .execute()
    if (batch.length === 0) return
    await refuseHeldPackages(write.tx, parts, { domain, repository }, { address, packages: batch })
    const ids = batch.map((row) => row.id)
    const versions = await write.tx
      .deleteFrom('repository_versions')
      .where('package_id', 'in', ids)
      .returning('content_id')
      .execute()
    await write.tx.deleteFrom('packages').where('id', 'in', ids).execute()
    for (const name of batch) await forgetName(write, domainId, name)
    const contents = versions.map((row) => row.content_id)
    await releaseContents(write, domainId, contents)
  }
}
