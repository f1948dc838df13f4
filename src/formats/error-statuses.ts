import { HttpError } from '../http/call.ts'
import type { RegistryError, RegistryErrorKind } from '../registry/errors.ts'

/** How long a client should wait before it asks again when nothing else is known. Unit: s. Ours. */
const RETRY_AFTER_SECONDS = 10

/** What most clients understand of each failure. A format whose clients take one for something else says so itself. */
export const errorStatuses = {
  missing: 404,
  conflict: 409,
  denied: 403,
  invalid: 400,
  quota: 413,
  throttled: 429,
  unavailable: 503,
  unsupported: 405,
} as const satisfies Record<RegistryErrorKind, number>

/** The header that says when to ask again, for what may be better then. */
export function retryAfter({ kind, details }: RegistryError): Record<string, number> {
  const isTemporary = kind === 'throttled' || kind === 'unavailable'
  return isTemporary ? { 'Retry-After': details.retryAfterSeconds ?? RETRY_AFTER_SECONDS } : {}
}

/** Nobody is logged in, or no longer. */
export function isLoginMissing({ details }: RegistryError): boolean {
  return details.cause instanceof HttpError && details.cause.status === 401
}
