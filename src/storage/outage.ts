import { isConnectionLost } from './metadata/postgres/errors.ts'

/** Source: SQLite, "Result and Error Codes": SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, without what refines them. */
const SQLITE_CODES: Readonly<Record<number, string>> = {
  8: 'the database is read-only',
  10: 'the disk of the database fails',
  13: 'the disk of the database is full',
}

const SYSTEM_CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EROFS: 'the disk is read-only',
  EIO: 'the disk fails',
}

/** What is wrong with the disk or the database, for a person. Undefined when this error is about something else. */
export function describeOutage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return SQLITE_CODES[error.errcode & 0xff]
  const known = 'code' in error && typeof error.code === 'string' ? SYSTEM_CODES[error.code] : undefined
  if (known !== undefined) return known
  return isConnectionLost(error) ? 'the database cannot be reached' : undefined
}
