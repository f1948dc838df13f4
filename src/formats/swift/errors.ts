import { STATUS_CODES } from 'node:http'
import { HttpError, type Reply } from '../../http/call.ts'
import type { RegistryError } from '../../registry/errors.ts'
import { errorStatuses, retryAfter } from '../error-statuses.ts'
import { CONTENT_VERSION } from './replies.ts'

/**
 * Clients print `detail`, and only where the type and the version of the answer are these. Source: Swift Package Registry
 * Service Specification, 3.3, and SwiftPM's RegistryClient.
 */
export function renderError(error: RegistryError): Reply {
  const { kind, details } = error
  const status = details.cause instanceof HttpError ? details.cause.status : errorStatuses[kind]
  const detail = details.explanation === undefined ? error.message : `${error.message} ${details.explanation}`
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...CONTENT_VERSION,
      ...retryAfter(error),
    },
    body: JSON.stringify({ status, title: STATUS_CODES[status] ?? '', detail }),
  }
}

/** Never Basic: SwiftPM on Linux waits without end for an answer to that. */
export function challenge(realm: string): string {
  return `Bearer realm="${realm}"`
}
