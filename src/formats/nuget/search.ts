import type { Reply } from '../../http/call.ts'
import { invalid, RegistryError } from '../../registry/errors.ts'
import type { RenderedIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { type Addresses, addressesBelow } from './addresses.ts'
import { json, linksOf, type OpenVersion, openVersions, packageMissing, spellingOf } from './documents.ts'
import { packageOrMissing, parsePackage } from './names.ts'
import { plainJson } from './replies.ts'
import {
  bitOf,
  type FoundPackage,
  isVisible,
  type SearchIndex,
  searchIndexOf,
  searchRules,
  splitWords,
  typesOf,
  typeWord,
  type Visibility,
} from './search-index.ts'

/** Packages per answer when the client does not say, and at most. Source: NuGet documentation, "Search". */
const TAKE_DEFAULT = 20
const TAKE_MAX = 1000

/** Of more than these, those that match are picked from all in order. Unit: packages. Ours. */
const SORTED_MAX = 5000

/** Packages of one answer that are looked up at once. Ours. */
const LOOKED_UP_AT_ONCE = 20

/** `GET v3/query`: of the packages that this repository and those behind it hold. */
export async function search(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const { found, total, visibility } = await find(call, session)
  const at = addressesBelow(call.endpoint)
  const key = `search ${bitOf(visibility)} ${call.endpoint}`
  const data: string[] = []
  for (let start = 0; start < found.length; start += LOOKED_UP_AT_ONCE) {
    const hits = found.slice(start, start + LOOKED_UP_AT_ONCE).map(async ({ id }) => {
      const index = await session.index(parsePackage(id), key, (view) => renderHit(view, at, visibility))
      return index.identity.toString('utf8')
    })
    for (const hit of await Promise.allSettled(hits)) {
      if (hit.status === 'fulfilled') data.push(hit.value)
      else if (!isGone(hit.reason)) throw hit.reason
    }
  }
  return plainJson(`{"totalHits":${total},"data":[${data.join(',')}]}`)
}

/** Since the catalogue was made; or its upstream cannot say whether more is there. */
function isGone(error: unknown): boolean {
  return error instanceof RegistryError && (error.kind === 'missing' || error.kind === 'unavailable')
}

/** `GET v3/autocomplete`: ids that a text may be the beginning of, or with `id` the versions of one package. */
export async function autocomplete(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const query = new URLSearchParams(call.query)
  const id = query.get('id')
  if (id !== null) return completeVersions(session, id, readVisibility(query))
  const { found, total } = await find(call, session)
  return plainJson(JSON.stringify({ totalHits: total, data: found.map((each) => each.id) }))
}

async function completeVersions(session: RepositorySession, id: string, visibility: Visibility): Promise<Reply> {
  session.authorizeRead()
  const index = await session.index(packageOrMissing(id), `complete ${bitOf(visibility)}`, (view) => {
    const open = openVersions(view).filter((version) => isVisible(version, visibility))
    return json({ data: open.map(({ version }) => version) })
  })
  return plainJson(index.identity)
}

interface Finding {
  readonly found: readonly FoundPackage[]
  readonly total: number
  readonly visibility: Visibility
}

async function find(call: PackageCall, session: RepositorySession): Promise<Finding> {
  session.authorizeRead()
  const query = new URLSearchParams(call.query)
  const visibility = readVisibility(query)
  const [skip, take] = [readCount(query, 'skip', 0), Math.min(readCount(query, 'take', TAKE_DEFAULT), TAKE_MAX)]
  const index = searchIndexOf(await session.catalogue(searchRules))
  const matching = findMatching(index, query, visibility)
  const found = matching.slice(skip, skip + take).flatMap((id) => index.get(id) ?? [])
  return { found, total: matching.length, visibility }
}

function readVisibility(query: URLSearchParams): Visibility {
  return {
    semVer2: /^2(?:\.|$)/.test(query.get('semVerLevel') ?? '') ? 'shown' : 'hidden',
    prereleases: query.get('prerelease')?.toLowerCase() === 'true' ? 'shown' : 'hidden',
  }
}

function readCount(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? ''
  if (text === '') return otherwise
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw invalid(name, text, 'must be a whole number from 0')
}

/** The best first: the package that is called so, those whose ids begin so, then all others in order. */
function findMatching(index: SearchIndex, query: URLSearchParams, visibility: Visibility): readonly string[] {
  const text = (query.get('q') ?? '').toLowerCase().replaceAll('*', '').trim()
  const type = query.get('packageType') ?? query.get('packageTypes') ?? query.get('packageTypeFilter') ?? ''
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  const sets = [
    ...words.map((word) => findWord(index, word)),
    ...(type === '' ? [] : [index.startingWith(typeWord(type))]),
  ].sort((left, right) => left.size - right.size)
  const [smallest, ...others] = sets
  if (!smallest) return index.visible(visibility)
  const bit = bitOf(visibility)
  // What is already in order need not be put into it.
  const isLarge = smallest.size > SORTED_MAX
  const candidates = isLarge ? index.visible(visibility).filter((id) => smallest.has(id)) : [...smallest].sort()
  const found = candidates.filter(
    (id) => ((index.get(id)?.visible ?? 0) & bit) !== 0 && others.every((set) => set.has(id)),
  )
  const [first = ''] = words
  const [called, rest] = split(found, (id) => id === first)
  const [beginning, elsewhere] = split(rest, (id) => id.startsWith(first))
  return [...called, ...beginning, ...elsewhere]
}

function split(ids: readonly string[], isFirst: (id: string) => boolean): readonly [string[], string[]] {
  const sides: [string[], string[]] = [[], []]
  for (const id of ids) sides[isFirst(id) ? 0 : 1].push(id)
  return sides
}

/** Source: NuGet documentation, "Search syntax": what stands before the colon narrows where to look. */
function findWord(index: SearchIndex, word: string): ReadonlySet<string> {
  const [, field = '', value = ''] = /^(packageid|id|tags?|authors?|title|version|owners?):(.*)$/.exec(word) ?? []
  switch (field) {
    case 'packageid':
      return exactly(index, value)
    case 'tag':
    case 'tags':
      return index.startingWith(`tag:${value}`)
    case 'author':
    case 'authors':
      return index.startingWith(`author:${value}`)
    case '':
      return findText(index, word)
    default:
      return findText(index, value)
  }
}

function exactly(index: SearchIndex, id: string): ReadonlySet<string> {
  return new Set(index.get(id) ? [id] : [])
}

/** As one word; or else all its parts, wherever they stand. */
function findText(index: SearchIndex, text: string): ReadonlySet<string> {
  const whole = index.startingWith(text)
  const parts = splitWords(text)
  if (whole.size > 0 || parts.length < 2) return whole
  const [first = new Set<string>(), ...others] = parts.map((part) => index.startingWith(part))
  return new Set([...first].filter((id) => others.every((set) => set.has(id))))
}

/** Source: NuGet documentation, "Search", search result. Nothing here has owners or counts downloads. */
function renderHit(view: PackageView, at: Addresses, visibility: Visibility): RenderedIndex {
  const versions = openVersions(view)
  const visible = versions.filter((version) => isVisible(version, visibility))
  const latest = visible.at(-1)
  if (!latest) throw packageMissing(view.name)
  const registration = at.registration('SemVer 2', view.name.name)
  const { entry } = latest
  const { readmeUrl: _, ...links } = linksOf(at, view.name, latest)
  return json({
    '@id': registration,
    '@type': 'Package',
    registration,
    id: spellingOf(view.name, versions),
    version: entry.version,
    description: entry.description ?? '',
    summary: entry.summary ?? '',
    title: entry.title ?? '',
    ...links,
    tags: entry.tags,
    authors: (entry.authors ?? '')
      .split(',')
      .map((author) => author.trim())
      .filter((author) => author !== ''),
    owners: [],
    totalDownloads: 0,
    verified: false,
    packageTypes: typesOf(entry).map((name) => ({ name })),
    versions: visible.map((version) => renderVersion(view, at, version)),
    ...(entry.deprecation && { deprecation: entry.deprecation }),
    vulnerabilities: entry.vulnerabilities,
  })
}

function renderVersion({ name }: PackageView, at: Addresses, { version, entry }: OpenVersion) {
  return { version: entry.version, downloads: 0, '@id': at.leaf('SemVer 2', name, version) }
}
