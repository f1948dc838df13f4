import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewAsset, ViewVersion } from '../../registry/view.ts'
import { isWheelName } from './filenames.ts'
import { objectOf, textOf } from '../json.ts'
import { filesOf, type ReleaseFile, yankedOf } from './release.ts'

/** Source: PyPA specification, "Simple repository API". */
export const JSON_TYPE = 'application/vnd.pypi.simple.v1+json'
export const HTML_TYPE = 'application/vnd.pypi.simple.v1+html'
export const API_VERSION = '1.4'

/** One file of a project's page. */
interface PageFile {
  readonly filename: string
  /** Relative to the page, so that pages are the same under every host name. */
  readonly url: string
  readonly asset: ViewAsset
  readonly said: ReleaseFile
  readonly version: ViewVersion
}

/** A project's page as JSON. Throws `missing` when no version of it is listed. */
export function renderJson(view: PackageView, endpoint: string): RenderedIndex {
  const versions = listedVersions(view)
  const status = statusOf(view)
  const files = filesOn(versions)
  const document = {
    meta: { 'api-version': API_VERSION },
    name: view.name.name,
    ...(status && { 'project-status': status }),
    versions: versions.filter(({ assets, held }) => assets.length > 0 && !held).map(({ version }) => version),
    files: files.map((file) => jsonFile(file, view.name, endpoint)),
  }
  return { contentType: JSON_TYPE, body: JSON.stringify(document) }
}

/**
 * Never with `dist-info-metadata`, on which pip 22.3 to 23.1 fails; and `yanked` is never '', which pip takes for no.
 * Source: PEP 714; pip's `link.py`.
 */
function jsonFile(file: PageFile, name: PackageName, endpoint: string): object {
  const { said, asset, version } = file
  const coreMetadata = coreMetadataOf(file)
  const uploadTime = uploadTimeOf(said, version)
  return {
    filename: file.filename,
    url: file.url,
    hashes: hashesOf(asset),
    ...(said.requiresPython !== undefined && { 'requires-python': said.requiresPython }),
    ...(coreMetadata !== undefined && { 'core-metadata': coreMetadata }),
    yanked: said.yanked ?? false,
    ...(asset.sizeBytes !== undefined && { size: asset.sizeBytes }),
    ...(uploadTime !== undefined && { 'upload-time': uploadTime }),
    ...(hasProvenance(said) && { provenance: `${endpoint}${provenancePath(name, file)}` }),
  }
}

/** A project's page as HTML, for old pips and for people. Throws `missing` when no version of it is listed. */
export function renderHtml(view: PackageView): RenderedIndex {
  const versions = listedVersions(view)
  const status = statusOf(view)
  const lines = [
    `<meta name="pypi:repository-version" content="${API_VERSION}">`,
    ...(status ? [`<meta name="pypi:project-status" content="${escapeHtml(status.status)}">`] : []),
    ...(status?.reason ? [`<meta name="pypi:project-status-reason" content="${escapeHtml(status.reason)}">`] : []),
    `<title>Links for ${escapeHtml(view.name.name)}</title>`,
  ]
  const anchors = filesOn(versions).map(anchor)
  return { contentType: 'text/html; charset=utf-8', body: page(lines, view.name.name, anchors) }
}

function anchor(file: PageFile): string {
  const { said, asset, version } = file
  const [hash] = Object.entries(hashesOf(asset))
  const coreMetadata = coreMetadataOf(file)
  const metadata = coreMetadata === undefined || coreMetadata === true ? coreMetadata : `sha256=${coreMetadata.sha256}`
  const attributes = {
    href: `${file.url}${hash ? `#${hash.join('=')}` : ''}`,
    'data-requires-python': said.requiresPython,
    'data-core-metadata': metadata?.toString(),
    'data-dist-info-metadata': metadata?.toString(),
    'data-yanked': said.yanked === true ? '' : said.yanked,
    'data-upload-time': uploadTimeOf(said, version),
    'data-size': asset.sizeBytes?.toString(),
  }
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${escapeHtml(value ?? '')}"`)
  return `<a ${written.join(' ')}>${escapeHtml(file.filename)}</a><br>`
}

/** A page of links. Old pips refuse one without a doctype. */
export function page(head: readonly string[], title: string, anchors: readonly string[]): string {
  return [
    '<!DOCTYPE html>',
    '<html>',
    '<head>',
    '<meta charset="utf-8">',
    ...head,
    '</head>',
    '<body>',
    `<h1>${escapeHtml(title)}</h1>`,
    ...anchors,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (special) => `&#${special.charCodeAt(0)};`)
}

export function missingProject(name: string): RegistryError {
  return new RegistryError('missing', `project not found: ${name}`, { resourceType: 'package', resourceId: name })
}

/**
 * The versions that a client may see; a project without any is none. What a rule holds stands there as if it were yanked,
 * for that reason: installers pass over it, and one that is told to take it says why. Throws `missing`.
 */
function listedVersions(view: PackageView): readonly ViewVersion[] {
  const listed = view.versions.filter(({ status, held }) => status === 'Published' || held?.status === 'Published')
  if (listed.length === 0) throw missingProject(view.name.name)
  return listed
}

/** Every file once, by version and name: where two spellings of a version have it, that of the lower one. */
function filesOn(versions: readonly ViewVersion[]): PageFile[] {
  const seen = new Set<string>()
  return versions.flatMap((version) => {
    const said = filesOf(version.document)
    const yanked = version.held?.explanation ?? yankedOf(version.document)
    const fresh = version.assets.filter(({ name }) => !seen.has(name) && seen.add(name))
    return fresh
      .map((asset) => ({
        filename: asset.name,
        url: `${encodeURIComponent(version.version)}/${encodeURIComponent(asset.name)}`,
        asset,
        said: yanked === undefined ? (said[asset.name] ?? {}) : { ...said[asset.name], yanked },
        version,
      }))
      .sort((left, right) => (left.filename < right.filename ? -1 : 1))
  })
}

/** SHA-256 where it is known; else what the upstream gives. */
function hashesOf({ digests }: ViewAsset): Readonly<Record<string, string>> {
  const algorithm = (['sha256', 'sha512', 'sha1', 'md5'] as const).find((name) => digests[name] !== undefined)
  return algorithm === undefined ? {} : { [algorithm]: digests[algorithm] ?? '' }
}

/** Of a wheel that is stored here, its metadata can be read even where nobody has said so. */
function coreMetadataOf({ said, asset, filename }: PageFile): ReleaseFile['coreMetadata'] {
  if (said.coreMetadata !== undefined) return said.coreMetadata
  return asset.isStored && isWheelName(filename) ? true : undefined
}

/** Never a time of ours for what came from outside: clients choose by it, and none is better than a wrong one. */
function uploadTimeOf(said: ReleaseFile, version: ViewVersion): string | undefined {
  if (said.uploadTime !== undefined) return said.uploadTime
  return version.origin.type === 'INTERNAL' ? new Date(version.publishedAt).toISOString() : undefined
}

function hasProvenance(said: ReleaseFile): boolean {
  return said.provenance !== undefined || said.attestations !== undefined
}

/** Below the endpoint. Source: PyPA specification, "Index hosted attestations". */
function provenancePath(name: PackageName, { version, filename }: PageFile): string {
  return `integrity/${name.name}/${encodeURIComponent(version.version)}/${encodeURIComponent(filename)}/provenance`
}

/** What the nearest upstream says of the project as a whole, where it says anything. */
function statusOf(view: PackageView): { readonly status: string; readonly reason?: string } | undefined {
  const said = objectOf(objectOf(view.upstreamDocument)['status'])
  const [status, reason] = [textOf(said['status']), textOf(said['reason'])]
  if (status === undefined || status === 'active') return undefined
  return { status, ...(reason !== undefined && { reason }) }
}
