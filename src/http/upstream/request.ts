import { portOf } from './addresses.ts'
import { UpstreamError } from './upstream-error.ts'

/** Bodies go with the last three. */
export type UpstreamMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'

export interface UpstreamRequest {
  /** Absolute, or relative to the source's address. */
  readonly url: string | URL
  readonly method?: UpstreamMethod
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal?: AbortSignal
}

export type Credentials = { readonly username: string; readonly password: string } | { readonly token: string }

/** What the operator gave for the source's own host, and for no other. */
export interface OwnHost {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** One request on the wire; a redirect makes the next. */
export interface Hop {
  readonly url: URL
  readonly method: UpstreamMethod
  /** The caller's; the operator's are added on the way out. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/**
 * The source's own host under the operator's headers and credentials; what the URL carries of them is taken out of it.
 */
export function ownHost(
  url: URL,
  headers: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
): OwnHost {
  const given = credentials ?? urlCredentials(url)
  const authorization = given ? { authorization: authorizationOf(given) } : {}
  return { url: withoutCredentials(url), headers: { ...authorization, ...lowerCased(headers) } }
}

/**
 * Whether a URL is on the host that the operator wrote: same name and port. A step from http to https on the schemes'
 * own ports stays at home; another port is another service.
 */
export function isOwn(own: URL, url: URL): boolean {
  if (url.hostname !== own.hostname) return false
  if (url.protocol === own.protocol) return portOf(url) === portOf(own)
  return url.protocol === 'https:' && url.port === '' && own.port === ''
}

export function firstHop(own: OwnHost, name: string, request: UpstreamRequest): Hop {
  return {
    url: resolveUrl(name, own.url, request.url),
    method: request.method ?? 'GET',
    headers: lowerCased(request.headers ?? {}),
    body: request.body,
  }
}

/** Whether an answer with a `Location` sends us elsewhere. Source: RFC 9110 15.4. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/** The request that a redirect asks for. Only 307 and 308 repeat a body. Source: RFC 9110 15.4. */
export function redirectedHop(name: string, hop: Hop, status: number, location: string): Hop {
  const url = resolveUrl(name, hop.url, location)
  const isRepeated = status === 307 || status === 308 || hop.method !== 'POST'
  return isRepeated ? { ...hop, url } : { ...hop, url, method: 'GET', body: undefined }
}

/** The headers of one request: ours, the caller's, and at home the operator's over both. */
export function headersFor(own: OwnHost, hop: Hop, userAgent: string): Record<string, string> {
  const headers = { 'user-agent': userAgent, 'accept-encoding': 'gzip, br, zstd', ...hop.headers }
  return isOwn(own.url, hop.url) ? { ...headers, ...own.headers } : headers
}

function resolveUrl(name: string, base: URL, url: string | URL): URL {
  const resolved = URL.parse(url, base)
  if (!resolved) throw new UpstreamError('broken', `${name} points at '${String(url).slice(0, 200)}', which is no URL`)
  if (resolved.protocol === 'http:' || resolved.protocol === 'https:') return withoutCredentials(resolved)
  throw new UpstreamError(
    'blocked',
    `${name} points at a ${resolved.protocol} address; only http: and https: are followed`,
  )
}

function withoutCredentials(url: URL): URL {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  plain.hash = ''
  return plain
}

function urlCredentials(url: URL): Credentials | undefined {
  if (url.username === '' && url.password === '') return undefined
  return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
}

/** Source: RFC 7617 section 2, RFC 6750 section 2.1. */
function authorizationOf(credentials: Credentials): string {
  if ('token' in credentials) return `Bearer ${credentials.token}`
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
