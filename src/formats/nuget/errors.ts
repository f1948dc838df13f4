import type { Reply } from '../../http/call.ts'
import type { RegistryError } from '../../registry/errors.ts'
import { errorStatuses, retryAfter } from '../error-statuses.ts'

/**
 * The client prints the status line and no body; people with curl see the body. So the sentence stands in both. Source:
 * what the NuGet client does with each status; it repeats a request on 408, 429 and 5xx.
 */
export function renderError(error: RegistryError): Reply {
  return {
    status: errorStatuses[error.kind],
    reason: error.message,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: `${error.message}\n`,
  }
}
