import { RegistryError, type RegistryErrorDetails } from '../registry/errors.ts'
import type { UpstreamIndex, UpstreamResponse, UpstreamSource, Validators } from '../registry/upstream.ts'

/** How the readers of every format ask an upstream, and what its answers mean. */

/** There is no such thing. 451 is a legal takedown. Source: The Cargo Book, "Index Format", and what public registries say. */
const missingStatuses: ReadonlySet<number> = new Set([404, 410, 451])

export function isMissing({ status }: UpstreamResponse): boolean {
  return missingStatuses.has(status)
}

/** An upstream answered, but not with what was asked: what it said before counts on. */
export class UpstreamRefusal extends RegistryError {
  readonly isUpstreamFailure = true

  constructor(message: string, details?: RegistryErrorDetails) {
    super('unavailable', message, details)
  }
}

/** `answer` is a status, or what came instead of `what`. */
export function refusal(source: UpstreamSource, what: string, answer: number | string): UpstreamRefusal {
  return new UpstreamRefusal(`${source.name} answered ${answer} for ${what}`)
}

/** An address below a source, whose own may lack the final slash. */
export function addressBelow(source: UpstreamSource, path: string): string {
  return `${source.url.href.replace(/\/?$/, '/')}${path}`
}

/** Headers that ask for what is new only. The date only where there is no ETag: it is the weaker of the two. */
export function conditions(seen: Validators | undefined): Record<string, string> {
  if (seen?.etag !== undefined) return { 'if-none-match': seen.etag }
  return seen?.lastModified === undefined ? {} : { 'if-modified-since': seen.lastModified }
}

function validatorsOf(response: UpstreamResponse): Validators {
  const etag = response.header('etag')
  const lastModified = response.header('last-modified')
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
}

export interface IndexRequest {
  /** Below the source's address. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Whose index it is, for whoever reads a refusal. */
  readonly what: string
  readonly seen: Validators | undefined
  /** Further statuses that mean: there is none. */
  readonly missingStatuses?: readonly number[]
}

/** `read` makes of an answer what is kept of it. Throws `UpstreamRefusal` on any status that tells nothing. */
export async function requestIndex(
  source: UpstreamSource,
  { path, headers, what, seen, missingStatuses: further = [] }: IndexRequest,
  read: (response: UpstreamResponse) => Promise<Buffer>,
): Promise<UpstreamIndex> {
  const url = addressBelow(source, path)
  const response = await source.request({ url, headers: { ...headers, ...conditions(seen) } })
  if (further.includes(response.status)) {
    response.body.destroy()
    return { kind: 'missing' }
  }
  if (response.status !== 200) return readAbsence(source, what, response)
  return { kind: 'changed', document: await read(response), validators: validatorsOf(response) }
}

/** What an answer without an index says. Throws `UpstreamRefusal` when it says nothing. */
export function readAbsence(source: UpstreamSource, what: string, response: UpstreamResponse): UpstreamIndex {
  response.body.destroy()
  if (response.status === 304) return { kind: 'unchanged' }
  if (isMissing(response)) return { kind: 'missing' }
  throw refusal(source, what, response.status)
}

/** As its bytes are stored: no content coding. */
const assetHeaders = { accept: 'application/octet-stream, */*', 'accept-encoding': 'identity' }

/** An answer that brings the asset. `name` is what it is called where it is missing. */
export async function requestAsset(source: UpstreamSource, url: string, name = url): Promise<UpstreamResponse> {
  return takeAsset(source, await source.request({ url, headers: assetHeaders }), url, name)
}

/** The answer, if it brings what was asked for as `what`. Throws `missing` and `UpstreamRefusal`. */
export function takeAsset(
  source: UpstreamSource,
  response: UpstreamResponse,
  what: string,
  name = what,
): UpstreamResponse {
  if (response.status === 200) return response
  response.body.destroy()
  throw isMissing(response) ? missingAsset(source, name) : refusal(source, what, response.status)
}

export function missingAsset(source: UpstreamSource, name: string): RegistryError {
  return new RegistryError('missing', `${source.name} has no ${name}`, { resourceType: 'asset' })
}

/** The earliest of the times that an upstream tells. Unit: ms since 1970. Undefined when it tells none. */
export function earliestTime(told: readonly (string | undefined)[]): number | undefined {
  const times = told.flatMap((text) => (text === undefined ? [] : [Date.parse(text)]))
  if (times.length === 0) return undefined
  return Math.max(
    0,
    times.reduce((first, time) => Math.min(first, time)),
  )
}
