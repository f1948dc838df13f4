import type { UpstreamSource } from '../http/upstream/upstream-source.ts'
import { StsError } from './sts-error.ts'

/** Largest discovery document and key set. Unit: bytes. Ours. */
const DOCUMENT_BYTES_MAX = 256 * 1024

type Source = Pick<UpstreamSource, 'request'>
type Request = Parameters<Source['request']>[0]

/** What an issuer says of itself. Throws `StsError`. Source: OpenID Connect Discovery 1.0, section 4. */
export async function discover(source: Source, issuer: string): Promise<Record<string, unknown>> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const discovered = await readIssuerJson(source, { url, headers: { accept: 'application/json' } })
  if (discovered['issuer'] === issuer) return discovered
  throw silent(issuer, 'its discovery document names another issuer')
}

/** Throws `StsError` for anything but a JSON object with status 200. */
export async function readIssuerJson(source: Source, request: Request): Promise<Record<string, unknown>> {
  try {
    const response = await source.request(request)
    const bytes = await response.bytes(DOCUMENT_BYTES_MAX)
    if (response.status !== 200) throw new TypeError(`status ${response.status}`)
    const value: unknown = JSON.parse(bytes.toString())
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
    throw new TypeError('no JSON object')
  } catch (cause) {
    throw silent(String(request.url), cause instanceof Error ? cause.message : 'it cannot be read', cause)
  }
}

/** As for providers: https, or http on this machine. */
export function isIssuer(text: string): boolean {
  const url = URL.parse(text)
  if (!url || url.username !== '' || url.search !== '' || url.hash !== '') return false
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(url.hostname))
  )
}

export function silent(what: string, why: string, cause?: unknown): StsError {
  return new StsError('provider-silent', `The identity provider's ${what} cannot be used: ${why.slice(0, 300)}`, cause)
}
