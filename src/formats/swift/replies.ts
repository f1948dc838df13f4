import { HttpError, type Reply } from '../../http/call.ts'
import { remembering } from '../../http/negotiation.ts'
import type { PackageCall } from '../format.ts'

/** Without it clients take an answer for none of a registry. Source: Swift Package Registry Service Specification, 3.5. */
export const CONTENT_VERSION = { 'Content-Version': '1' } as const

/** A small answer that is made for this call. */
export function json(status: number, value: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-cache', ...CONTENT_VERSION }
  return { status, headers, body: JSON.stringify(value) }
}

/** A release is there. Clients print the address. */
export function created(location: string): Reply {
  return { status: 201, headers: { Location: location, ...CONTENT_VERSION } }
}

/**
 * Throws `HttpError`: 400 for a version of the protocol that is none, 415 for one that is not served. Whatever else a client
 * would like to have, it gets what is there. Source: Swift Package Registry Service Specification, 3.5.
 */
export function checkVersion(call: PackageCall): void {
  const refusal = refusalOf(call.header('accept'))
  if (refusal !== 'none') throw new HttpError(refusal.status, refusal.message)
}

type Refusal = 'none' | { readonly status: 400 | 415; readonly message: string }

const refusalOf = remembering((accept: string | undefined): Refusal => {
  const ranges = (accept ?? '').split(',').map((range) => range.split(';', 1)[0]?.trim().toLowerCase() ?? '')
  const versions = ranges.flatMap((range) => /^application\/vnd\.swift\.registry([^+]*)/.exec(range)?.[1] ?? [])
  const isOther = ranges.some((range) => range !== '' && !range.startsWith('application/vnd.swift.registry'))
  if (versions.length === 0 || isOther || versions.some((version) => version === '' || version === '.v1')) return 'none'
  const [version = ''] = versions
  const shown = version.slice(1, 50)
  if (/^\.v\d{1,9}$/.test(version))
    return { status: 415, message: `version ${shown} of the protocol is not served; v1 is` }
  return { status: 400, message: `'${shown}' is no version of the protocol; v1 is served` }
})
