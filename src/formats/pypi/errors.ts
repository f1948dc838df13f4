import type { Reply } from '../../http/call.ts'
import type { RegistryError } from '../../registry/errors.ts'
import { errorStatuses, retryAfter } from '../error-statuses.ts'

/**
 * pip, twine and PDM print the status line only; Poetry and uv the body. So the sentence stands in both. pip repeats a
 * request on 500, 502 and 503.
 */
export function renderError(error: RegistryError): Reply {
  return {
    status: errorStatuses[error.kind],
    reason: error.message,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: `${error.message}\n`,
  }
}
