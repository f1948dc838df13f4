/** Primary result codes in the low byte, what exactly in the next. Source: SQLite, "Result and Error Codes". */
const SQLITE_BUSY = 5
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555
const SQLITE_CONSTRAINT_UNIQUE = 2067

/** Another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  return (resultCodeOf(error) ?? 0) % 256 === SQLITE_BUSY
}

export function isUniqueViolation(error: unknown): boolean {
  const code = resultCodeOf(error)
  return code === SQLITE_CONSTRAINT_UNIQUE || code === SQLITE_CONSTRAINT_PRIMARYKEY
}

function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}
