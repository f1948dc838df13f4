import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Says that this process, with its workers, is the only one that serves from a folder. */
export interface FolderLock {
  release(): void
}

/**
 * Undefined when another process has it. A lock of the operating system, taken by way of SQLite as Node has no other: it
 * goes with the process that holds it, however that ends, so that nothing is left to clear away.
 */
export function lockFolder(folder: string): FolderLock | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, 'serve.lock')
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('begin exclusive')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined
    throw error
  }
}

/** Source: SQLite, "Result and Error Codes". */
const SQLITE_BUSY = 5
