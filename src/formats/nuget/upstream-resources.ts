import type { UpstreamResponse, UpstreamSource } from '../../registry/upstream.ts'
import { listOf, objectOf, textOf } from '../json.ts'
import { isMissing, refusal } from '../upstream-answers.ts'

/** Largest service index that is read. Unit: bytes. Ours. */
const SERVICE_INDEX_BYTES_MAX = 4 * 1024 * 1024

/** Where an upstream keeps what; undefined for what it does not have. Base addresses end with a slash. */
export interface Resources {
  readonly registrations: string | undefined
  readonly flatContainer: string | undefined
  /** The index of pages of vulnerabilities. */
  readonly vulnerabilities: string | undefined
}

/** What a service index calls registrations, the best first. Source: NuGet's client. */
const registrationTypes = ['/Versioned', '/3.6.0', '/3.4.0', '/3.0.0-rc', '/3.0.0-beta', ''].map(
  (version) => `RegistrationsBaseUrl${version}`,
)

/** Service indexes hardly ever change; one is read again when an address from it turns out to be wrong. */
const known = new WeakMap<UpstreamSource, Promise<Resources>>()

/** From the upstream's service index. Throws an upstream's failure. */
export function resourcesOf(source: UpstreamSource): Promise<Resources> {
  let reading = known.get(source)
  if (!reading) {
    reading = readResources(source)
    known.set(source, reading)
    reading.catch(() => known.delete(source))
  }
  return reading
}

export function forgetResources(source: UpstreamSource): void {
  known.delete(source)
}

async function readResources(source: UpstreamSource): Promise<Resources> {
  const response = await source.request({ url: source.url, headers: { accept: 'application/json' } })
  if (response.status !== 200) {
    response.body.destroy()
    throw refusal(source, 'its service index', response.status)
  }
  const index = await readJson(source, response, SERVICE_INDEX_BYTES_MAX)
  const resources = listOf(objectOf(index)['resources']).map(objectOf)
  const find = (type: string) => {
    const address = textOf(
      resources.find((each) => listOf(each['@type']).includes(type) || each['@type'] === type)?.['@id'],
    )
    return address === undefined ? undefined : URL.parse(address, response.url)?.href
  }
  const findBase = (type: string) => find(type)?.replace(/\/?$/, '/')
  const found = {
    registrations: registrationTypes.map(findBase).find((address) => address !== undefined),
    flatContainer: findBase('PackageBaseAddress/3.0.0'),
    vulnerabilities: find('VulnerabilityInfo/6.7.0'),
  }
  if (found.registrations !== undefined || found.flatContainer !== undefined) return found
  throw refusal(source, 'its service index', 'something that names no packages')
}

/** Asks for a document; `etag` is that of the one that is known. Throws an upstream's failure. */
export async function requestDocument(
  source: UpstreamSource,
  url: string,
  etag: string | undefined,
): Promise<UpstreamResponse | 'missing' | 'unchanged'> {
  const response = await source.request({
    url,
    headers: { accept: 'application/json', 'accept-encoding': 'gzip', ...(etag && { 'if-none-match': etag }) },
  })
  if (response.status === 200) return response
  response.body.destroy()
  if (response.status === 304 && etag) return 'unchanged'
  if (isMissing(response)) return 'missing'
  throw refusal(source, url, response.status)
}

/** Throws an upstream's failure for what is no JSON. */
export async function readJson(
  source: UpstreamSource,
  response: UpstreamResponse,
  limitBytes: number,
): Promise<unknown> {
  const bytes = await response.bytes(limitBytes)
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as unknown
  } catch {
    throw refusal(source, response.url.href, 'something that is no JSON')
  }
}
