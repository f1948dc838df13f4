import type { Reply } from '../../http/call.ts'
import type { RegistryError, RegistryErrorKind } from '../../registry/errors.ts'
import { errorStatuses, isLoginMissing, retryAfter } from '../error-statuses.ts'

/** `reason`: one word for programs. */
const reasons = {
  missing: 'not_found',
  conflict: 'conflict',
  denied: 'forbidden',
  invalid: 'bad_request',
  quota: 'too_large',
  throttled: 'too_many_requests',
  unavailable: 'unavailable',
  unsupported: 'method_not_allowed',
} as const satisfies Record<RegistryErrorKind, string>

/** What helps where nobody is logged in: both Yarns keep a token to themselves unless told otherwise. */
const LOGIN_HINT =
  'log in with: aws codeartifact login --tool npm --domain <domain> --repository <repository> ' +
  '(Yarn: set npmAlwaysAuth: true, or always-auth=true in Yarn 1)'

/**
 * npm, Yarn 1, pnpm and Bun print `error`; some of them `message`; Yarn 4 none of it. npm repeats a request on 429 and
 * 5xx only.
 */
export function renderError(error: RegistryError): Reply {
  const message = isLoginMissing(error) ? `${error.message}; ${LOGIN_HINT}` : error.message
  return {
    status: errorStatuses[error.kind],
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: JSON.stringify({ error: message, message, reason: reasons[error.kind] }),
  }
}
