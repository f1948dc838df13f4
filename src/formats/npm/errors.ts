import { HttpError, type Reply } from '../../http/call.ts'
import type { RegistryError, RegistryErrorKind } from '../../registry/errors.ts'

/** How long a client should wait before it asks again when nothing else is known. Unit: s. Ours. */
const RETRY_AFTER_SECONDS = 10

/** Source: what npm, pnpm and Yarn do with each status; npm repeats a request on 429 and 5xx only. */
const table = {
  missing: [404, 'not_found'],
  conflict: [409, 'conflict'],
  denied: [403, 'forbidden'],
  invalid: [400, 'bad_request'],
  quota: [413, 'too_large'],
  throttled: [429, 'too_many_requests'],
  unavailable: [503, 'unavailable'],
  unsupported: [405, 'method_not_allowed'],
} as const satisfies Record<RegistryErrorKind, readonly [number, string]>

/** What helps where nobody is logged in: both Yarns keep a token to themselves unless told otherwise. */
const LOGIN_HINT =
  'log in with: aws codeartifact login --tool npm --domain <domain> --repository <repository> ' +
  '(Yarn: set npmAlwaysAuth: true, or always-auth=true in Yarn 1)'

/** npm, Yarn 1, pnpm and Bun print `error`; some of them `message`; Yarn 4 none of it. */
export function renderError(error: RegistryError): Reply {
  const [status, reason] = table[error.kind]
  const message = isLoginMissing(error) ? `${error.message}; ${LOGIN_HINT}` : error.message
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: JSON.stringify({ error: message, message, reason }),
  }
}

function isLoginMissing({ details }: RegistryError): boolean {
  return details.cause instanceof HttpError && details.cause.status === 401
}

function retryAfter(error: RegistryError): Record<string, number> {
  const isTemporary = error.kind === 'throttled' || error.kind === 'unavailable'
  return isTemporary ? { 'Retry-After': error.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS } : {}
}
