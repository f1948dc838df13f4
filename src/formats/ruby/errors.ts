import type { Reply } from '../../http/call.ts'
import { HttpError } from '../../http/call.ts'
import type { RegistryError, RegistryErrorKind } from '../../registry/errors.ts'

/** How long a client should wait before it asks again when nothing else is known. Unit: s. Ours. */
const RETRY_AFTER_SECONDS = 10

/** Source: what gem and Bundler do with each status; rubygems.org answers 422 to a gem that is none. */
const statuses = {
  missing: 404,
  conflict: 409,
  denied: 403,
  invalid: 422,
  quota: 413,
  throttled: 429,
  unavailable: 503,
  unsupported: 405,
} as const satisfies Record<RegistryErrorKind, number>

const LOGIN_HINT = 'set GEM_HOST_API_KEY="Bearer <token>", or put <url>: aws:<token> into the settings of Bundler'

/** gem prints the body as it is; Bundler and gem install print the status only. */
export function renderError(error: RegistryError): Reply {
  const message = isLoginMissing(error) ? `${error.message}; ${LOGIN_HINT}` : error.message
  return {
    status: statuses[error.kind],
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: `${message}\n`,
  }
}

function isLoginMissing({ details }: RegistryError): boolean {
  return details.cause instanceof HttpError && details.cause.status === 401
}

function retryAfter(error: RegistryError): Record<string, number> {
  const isTemporary = error.kind === 'throttled' || error.kind === 'unavailable'
  return isTemporary ? { 'Retry-After': error.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS } : {}
}
