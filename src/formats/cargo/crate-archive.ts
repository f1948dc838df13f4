import type { ReadEntry } from 'tar'
import { refused } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'
import { EntryText } from '../entry-text.ts'
import { shown } from '../tar-paths.ts'
import { readEntries } from '../tarball.ts'

/** What any crate may unpack to, and how far beyond its own size. Unit: bytes. Source: Cargo's own limits. */
const UNPACKED_BYTES_FREE = 512 * 1024 * 1024
const UNPACKED_RATIO_MAX = 20

/** Most entries of a crate. Ours. */
const ENTRIES_MAX = 100_000

/** Largest Cargo.toml and readme that are read. Unit: bytes. Ours. */
const TEXT_BYTES_MAX = 1024 * 1024

/** Files of the root folder that are kept while the archive is read: the manifest and what may be its readme. */
const keptFile = /^(?:Cargo\.toml|readme[^/]{0,20})$/i

/** Most of them. Ours. */
const KEPT_FILES_MAX = 8

/** What stands in a `.crate`. */
export interface CrateArchive {
  /** The one folder that everything is in: `{name}-{version}`. */
  readonly root: string
  readonly manifest: string
  /** The texts of the root folder's readmes, by file name. */
  readonly readmes: ReadonlyMap<string, string>
}

/**
 * Reads a `.crate`, trusting nothing in it. `freeBytes`: what it may unpack to, however small it is. Throws `invalid` on what
 * Cargo would not make.
 */
export async function readArchive(asset: AssetSource, freeBytes = UNPACKED_BYTES_FREE): Promise<CrateArchive> {
  const reader = new ArchiveReader()
  await readEntries(asset.open(), {
    what: 'the crate',
    notGzip: 'the crate is not a gzip file',
    unpackedBytesMax: Math.max(freeBytes, asset.sizeBytes * UNPACKED_RATIO_MAX),
    entriesMax: ENTRIES_MAX,
    take: (entry) => reader.take(entry),
    ignore: ({ path }) => {
      throw refused(`the crate holds an entry that no client reads: '${shown(path)}'`)
    },
  })
  return reader.contents()
}

class ArchiveReader {
  /** In lower case: some systems have one place for two spellings. */
  readonly #paths = new Set<string>()
  readonly #kept = new Map<string, EntryText>()
  #root: string | undefined

  contents(): CrateArchive {
    const manifest = this.#kept.get('Cargo.toml')
    if (this.#root === undefined || !manifest) throw refused('the crate holds no Cargo.toml in its folder')
    const readmes = [...this.#kept].filter(([file]) => file !== 'Cargo.toml')
    return {
      root: this.#root,
      manifest: manifest.text(),
      readmes: new Map(readmes.map(([file, text]) => [file, text.text()])),
    }
  }

  take(entry: ReadEntry): void {
    checkEntry(entry)
    const path = entry.path.replace(/\/+$/, '')
    const key = path.toLowerCase()
    if (entry.type !== 'Directory' && this.#paths.has(key)) throw refused(`the crate holds '${shown(path)}' twice`)
    this.#paths.add(key)
    const [root = '', ...rest] = path.split('/')
    this.#root ??= root
    if (root !== this.#root)
      throw refused(`the crate holds '${shown(path)}' outside of its folder '${shown(this.#root)}'`)
    const file = rest.join('/')
    if (entry.type !== 'Directory' && keptFile.test(file)) this.#keep(file, entry)
    else entry.resume()
  }

  #keep(file: string, entry: ReadEntry): void {
    const isManifest = file === 'Cargo.toml'
    if (isManifest && entry.size > TEXT_BYTES_MAX) throw refused(`Cargo.toml is larger than ${TEXT_BYTES_MAX} bytes`)
    if (!isManifest && (entry.size > TEXT_BYTES_MAX || this.#kept.size >= KEPT_FILES_MAX)) {
      entry.resume()
      return
    }
    this.#kept.set(file, new EntryText(entry, TEXT_BYTES_MAX))
  }
}

/** Older clients unpack what they get: only files and folders, none of them outside. */
function checkEntry({ path, type }: ReadEntry): void {
  const isPlain = type === 'File' || type === 'OldFile' || type === 'ContiguousFile' || type === 'Directory'
  if (!isPlain) throw refused(`the crate holds '${shown(path)}', which is neither a file nor a folder`)
  const parts = path.replace(/\/+$/, '').split(/[/\\]/)
  const isOdd = parts.some((part) => part === '' || part === '.' || part === '..') || /[\0\\]|^[A-Za-z]:/.test(path)
  if (isOdd) throw refused(`the crate holds a path outside of itself: '${shown(path)}'`)
}
