import { decodeJwt } from 'jose/jwt/decode'
import { createLocalJWKSet } from 'jose/jwks/local'
import { jwtVerify } from 'jose/jwt/verify'
import { JOSEError, JWKSNoMatchingKey, JWTClaimValidationFailed, JWTExpired } from 'jose/errors'
import { LRUCache } from 'lru-cache'
import type { UpstreamSource } from '../http/upstream/upstream-source.ts'
import { IamError } from './iam/iam-error.ts'
import type { IamParts } from './iam/parts.ts'
import { type Provider, providerArn, requireProvider } from './iam/providers.ts'
import { discover, isIssuer, readIssuerJson, silent } from './issuer-documents.ts'
import { StsError } from './sts-error.ts'

/** How long an issuer's keys are believed without asking again. Unit: ms. Ours. */
const KEYS_TTL_MS = 600_000
/** How soon an issuer is asked again for a key that it did not have. Unit: ms. Ours. */
const RETRY_MS = 10_000
/** Issuers remembered. Ours. */
const ISSUERS_MAX = 100
/** Source: STS API Reference, "AssumeRoleWithWebIdentity". Unit: characters. */
const TOKEN_CHARACTERS_MAX = 20_000
/** Clocks differ. Unit: seconds. Ours. */
const CLOCK_TOLERANCE_SECONDS = 30

/** Only signatures that the issuer alone can make: never `none`, never a shared secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** What a foreign token has proved. */
export interface WebIdentity {
  readonly provider: Provider
  readonly subject: string
  readonly audience: string
  /** For trust policies: `{issuer}:sub` and the like, in lower case. */
  readonly keys: Readonly<Record<string, string | readonly string[]>>
}

export interface WebIdentityParts {
  readonly iam: IamParts
  /** Asks issuers; guarded, as any account may name any address. */
  readonly source: Pick<UpstreamSource, 'request'>
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

export interface WebIdentities {
  /** Believes what the account believes: its providers, their audiences. Throws `StsError`. */
  verify(token: string, account: string): Promise<WebIdentity>
}

type KeySet = ReturnType<typeof createLocalJWKSet>

interface KnownKeys {
  readonly keys: KeySet
  readonly readAt: number
}

export function createWebIdentities(parts: WebIdentityParts): WebIdentities {
  const known = new LRUCache<string, Promise<KnownKeys>>({ max: ISSUERS_MAX })
  const keysOf = async (issuer: string, maxAgeMs: number) => {
    const standing = await known.get(issuer)?.catch(() => undefined)
    if (standing && parts.clock() - standing.readAt < maxAgeMs) return standing.keys
    const reading = readKeys(parts, issuer)
    known.set(issuer, reading)
    reading.catch(() => known.delete(issuer))
    return (await reading).keys
  }
  return {
    async verify(token, account) {
      const issuer = issuerOf(token)
      const provider = await findProvider(parts, account, issuer)
      const check = async (keys: KeySet) => checkToken(parts, token, { keys, issuer, provider })
      try {
        return await check(await keysOf(issuer, KEYS_TTL_MS))
      } catch (error) {
        // The issuer may have got a new key since we asked.
        if (error instanceof JWKSNoMatchingKey) return check(await keysOf(issuer, RETRY_MS)).catch(explain)
        return explain(error)
      }
    },
  }
}

function issuerOf(token: string): string {
  if (token.length > TOKEN_CHARACTERS_MAX) throw new StsError('invalid-token', 'The web identity token is too long.')
  try {
    const { iss } = decodeJwt(token)
    if (typeof iss === 'string' && isIssuer(iss)) return iss
  } catch {
    // Said below; the cause could quote the token.
  }
  throw new StsError('invalid-token', 'The web identity token is no JWT that names its issuer.')
}

async function findProvider({ iam }: WebIdentityParts, account: string, issuer: string): Promise<Provider> {
  const url = issuer.replace(/^https?:\/\//, '').replace(/\/$/, '')
  try {
    return await requireProvider(iam, providerArn(iam, account, url))
  } catch (cause) {
    if (!(cause instanceof IamError)) throw cause
    throw new StsError('invalid-token', `No OpenIDConnect provider found in your account for ${issuer}`, cause)
  }
}

interface Check {
  readonly keys: KeySet
  readonly issuer: string
  readonly provider: Provider
}

/** Throws errors of the JWT library, and `StsError`. */
async function checkToken(
  { clock }: WebIdentityParts,
  token: string,
  { keys, issuer, provider }: Check,
): Promise<WebIdentity> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ALGORITHMS,
    issuer,
    audience: [...provider.clientIds],
    requiredClaims: ['sub', 'exp', 'aud'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(clock()),
  })
  const audiences = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? [])
  const audience = audiences.find((one) => provider.clientIds.includes(one)) ?? ''
  const subject = payload.sub ?? ''
  return { provider, subject, audience, keys: keysOfClaims(provider, payload) }
}

/** Every claim that is text or a list of texts. Source: IAM User Guide, "Available keys for AWS OIDC federation". */
function keysOfClaims({ url }: Provider, claims: object): WebIdentity['keys'] {
  const isText = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  const pairs = Object.entries(claims).flatMap(
    ([name, value]: [string, unknown]): (readonly [string, string | readonly string[]])[] => {
      const key = `${url}:${name}`.toLowerCase()
      if (isText(value)) return [[key, String(value)] as const]
      return Array.isArray(value) && value.every(isText) ? [[key, value.map(String)] as const] : []
    },
  )
  return Object.fromEntries(pairs)
}

/** The library's messages name claims, never their values. */
function explain(error: unknown): never {
  if (error instanceof JWTExpired) {
    throw new StsError('token-expired', 'Token expired: the web identity token is no longer valid', error)
  }
  if (error instanceof JWTClaimValidationFailed && error.claim === 'aud') {
    throw new StsError('invalid-token', 'Incorrect token audience', error)
  }
  if (error instanceof JOSEError) {
    throw new StsError('invalid-token', `Couldn't verify the web identity token: ${error.message}`, error)
  }
  throw error
}

async function readKeys({ source, clock }: WebIdentityParts, issuer: string): Promise<KnownKeys> {
  const address = (await discover(source, issuer))['jwks_uri']
  if (typeof address !== 'string' || !isIssuer(address)) throw silent(issuer, 'its discovery document has no jwks_uri')
  const document = await readIssuerJson(source, { url: address, headers: { accept: 'application/json' } })
  try {
    const keys = createLocalJWKSet(document as unknown as Parameters<typeof createLocalJWKSet>[0])
    return { keys, readAt: clock() }
  } catch (cause) {
    throw silent(issuer, 'its keys cannot be read', cause)
  }
}
