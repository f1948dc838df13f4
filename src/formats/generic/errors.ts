import type { Reply } from '../../http/call.ts'
import type { RegistryError } from '../../registry/errors.ts'
import { errorStatuses, retryAfter } from '../error-statuses.ts'

/** One line of JSON, so that `curl --fail-with-body` shows a sentence. */
export function renderError(error: RegistryError): Reply {
  return {
    status: errorStatuses[error.kind],
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...retryAfter(error),
    },
    body: `${JSON.stringify({ message: error.message })}\n`,
  }
}
