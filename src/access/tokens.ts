import { createSecretKey, type KeyObject } from 'node:crypto'
import { compactVerify } from 'jose/jws/compact/verify'
import { CompactSign } from 'jose/jws/compact/sign'
import { LRUCache } from 'lru-cache'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { identityScope } from '../storage/metadata/scopes.ts'
import { createEpochCache } from './epoch-cache.ts'
import { type Identity, principalOf } from './identity.ts'
import type { Principal } from './principal.ts'
import type { Sessions } from './sessions.ts'
import { UnauthenticatedError } from './unauthenticated-error.ts'

/** `aws codeartifact login` puts tokens on command lines and into URLs. Unit: characters. */
const TOKEN_CHARACTERS_MAX = 2048
/** Verified tokens remembered; about 1 KB each. Ours. */
const VERIFIED_MAX = 5_000
/** The derived key's purpose; another kind of token gets another. */
const KEY_PURPOSE = 'package token'

/** A token opens the repositories of one domain. */
export interface TokenDomain {
  readonly domain: string
  /** 12 digits. */
  readonly owner: string
}

export interface IssuedToken {
  readonly token: string
  /** ms since 1970. */
  readonly expiresAt: number
}

/** The tokens that package managers show. Signed and self-contained; only that they exist is stored, for lists. */
export interface Tokens {
  issue(principal: Principal, domain: TokenDomain, durationSeconds: number): Promise<IssuedToken>
  /** At once when the token was seen before. Throws `UnauthenticatedError`, also when the user has gone since. */
  verify(token: string, domain: TokenDomain): Principal | Promise<Principal>
}

export interface TokenParts {
  readonly metadata: Metadata
  readonly identity: Pick<Identity, 'findUser'>
  readonly sessions: Pick<Sessions, 'find'>
  readonly keyring: { derive(purpose: string): Buffer }
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomId: () => string
}

/** As in JWT, so that people can look inside; times in seconds with ms as a fraction. */
interface Claims extends TokenDomain {
  /** The user's id. */
  readonly sub: string
  readonly accessKeyId: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
}

export function createTokens(parts: TokenParts): Tokens {
  const key = createSecretKey(parts.keyring.derive(KEY_PURPOSE))
  const verified = new LRUCache<string, Claims>({ max: VERIFIED_MAX })
  const states = createEpochCache<TokenState>(parts.metadata.epochs, identityScope, VERIFIED_MAX)
  const admit = (claims: Claims, domain: TokenDomain) => {
    checkClaims(parts, claims, domain)
    const state = states.find(claims.jti, () => readState(parts, claims))
    return state instanceof Promise ? state.then(present) : present(state)
  }
  return {
    issue: (principal, domain, durationSeconds) => issueToken(parts, key, principal, domain, durationSeconds),
    verify(token, domain) {
      const known = verified.get(token)
      if (known) return admit(known, domain)
      checkForm(token)
      return readClaims(key, token).then((claims) => {
        verified.set(token, claims)
        return admit(claims, domain)
      })
    },
  }
}

async function issueToken(
  parts: TokenParts,
  key: KeyObject,
  principal: Principal,
  domain: TokenDomain,
  durationSeconds: number,
): Promise<IssuedToken> {
  const now = parts.clock()
  const expiresAt = now + durationSeconds * 1000
  const claims: Claims = {
    sub: principal.principalId,
    domain: domain.domain,
    owner: domain.owner,
    accessKeyId: principal.accessKeyId,
    iat: now / 1000,
    exp: expiresAt / 1000,
    jti: parts.randomId(),
  }
  await recordToken(parts, principal, claims, { issuedAt: now, expiresAt })
  const signing = new CompactSign(Buffer.from(JSON.stringify(claims)))
  const token = await signing.setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(key)
  return { token, expiresAt }
}

/** The token itself is not stored; its row lets people see that it is there, and take it back. */
async function recordToken(
  { metadata }: TokenParts,
  principal: Principal,
  claims: Claims,
  { issuedAt, expiresAt }: { readonly issuedAt: number; readonly expiresAt: number },
): Promise<void> {
  await metadata.write(async ({ tx }) => {
    await tx
      .insertInto('tokens')
      .values({
        token_id: claims.jti,
        owner: claims.owner,
        domain: claims.domain,
        account_id: principal.accountId,
        principal_id: principal.principalId,
        principal_arn: principal.arn,
        access_key_id: principal.accessKeyId,
        issued_at: issuedAt,
        expires_at: expiresAt,
      })
      .execute()
    await tx.deleteFrom('tokens').where('expires_at', '<', issuedAt).execute()
  })
}

function checkForm(token: string): void {
  if (token.length <= TOKEN_CHARACTERS_MAX && /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return
  throw new UnauthenticatedError('malformed', 'what was sent is not a token of this server; log in again')
}

async function readClaims(key: KeyObject, token: string): Promise<Claims> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: ['HS256'] })
    // Ours, as the signature says.
    return JSON.parse(Buffer.from(payload).toString()) as Claims
  } catch {
    // The cause is left out: it may quote the token.
    throw wrong()
  }
}

function checkClaims(parts: TokenParts, claims: Claims, domain: TokenDomain): void {
  const expiresAt = Math.round(claims.exp * 1000)
  if (parts.clock() >= expiresAt) {
    const time = new Date(expiresAt).toISOString()
    throw new UnauthenticatedError('expired', `token expired at ${time}; log in again`)
  }
  if (claims.domain !== domain.domain || claims.owner !== domain.owner) {
    const wanted = `'${domain.domain}' of account ${domain.owner}`
    throw new UnauthenticatedError('other-domain', `the token is for another domain; log in to domain ${wanted}`)
  }
}

/** What may change while a token lives. */
interface TokenState {
  /** Undefined: revoked, or whoever it was made for is gone. */
  readonly principal: Principal | undefined
}

async function readState(parts: TokenParts, claims: Claims): Promise<TokenState> {
  const row = await parts.metadata.db
    .selectFrom('tokens')
    .select('revoked_at')
    .where('token_id', '=', claims.jti)
    .executeTakeFirst()
  const isRevoked = row !== undefined && row.revoked_at !== null
  return { principal: isRevoked ? undefined : await readPrincipal(parts, claims) }
}

/** The session's, where temporary credentials made it: a token outlives them, but not what they may do. */
async function readPrincipal(parts: TokenParts, { sub, accessKeyId }: Claims): Promise<Principal | undefined> {
  if (accessKeyId.startsWith('ASIA')) return (await parts.sessions.find(accessKeyId))?.principal
  const user = await parts.identity.findUser(sub)
  return user && principalOf(user, accessKeyId)
}

function present({ principal }: Partial<TokenState> = {}): Principal {
  if (principal) return principal
  throw wrong()
}

function wrong(): UnauthenticatedError {
  return new UnauthenticatedError(
    'wrong',
    'the token is not valid here, was revoked, or its user is gone; log in again',
  )
}
