import type { Reply } from '../../http/call.ts'
import type { Catalogue, CatalogueEntry, CatalogueRules } from '../../registry/catalogue.ts'
import { invalid, RegistryError } from '../../registry/errors.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { spellingOf } from './documents.ts'
import { repositoriesOf } from './metadata.ts'
import { swiftNames } from './names.ts'
import { readRelease } from './release.ts'
import { checkVersion, json } from './replies.ts'

/** Longest address of sources. Unit: characters. Ours. */
const URL_LENGTH_MAX = 2000

/**
 * `GET identifiers?url=`: asked for every dependency that is named by its sources. The address comes without percent-encoding,
 * so all that follows belongs to it. Source: Swift Package Registry Service Specification, 4.5.
 */
export async function readIdentifiers(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  checkVersion(call)
  const key = sourcesKey(readUrl(call.query))
  const identifiers = identifiersOf(await session.catalogue(identifierRules)).get(key)
  if (identifiers.length > 0) return json(200, { identifiers })
  throw new RegistryError('missing', `no package here says that its sources are at ${key}`)
}

function readUrl(query: string): string {
  const [, text = ''] = /(?:^|&)url=(.*)$/s.exec(query) ?? []
  if (text === '' || text.length > URL_LENGTH_MAX) {
    throw invalid('url', text, `must be an address of 1 to ${URL_LENGTH_MAX} characters`)
  }
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Host and path: the same sources have several addresses, as `git@host:path.git` and `https://host/path`. */
export function sourcesKey(url: string): string {
  const text = url.trim().toLowerCase()
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/s.exec(text) ?? []
  const hostAndPath = rest.replace(/^[^/@]*@/, '')
  const slashed = scheme === undefined ? hostAndPath.replace(/^([^/:]+):\/*/, '$1/') : hostAndPath
  return slashed.replace(/\/{1,10}$/, '').replace(/\.git$/, '')
}

/** A line says what is true from then on: a package and where its sources are, or only its name. */
export const identifierRules: CatalogueRules = {
  // No package can be called so, and no upstream is asked for it.
  outside: { format: 'swift', namespace: '', name: '.identifiers' },
  head: '',
  describe,
  renderChange: (name, _before, { items: [line] }) => `${line ?? JSON.stringify([swiftNames.show(name)])}\n`,
  readLines: () => Buffer.alloc(0),
}

function describe(view: PackageView): CatalogueEntry {
  const open = view.versions.filter(({ status }) => status === 'Published')
  const urls = open.flatMap(({ document }) => repositoriesOf(readRelease(document).metadata))
  const keys = [...new Set(urls.filter((url) => url.length <= URL_LENGTH_MAX).map(sourcesKey))].sort()
  return keys.length === 0
    ? { items: [], digest: '' }
    : { items: [JSON.stringify([spellingOf(view), ...keys])], digest: '' }
}

/** Packages by their sources. */
class Identifiers {
  readonly #keysOf = new Map<string, readonly string[]>()
  readonly #byKey = new Map<string, Map<string, string>>()
  /** Of the catalogue. Unit: bytes. */
  #readBytes = 0

  /** In order. */
  get(key: string): readonly string[] {
    return [...(this.#byKey.get(key)?.values() ?? [])].sort()
  }

  /** Takes in what was added to the catalogue since. */
  update(body: Buffer): void {
    if (body.length <= this.#readBytes) return
    const added = body.toString('utf8', this.#readBytes)
    this.#readBytes = body.length
    for (const line of added.split('\n')) if (line !== '') this.#apply(line)
  }

  #apply(line: string): void {
    const [id = '', ...keys] = JSON.parse(line) as string[]
    const name = id.toLowerCase()
    for (const key of this.#keysOf.get(name) ?? []) {
      const ids = this.#byKey.get(key)
      ids?.delete(name)
      if (ids?.size === 0) this.#byKey.delete(key)
    }
    if (keys.length === 0) this.#keysOf.delete(name)
    else this.#keysOf.set(name, keys)
    for (const key of keys) {
      const ids = this.#byKey.get(key)
      if (ids) ids.set(name, id)
      else this.#byKey.set(key, new Map([[name, id]]))
    }
  }
}

/** One for each text; it lives as long. */
const known = new WeakMap<object, Identifiers>()

/** As the catalogue is now, or later. */
export function identifiersOf({ text, body }: Pick<Catalogue, 'text' | 'body'>): Identifiers {
  let identifiers = known.get(text)
  if (!identifiers) {
    identifiers = new Identifiers()
    known.set(text, identifiers)
  }
  identifiers.update(body)
  return identifiers
}
