import type { Write } from '../storage/metadata/metadata.ts'
import { releaseContents } from './contents-release.ts'

/** Packages taken out at a time, so that memory does not grow with the repository. Ours. */
const BATCH = 500

/** Takes every package out of a repository, with its versions and tags. The journal hears nothing of it. */
export async function removePackages(write: Write, domainId: string, repositoryId: string): Promise<void> {
  for (;;) {
    const batch = await write.tx
      .selectFrom('packages')
      .select('id')
      .where('repository_id', '=', repositoryId)
      .limit(BATCH)
      .execute()
    if (batch.length === 0) return
    const ids = batch.map((row) => row.id)
    const versions = await write.tx
      .deleteFrom('repository_versions')
      .where('package_id', 'in', ids)
      .returning('content_id')
      .execute()
    await write.tx.deleteFrom('packages').where('id', 'in', ids).execute()
    const contents = versions.map((row) => row.content_id)
    await releaseContents(write, domainId, contents)
  }
}
