import type { ReadEntry } from 'tar'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { AssetSource, Inspection } from '../../registry/format.ts'
import { EntryText } from '../entry-text.ts'
import type { JsonObject } from '../json.ts'
import { isObject } from '../json.ts'
import { checkEntry } from '../tar-paths.ts'
import { readEntries } from '../tarball.ts'

/** Largest `package.json` that is read. Unit: bytes. Ours. */
const MANIFEST_BYTES_MAX = 2 * 1024 * 1024

/** Longest readme that is kept; what is longer is cut. Unit: bytes. Ours. */
const README_BYTES_MAX = 1024 * 1024

/** What any tarball may unpack to, however small it is. Unit: bytes. Ours. */
const UNPACKED_BYTES_FREE = 512 * 1024 * 1024

/** What a tarball may unpack to beyond that. Unit: bytes per byte. Ours; source code packs 3 to 20 to one. */
const UNPACKED_RATIO_MAX = 100

/** Most entries of a tarball. Ours; the largest public packages have some 100,000. */
const ENTRIES_MAX = 500_000

/** Readmes by preference. Source: the names that npm's own tools look for. */
const readmeNames = ['readme.md', 'readme.markdown', 'readme', 'readme.txt']

const pathRules = { what: 'the tarball', forbidden: /\0/, rootOf: (path: string) => path.split('/')[0] }

/** What a tarball says of itself. */
export interface TarballContents {
  readonly manifest: JsonObject
  readonly readme: string | undefined
  readonly hasShrinkwrap: boolean
  readonly fileCount: number
  readonly unpackedBytes: number
}

/** As the registry asks for it: the manifest with what npm keeps in a packument besides. Throws `invalid`. */
export async function inspect(asset: AssetSource): Promise<Inspection> {
  const contents = await readTarball(asset)
  const { fileCount, unpackedBytes, hasShrinkwrap, manifest, readme } = contents
  return {
    document: { ...manifest, _hasShrinkwrap: hasShrinkwrap, dist: { fileCount, unpackedSize: unpackedBytes } },
    readme,
  }
}

/** Reads a package's tarball, trusting nothing in it. Throws `invalid` on what npm would not make. */
export async function readTarball(asset: AssetSource): Promise<TarballContents> {
  const reader = new TarballReader()
  await readEntries(asset.open(), {
    what: 'the tarball',
    notGzip: 'the tarball is not a gzip file',
    unpackedBytesMax: UNPACKED_BYTES_FREE + asset.sizeBytes * UNPACKED_RATIO_MAX,
    entriesMax: ENTRIES_MAX,
    take: (entry) => reader.take(entry),
  })
  return reader.contents()
}

/** A path inside the package: npm cuts off the first folder, whatever it is called; '' for what stands beside it. */
function strippedPath(path: string): string {
  const at = path.indexOf('/')
  return at < 0 ? '' : path.slice(at + 1)
}

class TarballReader {
  #fileCount = 0
  #unpackedBytes = 0
  #hasShrinkwrap = false
  #manifest: EntryText | undefined
  readonly #readmes = new Map<string, EntryText>()

  contents(): TarballContents {
    if (!this.#manifest) throw refused('the tarball holds no package.json in its first folder')
    const readme = readmeNames.map((name) => this.#readmes.get(name)).find((found) => found !== undefined)
    return {
      manifest: parseManifest(this.#manifest),
      readme: readme?.text() || undefined,
      hasShrinkwrap: this.#hasShrinkwrap,
      fileCount: this.#fileCount,
      unpackedBytes: this.#unpackedBytes,
    }
  }

  take(entry: ReadEntry): void {
    checkEntry(entry, pathRules)
    const isFile = entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'ContiguousFile'
    if (isFile) this.#takeFile(entry)
    else entry.resume()
  }

  #takeFile(entry: ReadEntry): void {
    this.#fileCount += 1
    this.#unpackedBytes += entry.size
    const path = strippedPath(entry.path)
    if (path === 'npm-shrinkwrap.json') this.#hasShrinkwrap = true
    if (path === 'package.json') this.#manifest = this.#takeManifest(entry)
    else if (readmeNames.includes(path.toLowerCase())) this.#takeReadme(path.toLowerCase(), entry)
    else entry.resume()
  }

  #takeManifest(entry: ReadEntry): EntryText {
    if (this.#manifest) throw refused('the tarball holds two files package.json')
    if (entry.size > MANIFEST_BYTES_MAX) throw refused(`package.json is larger than ${MANIFEST_BYTES_MAX} bytes`)
    return new EntryText(entry, MANIFEST_BYTES_MAX)
  }

  #takeReadme(name: string, entry: ReadEntry): void {
    if (this.#readmes.has(name)) entry.resume()
    else this.#readmes.set(name, new EntryText(entry, README_BYTES_MAX))
  }
}

function parseManifest(file: EntryText): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(file.text())
  } catch (cause) {
    throw new RegistryError('invalid', "the tarball's package.json is not JSON", { cause, reason: 'CANNOT_PARSE' })
  }
  if (isObject(value)) return value
  throw refused("the tarball's package.json is not an object")
}
