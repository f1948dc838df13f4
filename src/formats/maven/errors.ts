import type { Call, Reply } from '../../http/call.ts'
import { weights } from '../../http/negotiation.ts'
import type { RegistryError } from '../../registry/errors.ts'
import { errorStatuses, retryAfter } from '../error-statuses.ts'

/** Source: RFC 9457. */
const PROBLEM_TYPE = 'application/problem+json'

/**
 * Maven and Gradle show what stands behind the status, and no body; Maven 4, over HTTP/2 too, the problem's detail. Some
 * builds of Maven 3.9 fail on such a body, and do not ask for it. A 404 is kept by Maven until somebody asks for updates:
 * nothing temporary is one.
 */
export function renderError(error: RegistryError, call: Call): Reply {
  const status = errorStatuses[error.kind]
  const { message: reason } = error
  const headers = { 'Cache-Control': 'no-store', ...retryAfter(error) }
  if (weights(call.header('accept') ?? '').has(PROBLEM_TYPE)) {
    const body = JSON.stringify({ type: 'about:blank', title: reason, status, detail: reason })
    return { status, reason, headers: { ...headers, 'Content-Type': PROBLEM_TYPE }, body }
  }
  return { status, reason, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body: `${reason}\n` }
}
