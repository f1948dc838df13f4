import { join } from 'node:path'
import { CommandError } from '../cli/exit-codes.ts'
import type { Config } from '../config.ts'
import { type FillingKind, findFilling } from '../jobs/backup/restore.ts'
import { type FolderLock, lockFolder } from '../storage/folder-lock.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'
import type { OpenRowImport } from '../storage/metadata/row-import.ts'
import { connectClient } from '../storage/postgres-client.ts'
import { exists } from './backup-files.ts'
import { openMetadata } from './registry.ts'

/** Longest wait for an answer. Unit: ms. Ours. */
const ANSWER_TIMEOUT_MS = 10_000

/** How to fill the database that these settings mean. */
export function rowImportOf({ databaseUrl, dataDir }: Config): OpenRowImport {
  return async (schemaVersion) => {
    if (databaseUrl !== undefined) {
      const { openPostgresImport } = await import('../storage/metadata/postgres/row-import.ts')
      return openPostgresImport(databaseUrl, schemaVersion)
    }
    const { openSqliteImport } = await import('../storage/metadata/sqlite/row-import.ts')
    return openSqliteImport(join(dataDir, 'packyard.db'), schemaVersion, Math.random)
  }
}

/**
 * What a database holds that is to be filled: nothing, or what an interrupted run of the same kind left. Throws
 * `CommandError` when it holds anything else. Changes nothing unless it was begun before.
 */
export async function lookAtTarget(config: Config, kind: FillingKind): Promise<{ begun: string | undefined }> {
  if (!(await hasAccounts(config))) return { begun: undefined }
  await using metadata: Metadata = await openMetadata(config)
  const filling = await findFilling(metadata.db)
  if (filling?.kind === kind) return { begun: filling.id }
  throw new CommandError('the database is in use already: give an empty one')
}

async function hasAccounts({ databaseUrl, dataDir }: Config): Promise<boolean> {
  if (databaseUrl === undefined) {
    const file = join(dataDir, 'packyard.db')
    const { holdsAccounts } = await import('../storage/metadata/sqlite/row-import.ts')
    return (await exists(file)) && holdsAccounts(file)
  }
  const client = await connectClient(databaseUrl, 'looking', ANSWER_TIMEOUT_MS)
  try {
    const { rows } = await client.query<{ found: string | null }>(`select to_regclass('accounts')::text as found`)
    if (typeof rows[0]?.found !== 'string') return false
    return (await client.query('select 1 from accounts limit 1')).rows.length > 0
  } finally {
    await client.end()
  }
}

/** Says that nobody serves from the data folder, and keeps it so. Undefined when somebody does, or nobody can tell. */
export function keepServersAway({ databaseUrl, dataDir }: Config): FolderLock | undefined {
  return databaseUrl === undefined ? lockFolder(dataDir) : undefined
}
