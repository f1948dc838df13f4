import type { Entry, Vulnerability } from './entry.ts'
import { readEntry, textFields, textsIn } from './entry.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../json.ts'
import { normalizeRange } from './ranges.ts'
import { keyOfVersion } from './versions.ts'

/** One version as somebody else's registration has it, without what is of no use here. Plain data: it is kept as JSON. */
export interface UpstreamLeaf {
  /** Normalised, in lower case. */
  readonly version: string
  readonly packageContent?: string
  /** ISO 8601; left out where the upstream hides it. */
  readonly published?: string
  readonly entry: Entry
}

/** Undefined for what names no version. `base`: where the document came from. */
export function readLeaf(value: unknown, base: URL): UpstreamLeaf | undefined {
  const leaf = objectOf(value)
  const entry = objectOf(leaf['catalogEntry'])
  const full = textOf(entry['version']) ?? ''
  const version = keyOfVersion(full)
  if (version === undefined) return undefined
  const address = textOf(leaf['packageContent'] ?? entry['packageContent'])
  const content = address === undefined ? null : URL.parse(address, base)
  const published = textOf(entry['published'])
  return {
    version,
    ...(content && { packageContent: content.href }),
    ...(published !== undefined && isTime(published) && { published }),
    entry: readUpstreamEntry(entry, full, base),
  }
}

/** Unlisted versions have the year 1900 at the public gallery. */
function isTime(text: string): boolean {
  return Date.parse(text) > 0
}

function readUpstreamEntry(entry: JsonObject, version: string, base: URL): Entry {
  const texts = textsIn(entry, textFields)
  const files = ownFiles(entry, base)
  for (const field of files) delete texts[`${field}Url`]
  const deprecation = readDeprecation(entry['deprecation'])
  return readEntry({
    ...texts,
    ...Object.fromEntries(files.map((field) => [field, ''])),
    ...authorsOf(entry),
    id: entry['id'],
    version,
    tags: typeof entry['tags'] === 'string' ? entry['tags'].split(/[\s,;]+/).filter(Boolean) : textsOf(entry['tags']),
    requireLicenseAcceptance: entry['requireLicenseAcceptance'] === true,
    dependencyGroups: listOf(entry['dependencyGroups']).map(readGroup),
    packageTypes: listOf(entry['packageTypes']).map((type) => objectOf(type)['name']),
    isUnlisted: entry['listed'] === false,
    deprecation,
    vulnerabilities: readVulnerabilities(entry['vulnerabilities']),
  })
}

function authorsOf({ authors }: JsonObject): { authors?: string } {
  const text = Array.isArray(authors) ? textsOf(authors).join(', ') : textOf(authors)
  return text === undefined ? {} : { authors: text }
}

/** Files that the gallery shows from the package itself: they are shown from here, as users may not reach the gallery. */
function ownFiles(entry: JsonObject, base: URL): ('icon' | 'license' | 'readme')[] {
  return (['icon', 'license', 'readme'] as const).filter((field) => {
    const url = URL.parse(textOf(entry[`${field}Url`]) ?? '')
    return url !== null && isSameSite(url.hostname, base.hostname) && new RegExp(`/${field}$`).test(url.pathname)
  })
}

/** `www.example.org` and `api.example.org`. */
function isSameSite(left: string, right: string): boolean {
  const siteOf = (host: string) => (/^[\d.:[\]]+$/.test(host) ? host : host.split('.').slice(-2).join('.'))
  return siteOf(left) === siteOf(right)
}

function readGroup(value: unknown) {
  const { targetFramework, dependencies } = objectOf(value)
  const known = listOf(dependencies).map((dependency) => {
    const { id, range } = objectOf(dependency)
    return { id, range: normalizeRange(textOf(range) ?? '') ?? '(, )' }
  })
  return { targetFramework, dependencies: known }
}

function readDeprecation(value: unknown): JsonObject | undefined {
  if (!isObject(value)) return undefined
  const { message, alternatePackage } = value
  const { id, range } = objectOf(alternatePackage)
  return {
    reasons: textsOf(value['reasons']),
    ...(textOf(message) !== undefined && { message }),
    ...(textOf(id) !== undefined && { alternatePackage: { id, range: textOf(range) ?? '*' } }),
  }
}

function readVulnerabilities(value: unknown): Vulnerability[] {
  return listOf(value).flatMap((each) => {
    const { advisoryUrl, severity } = objectOf(each)
    const url = textOf(advisoryUrl)
    const level = String(severity)
    return url === undefined ? [] : [{ advisoryUrl: url, severity: /^[0-3]$/.test(level) ? level : '0' }]
  })
}
