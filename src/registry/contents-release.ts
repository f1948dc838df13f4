import type { Write } from '../storage/metadata/metadata.ts'

/** Ids per statement; the database's own limit of parameters is far above. Ours. */
const CHUNK = 500

/**
 * Forgets contents that no repository refers to any more, the assets of those that are only left as disposed versions,
 * and the blobs that nothing names then; answers their size in bytes. The bytes stay for the sweep, which knows them by
 * having no row.
 */
export async function releaseContents(write: Write, domainId: string, contentIds: Iterable<string>): Promise<number> {
  const ids = [...new Set(contentIds)].sort()
  let freedBytes = 0
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK)
    const blobs = await dropAssets(write, chunk)
    await dropContents(write, chunk)
    freedBytes += await dropBlobs(write, domainId, blobs)
  }
  return freedBytes
}

/** The assets of contents that no version still needs; answers the blobs that they named. */
async function dropAssets(write: Write, contentIds: readonly string[]): Promise<string[]> {
  const dropped = await write.tx
    .deleteFrom('version_assets')
    .where('content_id', 'in', contentIds)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('repository_versions')
            .select('repository_versions.id')
            .whereRef('repository_versions.content_id', '=', 'version_assets.content_id')
            .where('repository_versions.status', '<>', 'Disposed'),
        ),
      ),
    )
    .returning('sha256')
    .execute()
  return [...new Set(dropped.map((row) => row.sha256))].sort()
}

async function dropContents(write: Write, contentIds: readonly string[]): Promise<void> {
  await write.tx
    .deleteFrom('version_contents')
    .where('id', 'in', contentIds)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('repository_versions')
            .select('repository_versions.id')
            .whereRef('repository_versions.content_id', '=', 'version_contents.id'),
        ),
      ),
    )
    .execute()
}

async function dropBlobs(write: Write, domainId: string, hashes: readonly string[]): Promise<number> {
  let freedBytes = 0
  for (let start = 0; start < hashes.length; start += CHUNK) {
    const chunk = hashes.slice(start, start + CHUNK)
    const dropped = await write.tx
      .deleteFrom('blobs')
      .where('domain_id', '=', domainId)
      .where('sha256', 'in', chunk)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('version_assets')
              .select('version_assets.name')
              .whereRef('version_assets.domain_id', '=', 'blobs.domain_id')
              .whereRef('version_assets.sha256', '=', 'blobs.sha256'),
          ),
        ),
      )
      .returning('size_bytes')
      .execute()
    freedBytes += dropped.reduce((sum, row) => sum + row.size_bytes, 0)
  }
  if (freedBytes === 0) return 0
  const domain = write.tx.updateTable('domains').where('id', '=', domainId)
  await domain.set((eb) => ({ asset_size_bytes: eb('asset_size_bytes', '-', freedBytes) })).execute()
  return freedBytes
}
