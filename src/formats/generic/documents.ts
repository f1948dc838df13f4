import { RegistryError } from '../../registry/errors.ts'
import type { Asset } from '../../registry/model.ts'
import type { PublishedAsset } from '../../registry/publish-asset.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewVersion } from '../../registry/view.ts'

/** The Published versions of a package, newest first. */
export function renderVersions(view: PackageView): RenderedIndex {
  const listed = view.versions
    .filter(({ status }) => status === 'Published')
    .toSorted((left, right) => right.publishedAt - left.publishedAt || (left.version < right.version ? -1 : 1))
  const versions = listed.map(({ version, publishedAt, assets }) => ({
    version,
    published: new Date(publishedAt).toISOString(),
    assets: assets.length,
  }))
  return json({ namespace: view.name.namespace, package: view.name.name, versions })
}

/** What a version holds. Throws `missing` unless it can be downloaded. */
export function renderAssets(view: PackageView, wanted: string): RenderedIndex {
  const found = view.versions.find(({ version }) => version === wanted)
  if (!found || !isOpen(found)) throw versionMissing(view, wanted)
  const { version, status, publishedAt } = found
  const assets = found.assets.map(({ name, sizeBytes, digests }) => ({ name, size: sizeBytes, ...digests }))
  const published = new Date(publishedAt).toISOString()
  return json({ namespace: view.name.namespace, package: view.name.name, version, status, published, assets })
}

/** What a PUT has made. */
export function renderPublished({ asset, status, revision }: PublishedAsset): string {
  return `${JSON.stringify({ status, revision, asset: shownAsset(asset) })}\n`
}

function shownAsset({ name, sizeBytes, ...digests }: Asset) {
  return { name, size: sizeBytes, ...digests }
}

function isOpen({ status }: ViewVersion): boolean {
  return status === 'Published' || status === 'Unlisted'
}

function versionMissing({ name }: PackageView, version: string): RegistryError {
  const shown = `${name.namespace}/${name.name}`
  return new RegistryError('missing', `package '${shown}' has no version '${version.slice(0, 255)}' to download here`, {
    resourceType: 'package-version',
  })
}

function json(value: unknown): RenderedIndex {
  return { contentType: 'application/json', body: `${JSON.stringify(value)}\n` }
}
