import { posix } from 'node:path'
import type { ReadEntry } from 'tar'
import { refused } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'
import { EntryText } from '../entry-text.ts'
import { checkEntry, shown } from '../tar-paths.ts'
import { readEntries } from '../tarball.ts'
import { openZip } from '../zip.ts'
import { type ByteSource, readBytes } from '../zip-reader.ts'
import { METADATA_BYTES_MAX } from './wheel.ts'

/** What any archive may unpack to, and how far beyond its own size. Unit: bytes. Ours; source code packs 3 to 20 to one. */
const UNPACKED_BYTES_FREE = 512 * 1024 * 1024
const UNPACKED_RATIO_MAX = 100

/** Most entries of an archive. Ours. */
const ENTRIES_MAX = 500_000

/** The end of a zip archive: its record and the longest comment. Unit: bytes. Source: APPNOTE.TXT, 4.3.16. */
const ZIP_END_BYTES = 22 + 65_535
const zipEndMark = Buffer.from('PK\x05\x06', 'latin1')

/** Source: PyPA specification, "Source distribution format": the same rules as Python's `tarfile` data filter. */
const pathRules = {
  what: 'the archive',
  forbidden: /[\p{C}]/u,
  rootOf: (path: string) => posix.normalize(path).split('/')[0],
}

/** What a source distribution says of itself. */
export interface Sdist {
  readonly metadata: Buffer
  /** Paths below the one folder that everything is in. */
  readonly files: ReadonlySet<string>
}

/** Reads `.tar.gz` and `.zip`, trusting nothing in them. Throws `invalid`. */
export async function readSdist(asset: AssetSource, source: ByteSource): Promise<Sdist> {
  return asset.name.endsWith('.zip') ? readZipped(source) : readTarred(asset, source)
}

async function readZipped(source: ByteSource): Promise<Sdist> {
  const archive = await openZip(source, 'strict')
  const paths = [...archive.entries.keys()]
  const root = onlyRoot(paths)
  const files = new Set(paths.map((path) => path.slice(root.length + 1)))
  return { metadata: await archive.read(`${root}/PKG-INFO`, METADATA_BYTES_MAX), files }
}

async function readTarred(asset: AssetSource, source: ByteSource): Promise<Sdist> {
  const tail = await readBytes(source, Math.max(0, source.sizeBytes - ZIP_END_BYTES), source.sizeBytes)
  if (isZipEnd(tail)) throw refused('the file is a tar and a zip archive at once')
  const reader = new TarReader()
  await readEntries(asset.open(), {
    what: 'the archive',
    notGzip: 'the file is not a gzip archive',
    unpackedBytesMax: UNPACKED_BYTES_FREE + asset.sizeBytes * UNPACKED_RATIO_MAX,
    entriesMax: ENTRIES_MAX,
    take: (entry) => reader.take(entry),
  })
  return reader.contents()
}

/** A record whose comment ends where the file does. */
function isZipEnd(tail: Buffer): boolean {
  for (let at = tail.lastIndexOf(zipEndMark); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(zipEndMark, at - 1)) {
    if (at + 22 <= tail.length && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return true
  }
  return false
}

class TarReader {
  readonly #paths = new Set<string>()
  readonly #metadata = new Map<string, EntryText>()

  contents(): Sdist {
    const root = onlyRoot([...this.#paths])
    const metadata = this.#metadata.get(`${root}/PKG-INFO`)
    if (!metadata) throw refused(`the archive holds no ${root}/PKG-INFO`)
    const files = new Set([...this.#paths].map((path) => path.slice(root.length + 1)))
    return { metadata: metadata.bytes(), files }
  }

  take(entry: ReadEntry): void {
    checkEntry(entry, pathRules)
    const path = posix.normalize(entry.path)
    const isFile = entry.type !== 'Directory' && entry.type !== 'GNUDumpDir'
    if (isFile && this.#paths.has(path)) throw refused(`the archive holds '${shown(path)}' twice`)
    if (isFile || !path.startsWith('.')) this.#paths.add(path)
    if (isFile && /^[^/]+\/PKG-INFO$/.test(path)) this.#takeMetadata(path, entry)
    else entry.resume()
  }

  #takeMetadata(path: string, entry: ReadEntry): void {
    if (entry.size > METADATA_BYTES_MAX) throw refused(`${path} is larger than ${METADATA_BYTES_MAX} bytes`)
    this.#metadata.set(path, new EntryText(entry, METADATA_BYTES_MAX))
  }
}

function onlyRoot(paths: readonly string[]): string {
  const roots = new Set(paths.map((path) => path.split('/')[0] ?? ''))
  const [root] = roots
  if (root === undefined || root === '') throw refused('the archive is empty')
  if (roots.size === 1) return root
  throw refused(
    `the archive must hold one folder, and holds ${roots.size}: ${[...roots].slice(0, 3).map(shown).join(', ')}`,
  )
}
