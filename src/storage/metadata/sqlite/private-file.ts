import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'

/** The file holds what only its owner may read; SQLite gives the files beside it the same mode. */
export function makePrivateFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true })
  closeSync(openSync(file, 'a', 0o600))
}
