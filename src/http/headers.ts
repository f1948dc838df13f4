import type { IncomingMessage } from 'node:http'
import { HttpError } from './call.ts'

/**
 * Headers that decide who is calling and where: two of one could be read one way by a proxy and another way here.
 * Source: AWS Signature Version 4, where each of them enters the signature once.
 */
const singleHeaders: ReadonlySet<string> = new Set(['authorization', 'host', 'x-amz-date'])

/** Throws `HttpError` 400 on a request whose headers can be read in more than one way. */
export function refuseUnsound(request: IncomingMessage): void {
  const { rawHeaders } = request
  let seen = ''
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    // Only names of these lengths are worth a look: this runs on every request.
    if (name.length !== 4 && name.length !== 10 && name.length !== 13) continue
    const lower = name.toLowerCase()
    if (!singleHeaders.has(lower)) continue
    if (seen.includes(lower)) throw new HttpError(400, `header ${name} stands more than once`)
    seen += lower
  }
  if (!seen.includes('host') && request.httpVersion === '1.1') throw new HttpError(400, 'header Host is missing')
}
