import type { Reply } from '../../http/call.ts'
import type { RegistryError, RegistryErrorKind } from '../../registry/errors.ts'

/** How long a client should wait before it asks again when nothing else is known. Unit: s. Ours. */
const RETRY_AFTER_SECONDS = 10

/** Source: what the NuGet client does with each status; it repeats a request on 408, 429 and 5xx. */
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

/** The client prints the status line and no body; people with curl see the body. So the sentence stands in both. */
export function renderError(error: RegistryError): Reply {
  return {
    status: statuses[error.kind],
    reason: error.message,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: `${error.message}\n`,
  }
}

function retryAfter(error: RegistryError): Record<string, number> {
  const isTemporary = error.kind === 'throttled' || error.kind === 'unavailable'
  return isTemporary ? { 'Retry-After': error.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS } : {}
}
