import { peekService } from '../aws/signature.ts'
import type { Call } from '../http/call.ts'

/** The three ways in which AWS clients speak to services; each has its own shape for answers and failures. */
export type Protocol = 'rest-json' | 'query' | 'json-1.1'

/** Tells them apart by what every client of the protocol sends, before anything is decoded. */
export function protocolOf(call: Call): Protocol {
  if (call.header('x-amz-target') !== undefined) return 'json-1.1'
  if (isForm(call) || hasAction(call)) return 'query'
  return protocolOfScope(peekService(call))
}

/** For a signed request at an address of no service: the answer should at least be readable. */
function protocolOfScope(service: string | undefined): Protocol {
  if (service === 'sts' || service === 'iam') return 'query'
  if (service === 'events' || service === 'cloudtrail' || service === 'kms') return 'json-1.1'
  return 'rest-json'
}

/** Whether the request can be meant for an AWS service, signed or not. */
export function looksLikeAws(call: Call): boolean {
  return (
    (call.header('authorization') ?? '').startsWith('AWS') ||
    call.header('x-amz-target') !== undefined ||
    /(^|&)X-Amz-Algorithm=/.test(call.query) ||
    (isForm(call) && collapseSlashes(call.path) === '/') ||
    hasAction(call) ||
    collapseSlashes(call.path).startsWith('/v1/')
  )
}

/** Clients whose endpoint ends in a slash send `//v1/domain`. The signature is over what was sent. */
export function collapseSlashes(path: string): string {
  return path.replace(/\/{2,}/g, '/')
}

export function isForm(call: Call): boolean {
  return call.method === 'POST' && /^application\/x-www-form-urlencoded\b/i.test(call.header('content-type') ?? '')
}

function hasAction(call: Call): boolean {
  return /^(GET|POST)$/.test(call.method) && /(^|&)Action=/.test(call.query)
}
