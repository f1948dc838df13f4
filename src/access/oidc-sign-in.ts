import { createHash } from 'node:crypto'
import { type AssumeParts, assumeRoleWithWebIdentity } from './assume-role.ts'
import { discover, isIssuer, readIssuerJson } from './issuer-documents.ts'
import { KeyringError, type Keyring, type RandomBytes } from './keyring.ts'
import type { Principal } from './principal.ts'
import type { Sessions } from './sessions.ts'
import { StsError } from './sts-error.ts'
import type { WebIdentities, WebIdentityParts } from './web-identity.ts'

/** An OpenID provider at which people sign in to the console, and the role that they have then. */
export interface OidcProvider {
  /** On the button. */
  readonly label: string
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client, which PKCE alone protects. */
  readonly clientSecret?: string | undefined
  readonly roleArn: string
  readonly scopes: readonly string[]
}

/** By the name that stands in addresses. */
export type OidcProviders = ReadonlyMap<string, OidcProvider>

export interface OidcSignInParts {
  readonly providers: OidcProviders
  readonly source: WebIdentityParts['source']
  readonly webIdentities: WebIdentities
  readonly assume: AssumeParts & { readonly sessions: Sessions }
  readonly keyring: Pick<Keyring, 'seal' | 'open'>
  readonly randomBytes: RandomBytes
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /** Longest session. Unit: seconds. */
  readonly sessionSeconds: number
}

export interface OidcSignIn {
  readonly providers: readonly { readonly name: string; readonly label: string }[]
  /** Where the browser goes, and what it has to bring back. Throws `StsError`. */
  begin(name: string, journey: Journey): Promise<{ readonly location: string; readonly sealed: string }>
  /** Throws `StsError`. */
  end(name: string, coming: Return): Promise<SignedIn>
}

interface Journey {
  readonly redirectUri: string
  readonly returnTo: string
}

interface Return {
  readonly redirectUri: string
  readonly answer: URLSearchParams
  /** What the browser was given. */
  readonly sealed: string
}

export interface SignedIn {
  readonly principal: Principal
  readonly accessKeyId: string
  /** Unit: ms since 1970. */
  readonly credentialsExpireAt: number
  readonly returnTo: string
}

interface Pending {
  readonly name: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly returnTo: string
  readonly until: number
}

/** Unit: bytes. Ours. */
const RANDOM_BYTES = 32
/** How long somebody may take at the provider. Unit: ms. Ours. */
const PENDING_MS = 600_000
const PURPOSE = 'sign-in under way'

/**
 * The authorization code flow with PKCE. What its end must find again travels sealed with the browser, so that any
 * process can end what another began. Source: OpenID Connect Core 1.0, section 3.1; RFC 7636.
 */
export function createOidcSignIn(parts: OidcSignInParts): OidcSignIn {
  return {
    providers: [...parts.providers].map(([name, { label }]) => ({ name, label })),
    begin: (name, journey) => begin(parts, name, journey),
    end: (name, coming) => end(parts, name, coming),
  }
}

async function begin(parts: OidcSignInParts, name: string, { redirectUri, returnTo }: Journey) {
  const provider = requireProvider(parts, name)
  const endpoint = await endpointOf(parts, provider, 'authorization_endpoint')
  const secret = () => parts.randomBytes(RANDOM_BYTES).toString('base64url')
  const pending: Pending = {
    name,
    state: secret(),
    nonce: secret(),
    verifier: secret(),
    returnTo,
    until: parts.clock() + PENDING_MS,
  }
  const query = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    scope: provider.scopes.join(' '),
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: createHash('sha256').update(pending.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [key, value] of Object.entries(query)) endpoint.searchParams.set(key, value)
  const sealed = parts.keyring.seal(Buffer.from(JSON.stringify(pending)), PURPOSE).toString('base64url')
  return { location: endpoint.href, sealed }
}

async function end(parts: OidcSignInParts, name: string, { redirectUri, answer, sealed }: Return): Promise<SignedIn> {
  const provider = requireProvider(parts, name)
  const pending = openPending(parts, name, sealed)
  if (answer.get('state') !== pending.state) throw refused('the answer is not to what this browser asked')
  const problem = answer.get('error')
  if (problem !== null) throw refused(`the provider says ${problem.slice(0, 100)}`)
  const token = await redeem(parts, provider, {
    code: answer.get('code') ?? '',
    redirectUri,
    verifier: pending.verifier,
  })
  const account = provider.roleArn.split(':', 5)[4] ?? ''
  const identity = await parts.webIdentities.verify(token, account)
  const nonceKey = `${identity.provider.url}:nonce`.toLowerCase()
  if (identity.keys[nonceKey] !== pending.nonce) throw refused('the token is not for this sign-in')
  if (identity.audience !== provider.clientId) throw refused('the token is for another client')
  const { session } = await assumeRoleWithWebIdentity(parts.assume, identity, {
    roleArn: provider.roleArn,
    sessionName: sessionNameOf(identity.subject),
    durationSeconds: { atMost: parts.sessionSeconds },
    facts: { tags: [], sourceIdentity: undefined },
  })
  const found = await parts.assume.sessions.find(session.accessKeyId)
  if (!found) throw refused('the role is gone')
  const { accessKeyId, expiresAt: credentialsExpireAt } = session
  return { principal: found.principal, accessKeyId, credentialsExpireAt, returnTo: pending.returnTo }
}

function openPending({ keyring, clock }: OidcSignInParts, name: string, sealed: string): Pending {
  try {
    const pending = JSON.parse(keyring.open(Buffer.from(sealed, 'base64url'), PURPOSE).toString()) as Pending
    if (pending.name === name && clock() < pending.until) return pending
  } catch (cause) {
    if (!(cause instanceof KeyringError)) throw cause
  }
  throw refused('it was not begun in this browser, or too long ago')
}

/** The code for a token. Source: OpenID Connect Core 1.0, section 3.1.3. */
async function redeem(
  parts: OidcSignInParts,
  provider: OidcProvider,
  { code, redirectUri, verifier }: { readonly code: string; readonly redirectUri: string; readonly verifier: string },
): Promise<string> {
  const endpoint = await endpointOf(parts, provider, 'token_endpoint')
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: provider.clientId,
    code_verifier: verifier,
  })
  const { clientId, clientSecret } = provider
  const basic = clientSecret === undefined ? undefined : [clientId, clientSecret].map(encodeURIComponent).join(':')
  const answer = await readIssuerJson(parts.source, {
    url: endpoint.href,
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(basic !== undefined && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    },
    body: Buffer.from(form.toString()),
  })
  const token = answer['id_token']
  if (typeof token === 'string') return token
  throw refused('the provider gave no ID token')
}

async function endpointOf({ source }: OidcSignInParts, { issuer }: OidcProvider, name: string): Promise<URL> {
  const address = (await discover(source, issuer))[name]
  if (typeof address === 'string' && isIssuer(address)) return new URL(address)
  throw new StsError('provider-silent', `The identity provider's discovery document has no ${name}`)
}

function requireProvider({ providers }: OidcSignInParts, name: string): OidcProvider {
  const provider = providers.get(name)
  if (provider) return provider
  throw refused('no such provider is configured')
}

/** What IAM allows in the name of a session; the rest of a subject becomes `-`. */
function sessionNameOf(subject: string): string {
  return subject
    .replace(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-')
}

function refused(why: string): StsError {
  return new StsError('invalid-token', `Signing in failed: ${why}`)
}
