import { RegistryError } from '../../registry/errors.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { Addresses, Hive } from './addresses.ts'
import { json, type OpenVersion, openVersions, packageMissing, renderEntry, timeOf } from './documents.ts'
import type { JsonObject } from '../json.ts'

/** Versions per page, and from how many on pages stand by themselves. Unit: versions. Source: the public gallery's practice. */
const PAGE_VERSIONS = 64
const INLINE_VERSIONS_MAX = 127

/** Whose registrations: of one repository, in one hive. */
export interface Registrations {
  readonly at: Addresses
  readonly hive: Hive
}

/** `{id}/index.json`. Source: NuGet documentation, "Package metadata". */
export function renderRegistration(view: PackageView, of: Registrations): RenderedIndex {
  const versions = versionsIn(view, of)
  const pages = chunk(versions)
  const items = pages.map((page) =>
    renderPage(view, of, page, versions.length > INLINE_VERSIONS_MAX ? 'apart' : 'inline'),
  )
  return json({
    '@id': of.at.registration(of.hive, view.name.name),
    '@type': ['catalog:CatalogRoot', 'PackageRegistration', 'catalog:Permalink'],
    count: items.length,
    items,
  })
}

/** One page, by its lowest and its highest version. Throws `missing`. */
export function renderRegistrationPage(
  view: PackageView,
  of: Registrations,
  { lower, upper }: { readonly lower: string; readonly upper: string },
): RenderedIndex {
  const found = chunk(versionsIn(view, of)).find((page) => page[0]?.version === lower && page.at(-1)?.version === upper)
  if (found) return json(renderPage(view, of, found, 'inline'))
  throw new RegistryError('missing', `package '${view.name.name}' has no page from ${lower} to ${upper} any more`)
}

/** `{id}/{version}.json`. Throws `missing`. */
export function renderRegistrationLeaf(view: PackageView, of: Registrations, version: string): RenderedIndex {
  const open = versionsIn(view, of).find((candidate) => candidate.version === version)
  if (!open) throw versionMissing(view, version)
  const { at, hive } = of
  const leaf = at.leaf(hive, view.name, version)
  return json({
    '@id': leaf,
    '@type': ['Package', 'catalog:Permalink'],
    catalogEntry: `${leaf}#entry`,
    listed: open.isListed,
    packageContent: at.packageContent(view.name, version),
    published: timeOf(open),
    registration: at.registration(hive, view.name.name),
  })
}

function versionMissing({ name }: PackageView, version: string): RegistryError {
  return new RegistryError('missing', `there is no version ${version} of package '${name.name}' here`, {
    resourceType: 'package-version',
  })
}

function versionsIn(view: PackageView, { hive }: Registrations): readonly OpenVersion[] {
  const open = openVersions(view).filter((version) => hive === 'SemVer 2' || !version.isSemVer2)
  if (open.length === 0) throw packageMissing(view.name)
  return open
}

function chunk(versions: readonly OpenVersion[]): (readonly OpenVersion[])[] {
  const pages: (readonly OpenVersion[])[] = []
  for (let at = 0; at < versions.length; at += PAGE_VERSIONS) pages.push(versions.slice(at, at + PAGE_VERSIONS))
  return pages
}

function renderPage(
  { name }: PackageView,
  { at, hive }: Registrations,
  page: readonly OpenVersion[],
  versions: 'inline' | 'apart',
): JsonObject {
  const lower = page[0]?.version ?? ''
  const upper = page.at(-1)?.version ?? ''
  const registration = at.registration(hive, name.name)
  const items = page.map((open) => ({
    '@id': at.leaf(hive, name, open.version),
    '@type': 'Package',
    catalogEntry: renderEntry(at, hive, name, open),
    packageContent: at.packageContent(name, open.version),
    registration,
  }))
  return {
    '@id': at.page(hive, name, lower, upper),
    '@type': 'catalog:CatalogPage',
    count: page.length,
    lower,
    upper,
    parent: registration,
    ...(versions === 'inline' && { items }),
  }
}
