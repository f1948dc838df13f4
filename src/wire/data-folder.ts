import type { Config } from '../config.ts'
import { type FolderLock, lockFolder } from '../storage/folder-lock.ts'

/**
 * Processes of two servers on one SQLite database would not know of each other's fetches. Throws when another server has
 * the folder; on PostgreSQL it may be shared.
 */
export function takeDataFolder({ databaseUrl, dataDir }: Config): FolderLock | undefined {
  if (databaseUrl !== undefined) return undefined
  const lock = lockFolder(dataDir)
  if (lock) return lock
  throw new Error(
    `another packyard serve runs on ${dataDir}: for more processes set PACKYARD_PROCESSES, for more machines PACKYARD_DATABASE_URL`,
  )
}
