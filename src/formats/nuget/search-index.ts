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

/** Packages by the beginnings of their words; ids stand in lower case. */
export class SearchIndex {
  readonly #packages = new Map<string, FoundPackage>()
  /** Most words belong to one package only, and need no set. */
  readonly #byWord = new Map<string, string | Set<string>>()
  readonly #visible = new Map<number, readonly string[]>()
  /** In order; those that are new come to their places when the order is needed. */
  #words: string[] = []
  #newWords: string[] = []
  /** Of the catalogue. Unit: bytes. */
  #readBytes = 0

  /** Takes in what was added to the catalogue since. */
  update(body: Buffer): void {
    if (body.length <= this.#readBytes) return
    const added = body.toString('utf8', this.#readBytes)
    this.#readBytes = body.length
    for (const line of added.split('\n')) if (line !== '') this.#apply(line)
    this.#visible.clear()
  }

  get(id: string): FoundPackage | undefined {
    return this.#packages.get(id)
  }

  /** All that a search may see, in order. */
  visible(visibility: Visibility): readonly string[] {
    const bit = bitOf(visibility)
    let found = this.#visible.get(bit)
    if (!found) {
      found = [...this.#packages].flatMap(([id, { visible }]) => ((visible & bit) === 0 ? [] : [id])).sort()
      this.#visible.set(bit, found)
    }
    return found
  }

  /** Those that have a word which begins so. */
  startingWith(prefix: string): ReadonlySet<string> {
    // Two runs in order are merged, not sorted.
    if (this.#newWords.length > 0) this.#words = [...this.#words, ...this.#newWords.sort()].sort()
    this.#newWords = []
    const found = new Set<string>()
    for (let at = firstAtLeast(this.#words, prefix); this.#words[at]?.startsWith(prefix) === true; at++) {
      const ids = this.#byWord.get(this.#words[at] ?? '') ?? ''
      if (typeof ids !== 'string') for (const id of ids) found.add(id)
      else if (ids !== '') found.add(ids)
    }
    return found
  }

  #apply(line: string): void {
    const [id, visible, words] = JSON.parse(line) as [string, number?, string[]?]
    const key = id.toLowerCase()
    for (const word of this.#packages.get(key)?.words ?? []) this.#remove(word, key)
    this.#packages.delete(key)
    if (visible === undefined || !words) return
    this.#packages.set(key, { id, visible, words })
    for (const word of words) this.#add(word, key)
  }

  #add(word: string, key: string): void {
    const known = this.#byWord.get(word)
    if (known === undefined) this.#newWords.push(word)
    if (known === undefined || known === '' || known === key) this.#byWord.set(word, key)
    else if (typeof known === 'string') this.#byWord.set(word, new Set([known, key]))
    else known.add(key)
  }

  #remove(word: string, key: string): void {
    const known = this.#byWord.get(word)
    if (known === key) this.#byWord.set(word, '')
    else if (typeof known === 'object') known.delete(key)
  }
}

/** One for each text; it lives as long. */
const indexes = new WeakMap<object, SearchIndex>()

/** As the catalogue is now, or later. */
export function searchIndexOf({ text, body }: Pick<Catalogue, 'text' | 'body'>): SearchIndex {
  let index = indexes.get(text)
  if (!index) {
    index = new SearchIndex()
    indexes.set(text, index)
  }
  index.update(body)
  return index
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
