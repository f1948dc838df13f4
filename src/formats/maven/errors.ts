import type { Call, Reply } from '../../http/call.ts'
import { weights } from '../../http/negotiation.ts'
import type { RegistryError, RegistryErrorKind } from '../../registry/errors.ts'

/** How long a client should wait before it asks again when nothing else is known. Unit: s. Ours. */
const RETRY_AFTER_SECONDS = 10

/**
 * Source: what Maven's resolver and Gradle do with each status. A 404 is kept by Maven until somebody asks for updates,
 * so that nothing temporary may look like one.
 */
const statuses = {
  missing: 404,
  conflict: 409,
  denied: 403,
  invalid: 400,
  quota: 413,
  throttled: 429,
  unavailable: 503,
  unsupported: 405,
} as const satisfies Record<RegistryErrorKind, number>

/** Source: RFC 9457. */
const PROBLEM_TYPE = 'application/problem+json'

/**
 * Maven and Gradle show what stands behind the status, and no body; Maven 4, over HTTP/2 too, the problem's detail. Some
 * builds of Maven 3.9 fail on such a body, and do not ask for it.
 */
export function renderError(error: RegistryError, call: Call): Reply {
  const status = statuses[error.kind]
  const { message: reason } = error
  const headers = { 'Cache-Control': 'no-store', ...retryAfter(error) }
  if (weights(call.header('accept') ?? '').has(PROBLEM_TYPE)) {
    const body = JSON.stringify({ type: 'about:blank', title: reason, status, detail: reason })
    return { status, reason, headers: { ...headers, 'Content-Type': PROBLEM_TYPE }, body }
  }
  return { status, reason, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body: `${reason}\n` }
}

function retryAfter(error: RegistryError): Record<string, number> {
  const isTemporary = error.kind === 'throttled' || error.kind === 'unavailable'
  return isTemporary ? { 'Retry-After': error.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS } : {}
}
