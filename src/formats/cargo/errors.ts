import type { Reply } from '../../http/call.ts'
import type { RegistryError } from '../../registry/errors.ts'
import { errorStatuses, retryAfter } from '../error-statuses.ts'

/** Cargo prints every `detail`; of any other body it dumps the headers. Source: The Cargo Book, "Web API". */
export function renderError(error: RegistryError): Reply {
  const status = statusOf(error)
  return {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...(status !== 502 && retryAfter(error)),
    },
    body: JSON.stringify({ errors: [{ detail: detailOf(error) }] }),
  }
}

/** Why something is hidden, where its absence is not all there is to say. */
function detailOf({ message, details }: RegistryError): string {
  return details.explanation === undefined ? message : `${message} ${details.explanation}`
}

/**
 * Absent is always 404: clients differ on 410 and 451. An upstream that answered badly is 502; one of which is known when
 * to ask again is 503.
 */
function statusOf({ kind, details }: RegistryError): number {
  return kind === 'unavailable' && details.retryAfterSeconds === undefined ? 502 : errorStatuses[kind]
}

/** Source: The Cargo Book, "Registry Authentication": who has no token is told where to get one. */
export function challenge(realm: string, origin: string): string {
  return `Cargo login_url="${origin}/console/", Basic realm="${realm}"`
}
