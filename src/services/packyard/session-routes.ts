import Type from 'typebox'
import { checkKey, type GivenKey, type SignInLimit } from '../../access/sign-in.ts'
import type { ConsoleSession, ConsoleSessions, SessionStart } from '../../access/console-sessions.ts'
import type { Identity } from '../../access/identity.ts'
import type { OidcSignIn } from '../../access/oidc-sign-in.ts'
import { type Caller, callerOf, type Principal } from '../../access/principal.ts'
import type { Sessions } from '../../access/sessions.ts'
import { StsError } from '../../access/sts-error.ts'
import type { Call, Reply } from '../../http/call.ts'
import { readBody } from '../../http/request-body.ts'
import { RegistryError } from '../../registry/errors.ts'
import { decode } from '../codeartifact/decode.ts'
import { CodedError } from '../coded-error.ts'
import { checkSameSite, findConsoleCaller, readCookie, renderCookie, sessionCookieName } from '../console-caller.ts'
import { parseJson } from '../json-body.ts'
import { isoTime, text } from './fields.ts'

/** Largest sign-in. Unit: bytes. Ours: a session token of AWS has some 2 KB. */
const BODY_BYTES_MAX = 16 * 1024
/** How long somebody may take at the identity provider. Unit: seconds. Ours. */
const OIDC_SECONDS = 600
const OIDC_COOKIE = 'packyard-oidc'

/** What signing in needs. */
export interface SignInRouteParts {
  readonly identity: Pick<Identity, 'findAccessKey'>
  readonly temporary: Pick<Sessions, 'find'>
  readonly consoleSessions: ConsoleSessions
  readonly limit: SignInLimit
  readonly oidc: OidcSignIn
  /** How long a session stands that nobody uses. Unit: seconds. */
  readonly idleSeconds: number
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

/** A route that nobody need be known for. */
export interface SessionRoute {
  readonly method: string
  readonly path: `/${string}`
  handle(call: Call, params: Readonly<Record<string, string>>): Promise<Reply>
}

/** Signing in to the console, and out again. They are no rows of the table, as no permission is needed for them. */
export function sessionRoutes(parts: SignInRouteParts): readonly SessionRoute[] {
  const at = '/packyard/v1/session'
  return [
    { method: 'GET', path: at, handle: (call) => showSession(parts, call) },
    { method: 'POST', path: at, handle: (call) => signIn(parts, call) },
    { method: 'DELETE', path: at, handle: (call) => signOut(parts, call) },
    {
      method: 'GET',
      path: `${at}/providers`,
      handle: async () => json(200, { accessKeys: true, providers: parts.oidc.providers }),
    },
    { method: 'GET', path: `${at}/oidc/:name`, handle: (call, { name = '' }) => beginOidc(parts, call, name) },
    { method: 'GET', path: `${at}/oidc/:name/callback`, handle: (call, { name = '' }) => endOidc(parts, call, name) },
  ]
}

async function showSession({ consoleSessions, idleSeconds }: SignInRouteParts, call: Call): Promise<Reply> {
  const found = await findConsoleCaller(consoleSessions, call, 'plain')
  if (!found) throw new CodedError('MissingAuthenticationTokenException', 'Nobody is signed in', { status: 401 })
  return json(200, describeSession(found.session, found.principal, idleSeconds))
}

const given = Type.Object({
  accessKeyId: text(128),
  secretAccessKey: text(256),
  sessionToken: Type.Optional(text(8192)),
})

/** The secret is compared and forgotten. */
async function signIn(parts: SignInRouteParts, call: Call): Promise<Reply> {
  checkSameSite(call, 'headed')
  const key: GivenKey = decode(given, { query: new Map(), body: parseJson(await readBody(call.body, BODY_BYTES_MAX)) })
  const retryAfterSeconds = parts.limit.take(call.remoteAddress, key.accessKeyId)
  if (retryAfterSeconds !== undefined) {
    const message = `Too many attempts to sign in; try again in ${retryAfterSeconds} s`
    throw new RegistryError('throttled', message, { retryAfterSeconds })
  }
  const checked = await checkKey({ ...parts, sessions: parts.temporary }, key)
  if (checked) noteSignIn(call, checked.principal)
  if (!checked?.isRight) {
    // The same words for a key that is not there, so that nobody finds out which there are.
    throw new CodedError('SignInRefusedException', 'Access key id and secret do not belong together', { status: 403 })
  }
  parts.limit.giveBack(call.remoteAddress, key.accessKeyId)
  const { principal, expiresAt } = checked
  const { reply } = await begin(parts, call, {
    principal,
    accessKeyId: key.accessKeyId,
    credentialsExpireAt: expiresAt,
  })
  return reply
}

/** Written into the audit trail when the request ends, under the name that CloudTrail has for it. */
function noteSignIn(call: Call, principal: Principal): void {
  const caller: Caller = { ...callerOf(principal, call), via: 'console' }
  if (caller.trace) caller.trace.operation = { service: 'signin', name: 'ConsoleLogin', parameters: {} }
  call.by = caller
}

async function begin(
  { consoleSessions, idleSeconds, clock }: SignInRouteParts,
  call: Call,
  who: Pick<SessionStart, 'principal' | 'accessKeyId' | 'credentialsExpireAt'>,
) {
  const userAgent = call.header('user-agent') ?? ''
  const { token, session } = await consoleSessions.begin({ ...who, remoteAddress: call.remoteAddress, userAgent })
  const cookie = renderCookie(call, {
    name: sessionCookieName(call),
    value: token,
    sameSite: 'Strict',
    maxAgeSeconds: Math.max(1, Math.floor((session.expiresAt - clock()) / 1000)),
  })
  const reply = json(200, describeSession(session, who.principal, idleSeconds))
  return { cookie, reply: { ...reply, headers: { ...reply.headers, 'Set-Cookie': cookie } } }
}

async function signOut({ consoleSessions }: SignInRouteParts, call: Call): Promise<Reply> {
  checkSameSite(call, 'headed')
  const name = sessionCookieName(call)
  const token = readCookie(call, name)
  const found = token === undefined ? undefined : await consoleSessions.find(token)
  if (found) await consoleSessions.end(found.session.sessionId, found.session.accountId)
  const gone = renderCookie(call, { name, value: '', sameSite: 'Strict', maxAgeSeconds: 0 })
  return { status: 204, headers: { 'Set-Cookie': gone, 'Cache-Control': 'no-store' } }
}

/** Off to the identity provider; what is needed when the browser comes back is sealed in a cookie. */
async function beginOidc({ oidc }: SignInRouteParts, call: Call, name: string): Promise<Reply> {
  const returnTo = new URLSearchParams(call.query).get('returnTo') ?? '/console/'
  const { location, sealed } = await oidc.begin(name, {
    redirectUri: callbackOf(call, name),
    returnTo: safePath(returnTo),
  })
  const cookie = { name: oidcCookieName(call), value: sealed, sameSite: 'Lax', maxAgeSeconds: OIDC_SECONDS } as const
  return redirect(302, location, renderCookie(call, cookie))
}

/** Whatever the provider says, a person is looking: failures end on the console's own page. */
async function endOidc(parts: SignInRouteParts, call: Call, name: string): Promise<Reply> {
  try {
    const answer = new URLSearchParams(call.query)
    const sealed = readCookie(call, oidcCookieName(call)) ?? ''
    const signedIn = await parts.oidc.end(name, { redirectUri: callbackOf(call, name), answer, sealed })
    noteSignIn(call, signedIn.principal)
    const { cookie } = await begin(parts, call, signedIn)
    return redirect(303, `${call.origin}${signedIn.returnTo}`, cookie)
  } catch (error) {
    if (!(error instanceof StsError || error instanceof RegistryError)) throw error
    call.log({ 'sign_in.problem': error.message })
    const gone = renderCookie(call, { name: oidcCookieName(call), value: '', sameSite: 'Lax', maxAgeSeconds: 0 })
    const query = new URLSearchParams({ error: error.kind, requestId: call.id })
    return redirect(303, `${call.origin}/console/sign-in?${query.toString()}`, gone)
  }
}

function callbackOf({ origin }: Call, name: string): string {
  return `${origin}/packyard/v1/session/oidc/${encodeURIComponent(name)}/callback`
}

/** Back to a page of the console, and nowhere else. */
function safePath(text: string): string {
  const url = URL.parse(text, 'http://console.invalid')
  const isOurs = url?.origin === 'http://console.invalid' && url.pathname.startsWith('/console/')
  return isOurs ? `${url.pathname}${url.search}${url.hash}` : '/console/'
}

function oidcCookieName(call: Call): string {
  return sessionCookieName(call).replace('packyard', OIDC_COOKIE)
}

function describeSession({ sessionId, expiresAt }: ConsoleSession, principal: Principal, idleSeconds: number) {
  const { kind, accountId, arn, userName: name } = principal
  return { sessionId, principal: { kind, accountId, arn, name }, expiresAt: isoTime(expiresAt), idleSeconds }
}

function json(status: number, value: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  return { status, headers, body: JSON.stringify(value) }
}

function redirect(status: number, location: string, cookie: string): Reply {
  const headers = { Location: location, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }
  return { status, headers: { ...headers, 'Set-Cookie': cookie } }
}
