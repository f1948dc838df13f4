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

/** Who calls a package endpoint, in each of the ways in which package managers show a token. */
export function createPackageAuthentication(tokens: Tokens, rateLimit: RateLimit = () => {}): PackageAuthentication {
  const admit = (principal: Principal, call: AuthenticatedCall) => {
    rateLimit(principal)
    return callerOf(principal, call)
  }
  return {
    authenticate(call, domain) {
      const principal = tokens.verify(presentedToken(call.header('authorization')), domain)
      return principal instanceof Promise ? principal.then((found) => admit(found, call)) : admit(principal, call)
    },
  }
}

/**
 * `Bearer` (npm, Gradle, gem push, Swift), the password of `Basic` under any user name (pip, Maven, NuGet, Bundler), or
 * the token alone (Cargo).
 */
function presentedToken(header: string | undefined): string {
  const [, scheme = '', rest = ''] = /^(?:(bearer|basic)(?:\s+|$))?(.*)$/is.exec(header?.trim() ?? '') ?? []
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
