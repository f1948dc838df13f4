import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { incomplete, mismatch, wrongSignature } from './authentication-error.ts'
import { canonicalRequest } from './canonical-request.ts'
import { headerValues, type RawRequest } from './raw-request.ts'
import { ALGORITHM, type Scope, type Signature } from './signature.ts'
import { checkSigningTime } from './signing-time.ts'

/** Signing keys kept; a client uses one a day for each region and service. Ours. */
const SIGNING_KEYS_MAX = 1000

/**
 * Headers that change what a request means: unsigned, somebody on the way could have added them. All other `x-amz-*` may
 * be unsigned, as botocore adds some after it has signed.
 */
const MUST_BE_SIGNED = ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256', 'x-amz-target']

/** Everything that can be told without the secret and the body. Throws `AuthenticationError`. `now`: ms since 1970. */
export function checkSignature(request: RawRequest, signature: Signature, service: string, now: number): void {
  if (signature.scope.service !== service) {
    throw mismatch(`Credential should be scoped to correct service: '${service}'.`)
  }
  if (signature.scope.date !== signature.time.text.slice(0, 8)) {
    throw mismatch('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP')
  }
  checkSignedHeaders(request, signature.signedHeaders.toLowerCase().split(';'))
  checkSigningTime(signature.time, now, signature.expiresSeconds)
}

function checkSignedHeaders(request: RawRequest, signed: readonly string[]): void {
  if (headerValues(request.rawHeaders, 'host').length > 1) throw incomplete("The header 'host' stands more than once.")
  const has = (name: string) => headerValues(request.rawHeaders, name).length > 0
  const unsigned = ['host', ...MUST_BE_SIGNED.filter(has)].find((name) => !signed.includes(name))
  if (unsigned !== undefined) throw mismatch(`'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`)
  const absent = signed.find((name) => !has(name))
  if (absent !== undefined) throw mismatch(`The signed header '${absent}' is not in the request as it arrived here.`)
}

/** Derives signing keys, and keeps the latest ones. */
export interface SigningKeys {
  derive(accessKeyId: string, secret: string, scope: Scope): Buffer
}

export function createSigningKeys(): SigningKeys {
  const kept = new LRUCache<string, { secret: string; key: Buffer }>({ max: SIGNING_KEYS_MAX })
  return {
    derive(accessKeyId, secret, scope) {
      const id = `${accessKeyId}/${scope.date}/${scope.region}/${scope.service}`
      const known = kept.get(id)
      if (known?.secret === secret) return known.key
      const key = deriveSigningKey(secret, scope)
      kept.set(id, { secret, key })
      return key
    },
  }
}

function deriveSigningKey(secret: string, scope: Scope): Buffer {
  const start: Buffer = Buffer.from(`AWS4${secret}`)
  return [scope.date, scope.region, scope.service, 'aws4_request'].reduce(hmac, start)
}

/** Throws `AuthenticationError` 'mismatch' unless the holder of `signingKey` signed this request with this payload. */
export function verifySignature(
  request: RawRequest,
  signature: Signature,
  signingKey: Buffer,
  payloadSha256: string,
): void {
  const { date, region, service } = signature.scope
  const text = canonicalRequest(request, signature, payloadSha256)
  // Header bytes above 127 arrive as latin1, and are hashed as the bytes that they were.
  const digest = createHash('sha256').update(text, 'latin1').digest('hex')
  const stringToSign = `${ALGORITHM}\n${signature.time.text}\n${date}/${region}/${service}/aws4_request\n${digest}`
  const given = /^[0-9a-f]{64}$/i.test(signature.digest) ? Buffer.from(signature.digest, 'hex') : Buffer.alloc(0)
  const expected = hmac(signingKey, stringToSign)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw wrongSignature()
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
