import type { Reply } from '../../http/call.ts'
import type { RegistryError } from '../../registry/errors.ts'
import { errorStatuses, isLoginMissing, retryAfter } from '../error-statuses.ts'

/** rubygems.org answers 422 to a gem that is none. */
const statuses = { ...errorStatuses, invalid: 422 }

const LOGIN_HINT = 'set GEM_HOST_API_KEY="Bearer <token>", or put <url>: aws:<token> into the settings of Bundler'

/** gem prints the body as it is; Bundler and gem install print the status line only. */
export function renderError(error: RegistryError): Reply {
  const message = isLoginMissing(error) ? `${error.message}; ${LOGIN_HINT}` : error.message
  return {
    status: statuses[error.kind],
    reason: message,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: `${message}\n`,
  }
}
