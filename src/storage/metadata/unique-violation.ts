import { isUniqueViolation as isPostgresUniqueViolation } from './postgres/errors.ts'
import { isUniqueViolation as isSqliteUniqueViolation } from './sqlite/errors.ts'

/**
 * Whether a statement failed because a row with the same key exists. On PostgreSQL the transaction is lost with it, so
 * code that expects this inside a transaction says `onConflict` instead.
 */
export function isUniqueViolation(error: unknown): boolean {
  return isSqliteUniqueViolation(error) || isPostgresUniqueViolation(error)
}
