import { LRUCache } from 'lru-cache'
import type { Call } from '../http/call.ts'
import { type Caller, callerOf, type Principal } from './principal.ts'
import type { RateLimit } from './rate-limit.ts'
import type { TokenDomain, Tokens } from './tokens.ts'
import { UnauthenticatedError } from './unauthenticated-error.ts'

/** What of a call says who is calling. */
export type AuthenticatedCall = Pick<Call, 'id' | 'remoteAddress' | 'header' | 'origin'>

export interface PackageAuthentication {
  /** At once when the token was seen before. Throws `UnauthenticatedError`, and `RateLimitError` for a busy token. */
  authenticate(call: AuthenticatedCall, domain: TokenDomain): Caller | Promise<Caller>
}

/** Headers whose token is known, so that a warm request takes nothing apart; some 1 KB each. Ours. */
const REMEMBERED_MAX = 2_000

/** Who calls a package endpoint, in each of the ways in which package managers show a token. */
export function createPackageAuthentication(tokens: Tokens, rateLimit: RateLimit = () => {}): PackageAuthentication {
  const admit = (principal: Principal, call: AuthenticatedCall) => {
    rateLimit(principal)
    return callerOf(principal, call)
  }
  const remembered = new LRUCache<string, string>({ max: REMEMBERED_MAX })
  return {
    authenticate(call, domain) {
      const header = call.header('authorization') ?? ''
      const known = remembered.get(header)
      const token = known ?? presentedToken(header)
      const principal = tokens.verify(token, domain)
      if (principal instanceof Promise) return principal.then((found) => admit(found, call))
      // It has been verified, so nobody fills the memory with what is no token.
      if (known === undefined) remembered.set(header, token)
      return admit(principal, call)
    },
  }
}

/**
 * `Bearer` (npm, Gradle, gem push, Swift), the password of `Basic` under any user name (pip, Maven, NuGet, Bundler), or
 * the token alone (Cargo).
 */
function presentedToken(header: string): string {
  const [, scheme = '', rest = ''] = /^(?:(bearer|basic)(?:\s+|$))?(.*)$/is.exec(header.trim()) ?? []
  const token = scheme.toLowerCase() === 'basic' ? passwordOf(rest) : rest.trim()
  if (token !== '') return token
  throw new UnauthenticatedError('missing', 'this repository needs a token; log in, as with aws codeartifact login')
}

function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString()
  const at = text.indexOf(':')
  if (at >= 0) return text.slice(at + 1).trim()
  throw new UnauthenticatedError(
    'malformed',
    "the Authorization header's Basic credentials are not user:token in Base64",
  )
}
