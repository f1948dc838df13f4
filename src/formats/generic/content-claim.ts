import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Call } from '../../http/call.ts'
import { invalid, refused } from '../../registry/errors.ts'

/**
 * The SHA-256 that the client says its body has, in lower-case hex: by the header of the AWS clients, or by the standard
 * one. Undefined when it says nothing. Throws `invalid`. Source: RFC 9530, "Content-Digest".
 */
export function claimOf(call: Pick<Call, 'header'>): string | undefined {
  const hex = call.header('x-amz-content-sha256')
  if (hex !== undefined && !/^[0-9a-f]{64}$/.test(hex)) {
    throw invalid('x-amz-content-sha256', hex, 'must be a SHA-256, 64 lower-case hex digits')
  }
  const digest = call.header('content-digest') ?? call.header('repr-digest')
  if (hex !== undefined || digest === undefined) return hex
  const [, base64] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(digest) ?? []
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex')
}

/** The same bytes; fails at their end when they do not hash to `claim`. */
export function checkedContent(body: Readable, claim: string | undefined): Readable {
  return claim === undefined ? body : Readable.from(check(body, claim), { objectMode: false })
}

async function* check(body: Readable, claim: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk)
    yield chunk
  }
  const received = hash.digest('hex')
  if (received !== claim) throw refused(`the body's SHA-256 is '${received}', not '${claim}' as announced`)
}
