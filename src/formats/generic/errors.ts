import type { Reply } from '../../http/call.ts'
import type { RegistryError, RegistryErrorKind } from '../../registry/errors.ts'

/** How long a client should wait before it asks again when nothing else is known. Unit: s. Ours. */
const RETRY_AFTER_SECONDS = 10

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

/** One line of JSON, so that `curl --fail-with-body` shows a sentence. */
export function renderError({ kind, message, details }: RegistryError): Reply {
  const isTemporary = kind === 'throttled' || kind === 'unavailable'
  return {
    status: statuses[kind],
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...(isTemporary && { 'Retry-After': details.retryAfterSeconds ?? RETRY_AFTER_SECONDS }),
    },
    body: `${JSON.stringify({ message })}\n`,
  }
}
