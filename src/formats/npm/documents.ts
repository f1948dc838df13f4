import { createHash } from 'node:crypto'
import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import type { JsonObject } from '../json.ts'
import { objectOf, textOf } from '../json.ts'
import { abbreviatedManifest, deprecationOf, fullManifest } from './manifests.ts'
import { showPackage } from './names.ts'
import { compareVersions, isPrerelease } from './versions.ts'

const FULL_TYPE = 'application/json'
const ABBREVIATED_TYPE = 'application/vnd.npm.install-v1+json'

/** Longest readme in a packument. Unit: characters. Source: npm/registry, "package-metadata". */
const README_LENGTH_MAX = 65_536

/** What a packument says of the package as a whole, taken from the version that `latest` names. */
const hoistedFields = [
  'description',
  'homepage',
  'keywords',
  'repository',
  'bugs',
  'author',
  'license',
  'maintainers',
  'contributors',
  'readmeFilename',
] as const

/** Everything about a package. Throws `missing` when no version of it is listed. */
export function renderFull(view: PackageView, endpoint: string): RenderedIndex {
  const listed = listedVersions(view)
  const tags = tagsOf(view)
  const document = {
    _id: showPackage(view.name),
    _rev: revisionOf(view),
    name: showPackage(view.name),
    ...hoist(view, tags.get('latest')),
    'dist-tags': Object.fromEntries(tags),
    versions: manifestsOf(listed, (version) => fullManifest(view.name, version, endpoint)),
    time: timesOf(view, listed),
  }
  return { contentType: FULL_TYPE, body: JSON.stringify(document) }
}

/** What an installation needs; with `time`, as pnpm and Yarn would ask a second time without. Throws `missing`. */
export function renderAbbreviated(view: PackageView, endpoint: string): RenderedIndex {
  const listed = listedVersions(view)
  const document = {
    name: showPackage(view.name),
    modified: new Date(view.changedAt).toISOString(),
    'dist-tags': Object.fromEntries(tagsOf(view)),
    versions: manifestsOf(listed, (version) => abbreviatedManifest(view.name, version, endpoint)),
    time: timesOf(view, listed),
  }
  return { contentType: ABBREVIATED_TYPE, body: JSON.stringify(document) }
}

/** One version's full manifest, by its number or by a tag. Throws `missing`. */
export function renderManifest(view: PackageView, wanted: string, endpoint: string): RenderedIndex {
  const number = tagsOf(view).get(wanted) ?? wanted
  const version = listedVersions(view).find((candidate) => candidate.version === number)
  if (!version) throw missingOrHeld(view, wanted, number)
  return { contentType: FULL_TYPE, body: JSON.stringify(fullManifest(view.name, version, endpoint)) }
}

/** A version that a rule holds is there, and refused. */
function missingOrHeld(view: PackageView, wanted: string, number: string): RegistryError {
  const held = view.versions.find(({ version }) => version === number)?.held
  if (!held) return missingVersion(wanted)
  const { explanation } = held
  return new RegistryError('denied', explanation, { resourceType: 'package-version', explanation })
}

export function missingVersion(wanted: string): RegistryError {
  return new RegistryError('missing', `version not found: ${wanted}`, {
    resourceType: 'package-version',
    resourceId: wanted,
  })
}

export function missingPackage(name: PackageName | string): RegistryError {
  const shown = typeof name === 'string' ? name : showPackage(name)
  return new RegistryError('missing', `package not found: ${shown}`, { resourceType: 'package', resourceId: shown })
}

/** The versions that a client may see; a package without any is none. Throws `missing`. */
function listedVersions(view: PackageView): readonly ViewVersion[] {
  const listed = view.versions.filter((version) => version.status === 'Published')
  if (listed.length === 0) throw missingPackage(view.name)
  return listed
}

/** Every tag that names a listed version; `latest` always does, as clients resolve a bare name through it. */
export function tagsOf(view: PackageView): ReadonlyMap<string, string> {
  const listed = new Set<string>()
  for (const version of view.versions) if (version.status === 'Published') listed.add(version.version)
  const tags = [...view.tags].filter(([, version]) => listed.has(version))
  const isNamed = listed.has(view.tags.get('latest') ?? '')
  const highest = isNamed ? undefined : highestOf([...listed])
  return new Map(highest === undefined ? tags : [['latest', highest], ...tags])
}

/** The highest release, else the highest of all. */
function highestOf(versions: readonly string[]): string | undefined {
  const releases = versions.filter((version) => !isPrerelease(version))
  const candidates = releases.length > 0 ? releases : versions
  return candidates.reduce<string | undefined>(
    (best, version) => (best === undefined || compareVersions(version, best) > 0 ? version : best),
    undefined,
  )
}

function manifestsOf(versions: readonly ViewVersion[], render: (version: ViewVersion) => JsonObject): JsonObject {
  return Object.fromEntries(versions.map((version) => [version.version, render(version)]))
}

function timesOf(view: PackageView, listed: readonly ViewVersion[]): JsonObject {
  const created = listed.reduce((first, version) => Math.min(first, version.publishedAt), Number.MAX_SAFE_INTEGER)
  const times = listed.map((version) => [version.version, new Date(version.publishedAt).toISOString()] as const)
  return {
    created: new Date(created).toISOString(),
    modified: new Date(view.changedAt).toISOString(),
    ...Object.fromEntries(times),
  }
}

function hoist(view: PackageView, latest: string | undefined): JsonObject {
  const version = view.versions.find((candidate) => candidate.version === latest)
  const manifest = objectOf(version?.document)
  const outside = version?.origin.type === 'EXTERNAL' ? objectOf(view.upstreamDocument) : {}
  const fields: Record<string, unknown> = {}
  for (const field of hoistedFields) {
    const value = manifest[field] ?? outside[field]
    if (value !== undefined) fields[field] = value
  }
  const readme = textOf(outside['readme']) ?? textOf(manifest['readme'])
  if (readme !== undefined) fields['readme'] = readme.slice(0, README_LENGTH_MAX)
  return fields
}

/**
 * What a client sends back with a change, so that nobody overwrites what he has not seen: `N-hex` as CouchDB had it. Made
 * only of what this repository holds itself, as nothing else can be changed here and upstreams change at any time.
 */
export function revisionOf(view: PackageView): string {
  const own = view.versions.filter((version) => version.holder === 'own')
  const hash = createHash('sha256')
  for (const { version, status, document } of own) {
    hash.update(JSON.stringify([version, status, deprecationOf(document) ?? '']))
  }
  const held = new Set(own.map(({ version }) => version))
  const tags = [...view.tags].filter(([, version]) => held.has(version)).map((entry) => entry.join(' '))
  hash.update(tags.sort().join('\n'))
  return `${own.length}-${hash.digest('hex').slice(0, 32)}`
}
