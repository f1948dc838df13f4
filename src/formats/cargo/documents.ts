import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import { readDocument } from './entry.ts'
import { type JsonObject, objectOf, textOf, textsOf } from '../json.ts'
import { crateFile, crateMissing } from './names.ts'

/** `config.json`: where crates are downloaded from, and that every request needs a token. */
export function renderConfig(endpoint: string): string {
  const api = endpoint.replace(/\/$/, '')
  return JSON.stringify({ dl: `${api}/api/v1/crates`, api, 'auth-required': true })
}

/**
 * One line for each version that can be downloaded, lowest first. An Unlisted one is yanked: lock files that have it go on
 * working. Throws `missing` when there is none. Source: The Cargo Book, "Index Format".
 */
export function renderIndex(view: PackageView): RenderedIndex {
  const lines = openVersions(view).map((version) => `${JSON.stringify(renderLine(version))}\n`)
  return { contentType: 'text/plain; charset=utf-8', body: lines.join('') }
}

/** Clients before 1.84 need every field, whatever its value; those after 1.93 read `pubtime` in exactly this form. */
function renderLine(version: ViewVersion): JsonObject {
  const { entry } = readDocument(version.document)
  const pubtime = textOf(entry['pubtime']) ?? pubtimeOf(version)
  return {
    deps: [],
    features: {},
    links: null,
    ...entry,
    cksum: checksumOf(version),
    yanked: isYanked(version),
    ...(pubtime !== undefined && { pubtime }),
  }
}

/** Of what came from outside only what its own index says: anything else would change when it is fetched. */
function pubtimeOf({ origin, publishedAt }: ViewVersion): string | undefined {
  return origin.type === 'EXTERNAL' ? undefined : new Date(publishedAt).toISOString().replace(/\.\d+Z$/, 'Z')
}

function checksumOf({ document, assets }: ViewVersion): string {
  return textOf(readDocument(document).entry['cksum']) ?? assets[0]?.digests.sha256 ?? ''
}

function isYanked({ status, document }: ViewVersion): boolean {
  return status === 'Unlisted' || readDocument(document).entry['yanked'] === true
}

function openVersions(view: PackageView): readonly ViewVersion[] {
  const open = view.versions.filter(({ status }) => status === 'Published' || status === 'Unlisted')
  if (open.length === 0) throw crateMissing(view.name.name)
  return open
}

/** `GET api/v1/crates/{crate}/versions`, newest first: for tools that ask how old a version is. */
export function renderVersions(view: PackageView): RenderedIndex {
  return json({
    versions: openVersions(view)
      .toReversed()
      .map((version) => renderVersion(view, version)),
  })
}

/** `GET api/v1/crates/{crate}` */
export function renderCrate(view: PackageView): RenderedIndex {
  const open = openVersions(view)
  const listed = open.filter((version) => !isYanked(version))
  const max = listed.at(-1) ?? open.at(-1)!
  const times = open.map(({ publishedAt }) => publishedAt)
  const { entry, manifest = {} } = readDocument(max.document)
  const crate = {
    id: view.name.name,
    name: textOf(entry['name']) ?? view.name.name,
    description: textOf(manifest['description']) ?? null,
    homepage: textOf(manifest['homepage']) ?? null,
    documentation: textOf(manifest['documentation']) ?? null,
    repository: textOf(manifest['repository']) ?? null,
    keywords: textsOf(manifest['keywords']),
    max_version: max.version,
    max_stable_version: listed.findLast(({ version }) => !version.includes('-'))?.version ?? null,
    created_at: new Date(times.reduce((first, time) => Math.min(first, time))).toISOString(),
    updated_at: new Date(times.reduce((last, time) => Math.max(last, time))).toISOString(),
  }
  return json({ crate, versions: open.toReversed().map((version) => renderVersion(view, version)) })
}

function renderVersion({ name }: PackageView, version: ViewVersion): JsonObject {
  const { entry, manifest = {} } = readDocument(version.document)
  const file = version.assets.find((asset) => asset.name === crateFile(name, version.version))
  const createdAt = new Date(version.publishedAt).toISOString()
  const spelling = textOf(entry['name']) ?? name.name
  return {
    crate: spelling,
    num: version.version,
    created_at: createdAt,
    updated_at: createdAt,
    yanked: isYanked(version),
    checksum: checksumOf(version),
    crate_size: file?.sizeBytes ?? null,
    license: textOf(manifest['license']) ?? null,
    rust_version: textOf(entry['rust_version']) ?? null,
    links: textOf(entry['links']) ?? null,
    features: { ...objectOf(entry['features']), ...objectOf(entry['features2']) },
    dl_path: `/api/v1/crates/${spelling}/${version.version}/download`,
  }
}

function json(value: unknown): RenderedIndex {
  return { contentType: 'application/json', body: JSON.stringify(value) }
}
