import type { Catalogue, CatalogueEntry, CatalogueRules } from '../../registry/catalogue.ts'
import type { PackageView } from '../../registry/view.ts'
import { type OpenVersion, openVersions, spellingOf } from './documents.ts'

/** What a search may see: versions before SemVer 2 only, or all; releases only, or all. */
export interface Visibility {
  readonly semVer2: 'hidden' | 'shown'
  readonly prereleases: 'hidden' | 'shown'
}

/** One package, as a line of the catalogue: what a search needs to find it, and no more. */
export interface FoundPackage {
  readonly id: string
  /** One bit for each visibility under which it has a listed version; see `bitOf`. */
  readonly visible: number
  readonly words: readonly string[]
}

export function bitOf({ semVer2, prereleases }: Visibility): number {
  return 1 << ((semVer2 === 'shown' ? 2 : 0) + (prereleases === 'shown' ? 1 : 0))
}

const visibilities: readonly Visibility[] = (['hidden', 'shown'] as const).flatMap((semVer2) => {
  return (['hidden', 'shown'] as const).map((prereleases) => ({ semVer2, prereleases }))
})

/** Says whether a search may show a version. */
export function isVisible(version: OpenVersion, { semVer2, prereleases }: Visibility): boolean {
  if (!version.isListed) return false
  return (semVer2 === 'shown' || !version.isSemVer2) && (prereleases === 'shown' || !version.isPrerelease)
}

/** A line says what is true from then on: a package and its words, or only an id for one that is gone. */
export const searchRules: CatalogueRules = {
  // No package can be called so, and no upstream is asked for it.
  outside: { format: 'nuget', namespace: '', name: '.search' },
  head: '',
  describe,
  renderChange: ({ name }, _before, { items: [line] }) => `${line ?? JSON.stringify([name])}\n`,
  readLines: () => Buffer.alloc(0),
}

function describe(view: PackageView): CatalogueEntry {
  const isOpen = view.versions.some(({ status }) => status === 'Published')
  const versions = isOpen ? openVersions(view) : []
  const visible = visibilities
    .filter((visibility) => versions.some((version) => isVisible(version, visibility)))
    .reduce((bits, visibility) => bits | bitOf(visibility), 0)
  const newest = versions.findLast(({ isListed }) => isListed)
  if (visible === 0 || !newest) return { items: [], digest: '' }
  const id = spellingOf(view.name, versions)
  return { items: [JSON.stringify([id, visible, wordsOf(id, newest)])], digest: '' }
}

/** `tag:`, `author:` and `type:` stand before words that a search may ask for by themselves. */
function wordsOf(id: string, { entry }: OpenVersion): string[] {
  const words = new Set([id.toLowerCase(), ...splitWords(id), ...splitWords(entry.title ?? '')])
  for (const tag of entry.tags) words.add(tag.toLowerCase()).add(`tag:${tag.toLowerCase()}`)
  for (const author of splitWords(entry.authors ?? '')) words.add(`author:${author}`)
  for (const type of typesOf(entry)) words.add(typeWord(type))
  return [...words]
}

/** Source: NuGet documentation, "Package types": who says nothing is a dependency. */
export function typesOf({ packageTypes }: OpenVersion['entry']): readonly string[] {
  return packageTypes.length > 0 ? packageTypes : ['Dependency']
}

/** Ends with what no type has, so that it begins no other. */
export function typeWord(type: string): string {
  return `type:${type.toLowerCase()};`
}

/** At everything that is neither letter nor digit, and where an upper case letter begins a word. */
export function splitWords(text: string): string[] {
  const parts = text.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '')
  const humps = parts.flatMap((part) => part.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u))
  return [...new Set([...parts, ...humps].map((part) => part.toLowerCase()))]
}

/** Packages by the beginnings of their words. */
export interface SearchIndex {
  /** In order of their ids. */
  readonly packages: readonly FoundPackage[]
  /** Positions in `packages` of all that a search may see. */
  visible(visibility: Visibility): readonly number[]
  /** Positions in `packages` of those that have a word which begins so. */
  startingWith(prefix: string): ReadonlySet<number>
}

/** A catalogue never changes, so neither does what is made of it: it lives as long. */
const indexes = new WeakMap<Catalogue, SearchIndex>()

/** Made once for each state of the catalogue. */
export function searchIndexOf(catalogue: Catalogue): SearchIndex {
  let index = indexes.get(catalogue)
  if (!index) {
    index = buildIndex(readLines(catalogue.body))
    indexes.set(catalogue, index)
  }
  return index
}

function readLines(body: Buffer): FoundPackage[] {
  const found = new Map<string, FoundPackage>()
  for (const line of body.toString('utf8').split('\n')) {
    if (line === '') continue
    const [id, visible, words] = JSON.parse(line) as [string, number?, string[]?]
    if (visible === undefined || !words) found.delete(id.toLowerCase())
    else found.set(id.toLowerCase(), { id, visible, words })
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each)
}

function buildIndex(packages: readonly FoundPackage[]): SearchIndex {
  const byWord = new Map<string, number[]>()
  packages.forEach(({ words }, position) => {
    for (const word of words) {
      const positions = byWord.get(word)
      if (positions) positions.push(position)
      else byWord.set(word, [position])
    }
  })
  const words = [...byWord.keys()].sort()
  const visible = new Map<number, readonly number[]>()
  return {
    packages,
    visible(visibility) {
      const bit = bitOf(visibility)
      const known =
        visible.get(bit) ?? packages.flatMap((each, position) => ((each.visible & bit) === 0 ? [] : [position]))
      visible.set(bit, known)
      return known
    },
    startingWith(prefix) {
      const found = new Set<number>()
      for (let at = firstAtLeast(words, prefix); words[at]?.startsWith(prefix) === true; at++) {
        for (const position of byWord.get(words[at] ?? '') ?? []) found.add(position)
      }
      return found
    },
  }
}

function firstAtLeast(words: readonly string[], wanted: string): number {
  let [low, high] = [0, words.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((words[middle] ?? '') < wanted) low = middle + 1
    else high = middle
  }
  return low
}
