import type { Reply } from '../../http/call.ts'
import type { Catalogue, CatalogueRules } from '../../registry/catalogue.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { openVersions } from './documents.ts'
import { sourceOf } from './embedded.ts'
import { parsePackage, symbolsFile } from './names.ts'
import { openPackage } from './package-archive.ts'

/** Where a file for debuggers stands: package, version, path inside its symbol package. */
type Place = readonly [id: string, version: string, path: string]

/** A line for each package with symbols that debuggers can ask for: what it is called, and where each file stands. */
const symbolRules: CatalogueRules = {
  // No package can be called so, and no upstream is asked for it.
  outside: { format: 'nuget', namespace: '', name: '.symbols' },
  head: '',
  describe: (view) => ({ items: describe(view), digest: '' }),
  renderChange: ({ name }, _before, { items }) => `${JSON.stringify([name, items])}\n`,
  readLines: () => Buffer.alloc(0),
}

/** `{key} {version} {path}`; a version has no space in it. */
function describe(view: PackageView): string[] {
  if (!view.versions.some(({ status }) => status === 'Published' || status === 'Unlisted')) return []
  return openVersions(view).flatMap(({ version, entry }) => {
    return (entry.symbols ?? []).map(({ key, path }) => `${key} ${version} ${path}`)
  })
}

/** `{file}/{key}`: two files of one build differ in their names too. */
function addressOf(file: string, key: string): string {
  return `${file}/${key}`.toLowerCase()
}

/** Files for debuggers by their address. */
class SymbolIndex {
  readonly #places = new Map<string, Place>()
  readonly #byPackage = new Map<string, readonly string[]>()
  /** Of the catalogue. Unit: bytes. */
  #readBytes = 0

  /** Takes in what was added to the catalogue since. */
  update(body: Buffer): void {
    const added = body.toString('utf8', Math.min(this.#readBytes, body.length))
    this.#readBytes = Math.max(this.#readBytes, body.length)
    for (const line of added.split('\n')) if (line !== '') this.#apply(line)
  }

  find(file: string, key: string): Place | undefined {
    return this.#places.get(addressOf(file, key))
  }

  #apply(line: string): void {
    const [id, items] = JSON.parse(line) as [string, readonly string[]]
    for (const address of this.#byPackage.get(id) ?? []) this.#places.delete(address)
    const places = items.map((item) => {
      const [key = '', version = '', ...path] = item.split(' ')
      const place: Place = [id, version, path.join(' ')]
      return [addressOf(place[2].split('/').at(-1) ?? '', key), place] as const
    })
    for (const [address, place] of places) this.#places.set(address, place)
    const addresses = places.map(([address]) => address)
    if (addresses.length > 0) this.#byPackage.set(id, addresses)
    else this.#byPackage.delete(id)
  }
}

/** One for each text; it lives as long. */
const indexes = new WeakMap<object, SymbolIndex>()

function symbolIndexOf({ text, body }: Catalogue): SymbolIndex {
  const index = indexes.get(text) ?? new SymbolIndex()
  indexes.set(text, index)
  index.update(body)
  return index
}

/** `GET v3/symbols/{file}/{key}/{file}`: what a debugger lacks. Source: dotnet/symstore, "SSQP Key Conventions". */
export async function readSymbolFile(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const { file = '', key = '', name = '' } = call.params
  const place = symbolIndexOf(await session.catalogue(symbolRules)).find(file, key)
  if (!place || name.toLowerCase() !== file.toLowerCase()) throw missingSymbols(file)
  const [id, version, path] = place
  const located = await session.locateAsset(parsePackage(id), version, symbolsFile(parsePackage(id), version))
  if (located.kind !== 'stored') throw missingSymbols(file)
  const archive = await openPackage(await sourceOf(located.opened), 'lenient')
  const { sizeBytes, body } = await archive.open(path)
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': sizeBytes,
    'Cache-Control': 'private, max-age=31536000, immutable',
    ETag: `"${key.toLowerCase()}"`,
  }
  if (call.method !== 'HEAD') return { status: 200, headers, body }
  body.destroy()
  return { status: 200, headers }
}

function missingSymbols(file: string): RegistryError {
  return new RegistryError('missing', `there are no symbols '${file.slice(0, 100)}' of this build here`, {
    resourceType: 'asset',
  })
}
