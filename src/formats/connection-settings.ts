import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseAllowedHosts } from '../http/upstream/addresses.ts'
import type { Credentials } from '../http/upstream/request.ts'
import { invalid } from '../registry/errors.ts'
import type { FormatId } from '../registry/names.ts'
import { type ConnectionSetting, type ConnectionSettings, publicConnections, readableFormats } from './connections.ts'

type Members = Readonly<Record<string, unknown>>

const memberNames = [
  'url',
  'format',
  'headers',
  'username',
  'password',
  'token',
  'ca',
  'ttlSeconds',
  'refresh',
  'allowedHosts',
]

/** Longest time that an index may be believed: a year. Unit: seconds. Ours. */
const TTL_SECONDS_MAX = 31_536_000

/** Headers that belong to the connection and not to the operator. */
const managedHeaders = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The setting `externalConnections`, from JSON text or as YAML gave it. Files named by `ca` are read. Throws `invalid`
 * with one line that names the member, its value (never a secret) and the rule.
 */
export function parseConnectionSettings(value: unknown, field = 'externalConnections'): ConnectionSettings {
  const settings = membersOf(typeof value === 'string' ? parseJson(value, field) : value, field)
  return new Map(
    Object.entries(settings).map(([name, setting]) => {
      const at = `${field}.${name}`
      return [name, parseSetting(name, membersOf(setting, at), at)]
    }),
  )
}

function parseSetting(name: string, members: Members, field: string): ConnectionSetting {
  const unknown = Object.keys(members).find((member) => !memberNames.includes(member))
  if (unknown !== undefined) throw invalid(field, unknown, `is not a member; known are ${memberNames.join(', ')}`)
  const setting = {
    format: parseFormat(name, members['format'], field),
    url: optional(members['url'], `${field}.url`, parseUrl),
    headers: optional(members['headers'], `${field}.headers`, parseHeaders),
    credentials: parseCredentials(members, field),
    ca: optional(members['ca'], `${field}.ca`, parseAuthorities),
    ttlSeconds: optional(members['ttlSeconds'], `${field}.ttlSeconds`, parseTtl),
    refresh: optional(members['refresh'], `${field}.refresh`, parseRefresh),
    allowedHosts: optional(members['allowedHosts'], `${field}.allowedHosts`, parseHosts),
  }
  if (!publicConnections.has(name) && !setting.url) throw invalid(field, '', 'must have a url, as it has no default')
  return Object.fromEntries(Object.entries(setting).filter(([, value]) => value !== undefined))
}

/** The table decides the format of its own names; every other name must say it. */
function parseFormat(name: string, value: unknown, field: string): FormatId | undefined {
  const known = publicConnections.get(name)
  if (known && value !== undefined && value !== known.format) {
    throw invalid(`${field}.format`, shown(value), `must be ${known.format} or left out`)
  }
  if (known) return undefined
  if (value === undefined) {
    throw invalid(
      field,
      '',
      `is not known; known are ${[...publicConnections.keys()].join(', ')}; others need a format`,
    )
  }
  checkName(name, field)
  const format = readableFormats.find((id) => id === value)
  if (format) return format
  throw invalid(`${field}.format`, shown(value), `must be one of ${readableFormats.join(', ')}`)
}

/** Source: CodeArtifact service model, `ExternalConnectionName`. */
function checkName(name: string, field: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._\-:]{1,99}$/.test(name)) return
  throw invalid(field, name, 'must be 2 to 100 letters, digits, ".", "_", "-" or ":"')
}

/**
 * A folder's address ends in a slash, so that what is relative to it lies below; a file's, as `index.json`, does not.
 */
function parseUrl(value: unknown, field: string): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isWeb || url.search !== '' || url.hash !== '') {
    throw invalid(field, withoutPassword(shown(value)), 'must be an http: or https: address without query or fragment')
  }
  if (!url.pathname.endsWith('.json') && !url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function parseHeaders(value: unknown, field: string): Readonly<Record<string, string>> {
  const headers = Object.entries(membersOf(value, field))
  for (const [name, text] of headers) {
    const isText = typeof text === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || managedHeaders.has(name.toLowerCase()) || !isText) {
      throw invalid(`${field}.${name}`, '***', 'must be a header that requests may carry, with text in one line')
    }
  }
  return Object.fromEntries(headers) as Record<string, string>
}

function parseCredentials(members: Members, field: string): Credentials | undefined {
  const { username, password, token } = members
  for (const [name, value] of Object.entries({ username, password, token })) {
    if (value !== undefined && (typeof value !== 'string' || value === '' || /[\r\n]/.test(value))) {
      throw invalid(`${field}.${name}`, '***', 'must be text in one line')
    }
  }
  if (typeof token === 'string') {
    if (username === undefined && password === undefined) return { token }
    throw invalid(`${field}.token`, '***', 'must stand alone: give a token, or a username and a password')
  }
  if (username === undefined && password === undefined) return undefined
  if (typeof username === 'string' && typeof password === 'string') return { username, password }
  throw invalid(`${field}.username`, shown(username ?? ''), 'must come with a password, and a password with a username')
}

/** Each authority is PEM text, or the path of a file that holds it. */
function parseAuthorities(value: unknown, field: string): readonly string[] {
  return textsOf(value, field).map((text) => {
    try {
      const pem = text.includes('-----BEGIN') ? text : readFileSync(text, 'utf8')
      // Made only to find out that it is one.
      return new X509Certificate(pem).raw.length > 0 ? pem : ''
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : ''
      throw invalid(field, text.split('\n')[0] ?? '', `must be a certificate in PEM, or a file with one (${reason})`)
    }
  })
}

function parseTtl(value: unknown, field: string): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= TTL_SECONDS_MAX) return Number(value)
  throw invalid(field, shown(value), `must be whole seconds from 0 to ${TTL_SECONDS_MAX}`)
}

function parseRefresh(value: unknown, field: string): 'now' | 'later' {
  if (value === 'now' || value === 'later') return value
  throw invalid(field, shown(value), "must be 'now' or 'later'")
}

function parseHosts(value: unknown, field: string): readonly string[] {
  const hosts = textsOf(value, field)
  for (const host of hosts) {
    try {
      parseAllowedHosts([host])
    } catch {
      throw invalid(field, host, 'must be a host, host:port, address, or range as 10.1.0.0/16')
    }
  }
  return hosts
}

function optional<T>(value: unknown, field: string, parse: (value: unknown, field: string) => T): T | undefined {
  return value === undefined ? undefined : parse(value, field)
}

function textsOf(value: unknown, field: string): readonly string[] {
  const texts: unknown[] = Array.isArray(value) ? value : [value]
  const isTexts = (all: unknown[]): all is string[] => all.every((text) => typeof text === 'string' && text !== '')
  if (isTexts(texts)) return texts
  throw invalid(field, shown(value), 'must be text or a list of texts')
}

function membersOf(value: unknown, field: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw invalid(field, shown(value), 'must be an object')
}

function parseJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No cause: the text may hold secrets, and the parser's own message quotes it.
    throw invalid(field, '***', 'must be JSON, as {"public:npmjs": {"url": "https://npm.example/"}}')
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@')
}
