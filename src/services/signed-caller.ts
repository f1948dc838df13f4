import type { ConsoleSessions } from '../access/console-sessions.ts'
import type { Identity } from '../access/identity.ts'
import type { KeyUses } from '../access/key-uses.ts'
import { type Caller, callerOf } from '../access/principal.ts'
import type { RateLimit } from '../access/rate-limit.ts'
import type { Sessions } from '../access/sessions.ts'
import { credentialsExpired, incomplete, unknownKey } from '../aws/authentication-error.ts'
import { claimedSha256, PayloadMismatchError, sha256Hex } from '../aws/payload.ts'
import type { RawRequest } from '../aws/raw-request.ts'
import { parseSignature, type Signature } from '../aws/signature.ts'
import { checkSignature, type SigningKeys, verifySignature } from '../aws/sigv4.ts'
import type { Call } from '../http/call.ts'
import { findConsoleCaller } from './console-caller.ts'

export interface SignatureParts {
  readonly identity: Pick<Identity, 'findAccessKey'>
  readonly sessions: Pick<Sessions, 'find'>
  readonly signingKeys: SigningKeys
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /**
   * Hosts, with their ports, under which clients reach us through proxies that put another `Host` into the request. From
   * the operator's configuration, never from a header: a signature must not be moved to another server.
   */
  readonly publicHosts: readonly string[]
  /** Asked once a signature is known to be right. */
  readonly rateLimit: RateLimit
  /** Of the console, for requests without a signature; undefined where there are none. */
  readonly consoleSessions?: Pick<ConsoleSessions, 'find'> | undefined
  /** Told of each signature that is right and by a long-term key. */
  readonly noteKeyUse: KeyUses['note']
}

/** A request whose signer is known by name; `verify` makes it certain. */
export interface SignedCaller {
  /** What the client says that its body hashes to; undefined when it left that to us. */
  readonly claimedSha256: string | undefined
  /**
   * Throws `AuthenticationError` unless the signature covers the request and this hash of its body, and `RateLimitError`
   * when its caller asks too often.
   */
  verify(payloadSha256: string): Caller
}

/**
 * Everything that can be known of the signer before the body is read: an unknown key must not make us read 10 MB.
 * `service`: the one that the credential must be scoped to. Throws `AuthenticationError`.
 */
export async function identifySigner(parts: SignatureParts, call: Call, service: string): Promise<SignedCaller> {
  return (await identifySession(parts, call, service)) ?? identifyKey(parts, call, service)
}

/** Who is signed in to the console, for a request that bears no signature. Undefined when nobody is. */
async function identifySession(
  { consoleSessions, rateLimit }: SignatureParts,
  call: Call,
  service: string,
): Promise<SignedCaller | undefined> {
  if (!consoleSessions || call.header('cookie') === undefined || isSigned(call)) return undefined
  // Operations of AWS's protocols may change something by GET.
  const guard = service === 'packyard' ? 'plain' : 'headed'
  const found = await findConsoleCaller(consoleSessions, call, guard)
  if (!found) return undefined
  const { principal } = found
  return {
    claimedSha256: undefined,
    verify() {
      call.log({ 'user.arn': principal.arn })
      rateLimit(principal)
      const caller: Caller = { ...callerOf(principal, call), via: 'console' }
      call.by = caller
      return caller
    },
  }
}

function isSigned(call: Call): boolean {
  return call.header('authorization') !== undefined || /(^|&)X-Amz-Algorithm(=|&|$)/.test(call.query)
}

async function identifyKey(parts: SignatureParts, call: Call, service: string): Promise<SignedCaller> {
  const signature = parseSignature(call)
  checkSignature(call, signature, service, parts.clock())
  checkForm(call, signature)
  const claimed = claimedSha256(call)
  const key = await findKey(parts, signature)
  return {
    claimedSha256: claimed,
    verify(payloadSha256) {
      const signingKey = parts.signingKeys.derive(signature.accessKeyId, key.secretAccessKey, signature.scope)
      verifyUnderSomeHost(parts.publicHosts, call, (request) =>
        verifySignature(request, signature, signingKey, payloadSha256),
      )
      call.log({ 'user.arn': key.principal.arn })
      parts.rateLimit(key.principal)
      if (signature.sessionToken === undefined) parts.noteKeyUse(signature.accessKeyId, signature.scope)
      const caller = callerOf(key.principal, call)
      call.by = caller
      return caller
    },
  }
}

/** Long-term keys have no session token and temporary ones do: else the request is not by the key's holder. */
async function findKey({ identity, sessions, clock }: SignatureParts, { accessKeyId, sessionToken }: Signature) {
  if (sessionToken === undefined) {
    const key = await identity.findAccessKey(accessKeyId)
    if (key) return key
    throw unknownKey()
  }
  const session = await sessions.find(accessKeyId)
  if (!session?.isToken(sessionToken)) throw unknownKey()
  if (clock() >= session.expiresAt) throw credentialsExpired()
  return session
}

/** As it arrived, or else as it was before a proxy changed its host. Throws what the first attempt threw. */
function verifyUnderSomeHost(publicHosts: readonly string[], call: Call, verify: (request: RawRequest) => void): void {
  try {
    verify(call)
  } catch (error) {
    if (!publicHosts.some((host) => isVerified(withHost(call, host), verify))) throw error
  }
}

function isVerified(request: RawRequest, verify: (request: RawRequest) => void): boolean {
  try {
    verify(request)
    return true
  } catch {
    return false
  }
}

function withHost({ method, path, query, rawHeaders }: Call, host: string): RawRequest {
  const isHost = (at: number) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host'
  return { method, path, query, rawHeaders: rawHeaders.map((text, at) => (isHost(at) ? host : text)) }
}

/** For a body that was read whole. Throws `PayloadMismatchError` too. */
export function verifyBody(signer: SignedCaller, body: Buffer): Caller {
  const received = sha256Hex(body)
  const caller = signer.verify(signer.claimedSha256 ?? received)
  if (signer.claimedSha256 === undefined || signer.claimedSha256 === received) return caller
  throw new PayloadMismatchError(signer.claimedSha256, received)
}

/** A link that changes something would be a trap; only STS is asked by presigned POST. */
function checkForm(call: Call, { form, scope }: Signature): void {
  if (form === 'header' || call.method === 'GET' || scope.service === 'sts') return
  throw incomplete('A presigned request of this service must be a GET.')
}
