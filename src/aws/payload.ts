import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { incomplete } from './authentication-error.ts'
import { splitPair } from './canonical-request.ts'
import { headerValues, type RawRequest } from './raw-request.ts'

/** The bytes are not those whose hash was signed. */
export class PayloadMismatchError extends Error {
  constructor(claimed: string, received: string) {
    super(`x-amz-content-sha256 '${claimed}' does not match the SHA-256 of the body received, '${received}'`)
    this.name = 'PayloadMismatchError'
  }
}

/**
 * The hash that the client put under its signature, lower-case hex; undefined when it sent none and the body itself is
 * to be hashed. Such a claim must be checked against the bytes, or the signature protects nothing.
 * Throws `AuthenticationError` 'incomplete' for unsigned and for chunk-signed payloads, which are S3's.
 */
export function claimedSha256(request: RawRequest): string | undefined {
  const claims = headerValues(request.rawHeaders, 'x-amz-content-sha256')
  const claim = claims.length > 0 ? claims.join(',').trim() : claimInQuery(request.query)
  if (headerValues(request.rawHeaders, 'content-encoding').some((value) => /aws-chunked/i.test(value))) {
    throw incomplete("Content-Encoding 'aws-chunked' is not accepted.")
  }
  if (claim === undefined || /^[0-9a-f]{64}$/.test(claim)) return claim
  throw incomplete(
    `x-amz-content-sha256 '${claim.slice(0, 80)}' must be the SHA-256 of the body, 64 lower-case hex digits.`,
  )
}

function claimInQuery(query: string): string | undefined {
  return query
    .split('&')
    .map(splitPair)
    .find(([name]) => name === 'X-Amz-Content-Sha256')?.[1]
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The same bytes, failing at their end with `PayloadMismatchError` when their hash is not `claimed`. */
export function checkedPayload(body: Readable, claimed: string): Readable {
  return Readable.from(checkBytes(body, claimed), { objectMode: false })
}

async function* checkBytes(body: Readable, claimed: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk)
    yield chunk
  }
  const received = hash.digest('hex')
  if (received !== claimed) throw new PayloadMismatchError(claimed, received)
}
