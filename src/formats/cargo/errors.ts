import type { Reply } from '../../http/call.ts'
import type { RegistryError, RegistryErrorKind } from '../../registry/errors.ts'

/** How long a client should wait before it asks again when nothing else is known. Unit: s. Ours. */
const RETRY_AFTER_SECONDS = 10

/** Source: what Cargo does with each status. Absent is always 404: clients differ on 410 and 451. */
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

/** Cargo prints every `detail`; of any other body it dumps the headers. Source: The Cargo Book, "Web API". */
export function renderError(error: RegistryError): Reply {
  return {
    status: statusOf(error),
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...retryAfter(error) },
    body: JSON.stringify({ errors: [{ detail: detailOf(error) }] }),
  }
}

/** Why something is hidden, where its absence is not all there is to say. */
function detailOf({ message, details }: RegistryError): string {
  return details.explanation === undefined ? message : `${message} ${details.explanation}`
}

/** An upstream that answered badly is 502; one of which is known when to ask again is 503. */
function statusOf({ kind, details }: RegistryError): number {
  return kind === 'unavailable' && details.retryAfterSeconds === undefined ? 502 : statuses[kind]
}

/** Source: The Cargo Book, "Registry Authentication": who has no token is told where to get one. */
export function challenge(realm: string, origin: string): string {
  return `Cargo login_url="${origin}/console/", Basic realm="${realm}"`
}

function retryAfter(error: RegistryError): Record<string, number> {
  const isTemporary = error.kind === 'throttled' || statusOf(error) === 503
  return isTemporary ? { 'Retry-After': error.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS } : {}
}
