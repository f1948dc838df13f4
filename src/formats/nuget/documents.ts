import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import type { Addresses, Hive } from './addresses.ts'
import { type DependencyGroup, type Entry, readEntry } from './entry.ts'
import type { JsonObject } from '../json.ts'
import { hasSemVer2Bound } from './ranges.ts'
import { isPrerelease, isSemVer2 } from './versions.ts'

/** A version that may be downloaded, with what is said of it. */
export interface OpenVersion {
  /** Normalised, in lower case. */
  readonly version: string
  readonly publishedAt: number
  readonly entry: Entry
  /** Unlisted ones are found by who knows them. */
  readonly isListed: boolean
  readonly isPrerelease: boolean
  readonly isSemVer2: boolean
}

/** Lowest first. Throws `missing` when there is none. */
export function openVersions(view: PackageView): readonly OpenVersion[] {
  const open = view.versions.filter(({ status }) => status === 'Published' || status === 'Unlisted').map(toOpen)
  if (open.length === 0) throw packageMissing(view.name)
  return open
}

function toOpen({ version, status, publishedAt, document }: ViewVersion): OpenVersion {
  const read = readEntry(document)
  const entry = read.version === '' ? { ...read, version } : read
  return {
    version,
    publishedAt,
    entry,
    isListed: status === 'Published' && !entry.isUnlisted,
    isPrerelease: isPrerelease(version),
    isSemVer2: isSemVer2(entry.version) || hasSemVer2Dependency(entry),
  }
}

function hasSemVer2Dependency({ dependencyGroups }: Entry): boolean {
  return dependencyGroups.some(({ dependencies }) => dependencies.some(({ range }) => hasSemVer2Bound(range)))
}

/** The id as its publisher spells it; the newest spelling counts. */
export function spellingOf(name: PackageName, versions: readonly OpenVersion[]): string {
  return versions.findLast(({ entry }) => entry.id !== '')?.entry.id ?? name.name
}

export function packageMissing({ name }: PackageName): RegistryError {
  return new RegistryError('missing', `there is no package '${name}' here`, { resourceType: 'package' })
}

export function json(value: unknown): RenderedIndex {
  return { contentType: 'application/json', body: JSON.stringify(value) }
}

/** `flatcontainer/{id}/index.json`: whatever can be downloaded, unlisted versions too, as lock files need them. */
export function renderVersionList(view: PackageView): RenderedIndex {
  return json({ versions: openVersions(view).map(({ version }) => version) })
}

/** The `catalogEntry` of a version. Source: NuGet documentation, "Package metadata". */
export function renderEntry(at: Addresses, hive: Hive, name: PackageName, open: OpenVersion): JsonObject {
  const { entry, version } = open
  return {
    '@id': `${at.leaf(hive, name, version)}#entry`,
    '@type': 'PackageDetails',
    id: entry.id || name.name,
    version: entry.version,
    authors: entry.authors ?? '',
    description: entry.description ?? '',
    summary: entry.summary ?? '',
    title: entry.title ?? '',
    language: entry.language ?? '',
    ...(entry.copyright !== undefined && { copyright: entry.copyright }),
    ...(entry.releaseNotes !== undefined && { releaseNotes: entry.releaseNotes }),
    tags: entry.tags,
    ...linksOf(at, name, open),
    licenseExpression: entry.licenseExpression ?? '',
    listed: open.isListed,
    published: timeOf(open),
    minClientVersion: entry.minClientVersion ?? '',
    requireLicenseAcceptance: entry.requireLicenseAcceptance,
    dependencyGroups: entry.dependencyGroups.map((group) => renderGroup(at, hive, group)),
    ...(entry.packageTypes.length > 0 && { packageTypes: entry.packageTypes.map((type) => ({ name: type })) }),
    ...(entry.deprecation && { deprecation: entry.deprecation }),
    ...(entry.vulnerabilities.length > 0 && { vulnerabilities: entry.vulnerabilities }),
    packageContent: at.packageContent(name, version),
  }
}

/** Files inside the package are shown from here; all other addresses are the publisher's own. */
export function linksOf(at: Addresses, name: PackageName, { entry, version }: OpenVersion) {
  const inside = (file: 'icon' | 'license' | 'readme') => {
    return entry[file] === undefined ? '' : at.embedded(name, version, file)
  }
  return {
    iconUrl: inside('icon') || webAddress(entry.iconUrl),
    licenseUrl: inside('license') || webAddress(entry.licenseUrl),
    projectUrl: webAddress(entry.projectUrl),
    readmeUrl: inside('readme'),
  }
}

/** Clients fail on what is no address. */
function webAddress(text: string | undefined): string {
  return text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : ''
}

/** A group that needs nothing says that its framework is supported; clients want it without a list. */
function renderGroup(at: Addresses, hive: Hive, { targetFramework, dependencies }: DependencyGroup): JsonObject {
  const known = dependencies.map(({ id, range }) => ({ id, range, registration: at.registration(hive, id) }))
  return {
    ...(targetFramework !== '' && { targetFramework }),
    ...(known.length > 0 && { dependencies: known }),
  }
}

/** The time of an unlisted version is kept, where the public gallery writes the year 1900. */
export function timeOf({ publishedAt }: OpenVersion): string {
  return new Date(publishedAt).toISOString().replace('Z', '+00:00')
}
