import { HttpError } from '../http/call.ts'
import {
  type AccountId,
  type DomainName,
  parseAccountId,
  parseDomainName,
  parseRepositoryName,
  type RepositoryName,
} from '../registry/names.ts'

/** What a package endpoint's address says. */
export interface EndpointAddress {
  /** The format's id as it stands in the address; not necessarily one that exists. */
  readonly format: string
  readonly domain: DomainName
  readonly owner: AccountId
  readonly repository: RepositoryName
}

/** How endpoints are addressed here. */
export interface EndpointForm {
  /** `packages.example.com` where `{domain}-{owner}.packages.example.com` leads here; undefined: by path only. */
  readonly domainSuffix: string | undefined
  /** The path of the public address, for a proxy that passes it on: '' or '/packages'. */
  readonly basePath: string
}

/** An address found at the start of a path. */
export interface FoundEndpoint {
  readonly address: EndpointAddress
  /** Which of the two ways of addressing it was. */
  readonly style: 'path' | 'host'
  /** From the host on to the repository's final slash, without a base path: `/npm/d/acme-111122223333/team/`. */
  readonly path: string
  /** Where the rest of the path starts, at its `/`; the path's length when the final slash was left out. */
  readonly restAt: number
}

/** Finds the endpoint that a request is for. Throws `HttpError` 404, and `invalid` for a name that breaks its rule. */
export type EndpointReader = (path: string, host: string | undefined) => FoundEndpoint

/** Addresses remembered, so that a warm request parses nothing; one needs about 0.5 KB. Ours. */
const REMEMBERED_MAX = 1000

/**
 * Source of the path style: CodeArtifact User Guide, "Create a VPC endpoint without private DNS". Both styles are always
 * read, whichever is handed out.
 */
export function createEndpointReader(form: EndpointForm): EndpointReader {
  const remembered = new Map<string, FoundEndpoint>()
  return (path, host) => {
    const startAt = baseLength(path, form)
    const formatEnd = segmentEnd(path, startAt)
    const isByPath = path.startsWith('/d/', formatEnd)
    const domainEnd = isByPath ? segmentEnd(path, formatEnd + 2) : formatEnd
    const restAt = segmentEnd(path, domainEnd)
    const key = isByPath ? path.slice(0, restAt) : `${host} ${path.slice(0, restAt)}`
    const known = remembered.get(key)
    if (known) return known
    const place = isByPath ? path.slice(formatEnd + 3, domainEnd) : domainLabel(host, form.domainSuffix)
    const format = path.slice(startAt + 1, formatEnd)
    if (place === undefined || domainEnd === restAt) throw noEndpoint(path, format)
    const repository = parseRepositoryName(path.slice(domainEnd + 1, restAt))
    const address = { format, ...parsePlace(place, path, format), repository }
    const found = {
      address,
      style: isByPath ? 'path' : 'host',
      path: `${path.slice(startAt, restAt)}/`,
      restAt,
    } as const
    if (remembered.size >= REMEMBERED_MAX) remembered.clear()
    remembered.set(key, found)
    return found
  }
}

/** Where the base path ends and the format's `/` stands. */
export function baseLength(path: string, { basePath }: EndpointForm): number {
  return basePath !== '' && path.startsWith(`${basePath}/`) ? basePath.length : 0
}

function segmentEnd(path: string, slashAt: number): number {
  const end = path.indexOf('/', slashAt + 1)
  return end < 0 ? path.length : end
}

function domainLabel(host: string | undefined, suffix: string | undefined): string | undefined {
  if (host === undefined || suffix === undefined) return undefined
  const name = host.toLowerCase().replace(/:[0-9]{1,5}$/, '')
  return name.endsWith(`.${suffix}`) ? name.slice(0, -suffix.length - 1) : undefined
}

/** A domain's name may itself hold `-` and digits: the owner is the last 12 digits, after the last `-`. */
function parsePlace(place: string, path: string, format: string): { domain: DomainName; owner: AccountId } {
  const [, domain, owner] = /^(.+)-([0-9]{12})$/.exec(place) ?? []
  if (domain === undefined || owner === undefined) throw noEndpoint(path, format)
  return { domain: parseDomainName(domain), owner: parseAccountId(owner) }
}

function noEndpoint(path: string, format: string): HttpError {
  const form = `/${format}/d/{domain}-{owner}/{repository}/`
  return new HttpError(404, `there is no package endpoint at ${path.slice(0, 200)}; its address has the form ${form}`)
}
