import type { Logger } from 'pino'
import type { RequestObserver, RequestRecord } from './request-record.ts'

/** Where the lines go. */
export interface AccessLogParts {
  readonly log: Logger
  /** Writes a line of level info with these fields, as `log.info` would. Nearly every line is one of these. */
  writeInfo(fields: Readonly<Record<string, unknown>>): void
}

/**
 * One line per request, at its end. A request that failed by our fault says why: with the stack when it is a bug (500),
 * with the message alone when something else was down.
 */
export function createAccessLog({ log, writeInfo }: AccessLogParts): RequestObserver {
  return (record) => {
    const level = levelOf(record)
    if (!log.isLevelEnabled(level)) return
    const path = redactTarget(record.path, record.query)
    const fields: Record<string, unknown> = {
      request_id: record.id,
      plane: record.plane,
      status: record.status,
      duration_ms: Math.round(record.durationMs * 100) / 100,
      size_bytes: record.sentBytes,
      remote_address: record.remoteAddress,
      user_agent: record.userAgent.slice(0, 200),
    }
    for (const added of record.fields) Object.assign(fields, added)
    if (record.end === 'gone') fields['end'] = 'gone'
    addFailure(fields, record)
    const message = `${record.method} ${path} ${record.status}`
    if (level !== 'info') {
      log[level](fields, message)
      return
    }
    fields['msg'] = message
    writeInfo(fields)
  }
}

function levelOf({ status }: RequestRecord): 'info' | 'warn' | 'error' {
  if (status < 500) return 'info'
  return status === 500 ? 'error' : 'warn'
}

function addFailure(fields: Record<string, unknown>, { error, status, end }: RequestRecord): void {
  if (error === undefined || (status < 500 && end === 'complete')) return
  if (status === 500) fields['err'] = error
  else fields['failure'] = error instanceof Error ? error.message : 'what was thrown is no error'
}

/** Names of query parameters that may hold a secret, in any spelling: `X-Amz-Signature`, `access_token`, `password`. */
const secretName = /sign|token|secret|passw|credential|auth|key/i

/**
 * npm's logout carries the token itself: `DELETE …/-/user/token/{token}`. A client may percent-encode any letter of it.
 * Source: npm registry API, as the npm client's `logout` uses it.
 */
const tokenPath = /(\/(?:-|%2d)\/user\/[^/]+\/).+$/i

/** The target as it may be shown: no token, no signature. */
export function redactTarget(path: string, query: string): string {
  const shown = path.includes('/user/') ? path.replace(tokenPath, '$1***') : path
  return query === '' ? shown : `${shown}?${query.split('&').map(redactPair).join('&')}`
}

function redactPair(pair: string): string {
  const name = pair.split('=', 1)[0] ?? ''
  // A name that is itself encoded is not worth decoding for a log.
  return secretName.test(name) || name.includes('%') ? `${name}=***` : pair
}
