import { RegistryError } from '../../registry/errors.ts'
import type { VersionStatus } from '../../registry/model.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import type { JsonObject } from '../json.ts'
import { repositoriesOf, showMetadata, showTime } from './metadata.ts'
import { ARCHIVE_ASSET, releaseAddress, swiftNames, versionMissing } from './names.ts'
import { readRelease } from './release.ts'
import { CONTENT_VERSION } from './replies.ts'

/** How a version stands in a list: offered, offered to nobody and said why, or left out. */
const listing: Readonly<Record<VersionStatus, 'offered' | 'gone' | 'hidden'>> = {
  Published: 'offered',
  Unlisted: 'hidden',
  Unfinished: 'hidden',
  Archived: 'gone',
  Disposed: 'gone',
}

/**
 * `GET {scope}/{name}`, highest version first. Which packages lock stays readable while it is Unlisted, and is not listed; a
 * client that resolves passes over what has a problem. Source: Swift Package Registry Service Specification, 4.1.
 */
export function renderReleases(view: PackageView, endpoint: string): RenderedIndex {
  const id = spellingOf(view)
  const releases: Record<string, JsonObject> = {}
  for (const { version, status } of view.versions.toReversed()) {
    if (listing[status] === 'offered') releases[version] = { url: releaseAddress(endpoint, id, version) }
    if (listing[status] === 'gone') releases[version] = { problem: goneProblem(status) }
  }
  return json({ releases }, linkHeader([canonicalLink(view), latestLink(view, endpoint)]))
}

function goneProblem(status: VersionStatus): JsonObject {
  return { status: 410, title: 'Gone', detail: `the release is ${status} in this repository` }
}

/** The name as its publisher writes it; the newest release counts. */
export function spellingOf({ name, versions }: Pick<PackageView, 'name' | 'versions'>): string {
  return toldSpelling(versions) ?? swiftNames.show(name)
}

/** Undefined where no release says it. */
export function toldSpelling(versions: readonly ViewVersion[]): string | undefined {
  const told = versions.findLast(({ document }) => readRelease(document).id !== undefined)
  return told && readRelease(told.document).id
}

/** `GET {scope}/{name}/{version}`. Throws `missing`. Source: Swift Package Registry Service Specification, 4.2. */
export function renderRelease(view: PackageView, endpoint: string, wanted: string): RenderedIndex {
  const version = findOpen(view, wanted)
  const { id, metadata, signature } = readRelease(version.document)
  const archive = version.assets.find(({ name }) => name === ARCHIVE_ASSET)
  const signing = signature && { signatureBase64Encoded: signature.base64, signatureFormat: signature.format }
  const resource = {
    name: 'source-archive',
    type: 'application/zip',
    checksum: archive?.digests.sha256,
    ...(signing && { signing }),
  }
  const release = {
    id: id ?? spellingOf(view),
    version: version.version,
    resources: [resource],
    metadata: showMetadata(metadata),
    publishedAt: showTime(version.publishedAt),
  }
  return json(release, linkHeader([latestLink(view, endpoint), ...neighbourLinks(view, endpoint, version)]))
}

/** What the archive's own answer says of its signature: headers, as text. Throws `missing`. */
export function renderSignature(view: PackageView, wanted: string): RenderedIndex {
  const { signature } = readRelease(findOpen(view, wanted).document)
  const headers = signature && {
    'X-Swift-Package-Signature-Format': signature.format,
    'X-Swift-Package-Signature': signature.base64,
  }
  return { contentType: 'application/json', body: '{}', ...(headers && { headers }) }
}

/** Published or Unlisted. Throws `missing`. */
function findOpen(view: PackageView, wanted: string): ViewVersion {
  const found = view.versions.find(({ version }) => version === wanted)
  if (found?.status === 'Published' || found?.status === 'Unlisted') return found
  const missing = versionMissing(spellingOf(view), wanted)
  if (!found) throw missing
  throw new RegistryError('missing', missing.message, {
    ...missing.details,
    explanation: `The release is ${found.status}.`,
  })
}

function listed({ versions }: PackageView): readonly ViewVersion[] {
  return versions.filter(({ status }) => listing[status] === 'offered')
}

/** The highest that is no prerelease, if there is one. */
function latestLink(view: PackageView, endpoint: string): string | undefined {
  const offered = listed(view)
  const latest = offered.findLast(({ version }) => !/^[^+]*-/.test(version)) ?? offered.at(-1)
  return latest && releaseLink(view, endpoint, latest, 'latest-version')
}

function neighbourLinks(view: PackageView, endpoint: string, { version }: ViewVersion): (string | undefined)[] {
  const offered = listed(view)
  const compare = (each: ViewVersion) => swiftNames.compareVersions(each.version, version)
  const next = offered.find((each) => compare(each) > 0)
  const previous = offered.findLast((each) => compare(each) < 0)
  return [
    next && releaseLink(view, endpoint, next, 'successor-version'),
    previous && releaseLink(view, endpoint, previous, 'predecessor-version'),
  ]
}

function releaseLink(view: PackageView, endpoint: string, { version }: ViewVersion, rel: string): string {
  return `<${releaseAddress(endpoint, spellingOf(view), version)}>; rel="${rel}"`
}

/** Where its sources are. Clients split at commas and semicolons, wherever they stand. */
function canonicalLink(view: PackageView): string | undefined {
  const newest = listed(view).at(-1)
  const url = newest && repositoriesOf(readRelease(newest.document).metadata).find((each) => /^https?:\/\//.test(each))
  if (url === undefined || !/^[\x21-\x7e]{1,500}$/.test(url) || /[,;<>"]/.test(url)) return undefined
  return `<${url}>; rel="canonical"`
}

function linkHeader(links: readonly (string | undefined)[]): Record<string, string> {
  const told = links.filter((link) => link !== undefined)
  return told.length === 0 ? {} : { Link: told.join(', ') }
}

function json(value: unknown, headers: Readonly<Record<string, string>>): RenderedIndex {
  return {
    contentType: 'application/json',
    body: JSON.stringify(value),
    headers: { ...CONTENT_VERSION, ...headers },
  }
}
