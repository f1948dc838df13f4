/** Source: PostgreSQL, Appendix A, "PostgreSQL Error Codes". */
const UNIQUE_VIOLATION = '23505'
const CONFLICTS = new Set(['40001', '40P01'])

export function isUniqueViolation(error: unknown): boolean {
  return stateOf(error) === UNIQUE_VIOLATION
}

/** The database rolled the transaction back because of another one; the same work may well succeed next time. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(stateOf(error) ?? '')
}

/** The connection broke, or the server ended it (class 57P: shutdown, crash) or never accepted it (class 08). */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const state = stateOf(error)
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P')
  const code = 'code' in error ? error.code : undefined
  return NETWORK_CODES.has(String(code)) || LOST_MESSAGES.some((message) => error.message.startsWith(message))
}

const NETWORK_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** `pg` gives these errors no code. Source: pg 8.23, `client.js`. */
const LOST_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed',
  'timeout exceeded when trying to connect',
]

function stateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined
}
