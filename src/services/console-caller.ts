import type { ConsoleSessions, FoundSession } from '../access/console-sessions.ts'
import type { Call } from '../http/call.ts'
import { CodedError } from './coded-error.ts'

/** The header that a page of ours sends and a form of somebody else's cannot. */
const CONSOLE_HEADER = 'x-packyard-console'

/** `headed`: the request must bear the header; `plain`: reading without it is fine, as links and event streams do. */
export type Guard = 'headed' | 'plain'

/**
 * Whose session the cookie is. Undefined when there is no cookie. Throws `CodedError` for a session that has ended, and
 * for a request that another site may have made.
 */
export async function findConsoleCaller(
  sessions: Pick<ConsoleSessions, 'find'>,
  call: Call,
  guard: Guard,
): Promise<FoundSession | undefined> {
  const token = readCookie(call, sessionCookieName(call))
  if (token === undefined) return undefined
  checkSameSite(call, guard)
  const found = await sessions.find(token)
  if (found) return found
  throw new CodedError('SessionExpiredException', 'The session has ended; sign in again', { status: 401 })
}

/** Throws `CodedError` for a request that a page of another site may have made. */
export function checkSameSite(call: Call, guard: Guard): void {
  const site = call.header('sec-fetch-site')
  const origin = call.header('origin')
  const isReading = call.method === 'GET' || call.method === 'HEAD'
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && isReading))
    throw crossSite(`Sec-Fetch-Site '${site.slice(0, 20)}'`)
  if (origin !== undefined && !isOwnOrigin(call, origin)) throw crossSite(`Origin '${origin.slice(0, 200)}'`)
  if (guard === 'plain' && isReading) return
  if (call.header(CONSOLE_HEADER) !== '1') throw crossSite(`header ${CONSOLE_HEADER} missing`)
  if (!isReading && site === undefined && origin === undefined) throw crossSite('neither Origin nor Sec-Fetch-Site')
}

/** As the client reached us, or as the operator says that clients do. */
function isOwnOrigin(call: Call, origin: string): boolean {
  const url = URL.parse(origin)
  return url !== null && (url.origin === new URL(call.origin).origin || url.host === call.header('host'))
}

function crossSite(why: string): CodedError {
  const message = `A request with the console's session must come from the console itself: ${why}`
  return new CodedError('CrossSiteRequestException', message, { status: 403 })
}

/** With the prefix, only this host over HTTPS can have set it. Source: RFC 6265bis, section 4.1.3.2. */
export function sessionCookieName(call: Pick<Call, 'origin'>): string {
  return isSecure(call) ? '__Host-packyard' : 'packyard'
}

export interface CookieDraft {
  readonly name: string
  readonly value: string
  readonly sameSite: 'Strict' | 'Lax'
  /** Undefined: until the browser is closed. Unit: seconds; 0 takes it away. */
  readonly maxAgeSeconds: number | undefined
}

/** No script can read it, and no other host is sent it. */
export function renderCookie(
  call: Pick<Call, 'origin'>,
  { name, value, sameSite, maxAgeSeconds }: CookieDraft,
): string {
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`
  return `${name}=${value}; Path=/; HttpOnly; SameSite=${sameSite}${isSecure(call) ? '; Secure' : ''}${age}`
}

export function readCookie(call: Pick<Call, 'header'>, name: string): string | undefined {
  for (const pair of (call.header('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

function isSecure({ origin }: Pick<Call, 'origin'>): boolean {
  return origin.startsWith('https:')
}
