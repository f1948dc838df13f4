import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { ReadEntry } from 'tar'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'
import { METADATA_BYTES_MAX } from './wheel.ts'
import { openZip } from '../zip.ts'
import { type ByteSource, readBytes } from '../zip-reader.ts'

/** What any archive may unpack to, and how far beyond its own size. Unit: bytes. Ours; source code packs 3 to 20 to one. */
const UNPACKED_BYTES_FREE = 512 * 1024 * 1024
const UNPACKED_RATIO_MAX = 100

/** Most entries of an archive. Ours. */
const ENTRIES_MAX = 500_000

/** The end of a zip archive: its record and the longest comment. Unit: bytes. Source: APPNOTE.TXT, 4.3.16. */
const ZIP_END_BYTES = 22 + 65_535
const zipEndMark = Buffer.from('PK\x05\x06', 'latin1')

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
  const limitBytes = UNPACKED_BYTES_FREE + asset.sizeBytes * UNPACKED_RATIO_MAX
  try {
    await pipeline(asset.open(), createGunzip(), (bytes: AsyncIterable<Buffer>) => reader.read(bytes, limitBytes))
  } catch (error) {
    throw isGzipError(error) ? notGzip(error) : error
  }
  return reader.contents()
}

/** A record whose comment ends where the file does. */
function isZipEnd(tail: Buffer): boolean {
  for (let at = tail.lastIndexOf(zipEndMark); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(zipEndMark, at - 1)) {
    if (at + 22 <= tail.length && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return true
  }
  return false
}

function isGzipError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function notGzip(cause: Error): RegistryError {
  return new RegistryError('invalid', `the file is not a gzip archive: ${cause.message}`, { cause, reason: 'OTHER' })
}

class TarReader {
  readonly #paths = new Set<string>()
  readonly #metadata = new Map<string, Buffer[]>()

  async read(bytes: AsyncIterable<Buffer>, limitBytes: number): Promise<void> {
    // Not needed before something is published.
    const { Parser } = await import('tar')
    const parser = new Parser({
      onReadEntry: (entry) => this.#take(entry),
      onwarn: (code, message) => warn(code, String(message)),
    })
    parser.on('ignoredEntry', (entry: ReadEntry) => {
      if (entry.meta) throw refused(`the archive holds an extended header of ${entry.size} bytes`)
    })
    // What follows the end is nobody's, and the parser would keep all of it.
    let hasEnded = false
    parser.on('eof', () => {
      hasEnded = true
    })
    let totalBytes = 0
    for await (const chunk of bytes) {
      if (totalBytes === 0 && chunk[0] === 0x1f) throw refused('the archive is compressed twice')
      totalBytes += chunk.length
      if (totalBytes > limitBytes) throw refused(`the archive unpacks to more than ${limitBytes} bytes`)
      if (!hasEnded) parser.write(chunk)
    }
    parser.end()
  }

  contents(): Sdist {
    const root = onlyRoot([...this.#paths])
    const metadata = this.#metadata.get(`${root}/PKG-INFO`)
    if (!metadata) throw refused(`the archive holds no ${root}/PKG-INFO`)
    const files = new Set([...this.#paths].map((path) => path.slice(root.length + 1)))
    return { metadata: Buffer.concat(metadata), files }
  }

  /** Every entry must be read to its end, else the parser waits for ever. */
  #take(entry: ReadEntry): void {
    if (this.#paths.size >= ENTRIES_MAX) throw refused(`the archive holds more than ${ENTRIES_MAX} entries`)
    checkTarEntry(entry)
    const path = posix.normalize(entry.path)
    const isFile = entry.type !== 'Directory' && entry.type !== 'GNUDumpDir'
    if (isFile && this.#paths.has(path)) throw refused(`the archive holds '${shown(path)}' twice`)
    if (isFile || !path.startsWith('.')) this.#paths.add(path)
    if (isFile && /^[^/]+\/PKG-INFO$/.test(path)) this.#takeMetadata(path, entry)
    else entry.resume()
  }

  #takeMetadata(path: string, entry: ReadEntry): void {
    if (entry.size > METADATA_BYTES_MAX) throw refused(`${path} is larger than ${METADATA_BYTES_MAX} bytes`)
    const chunks: Buffer[] = []
    this.#metadata.set(path, chunks)
    entry.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
  }
}

/** What an entry says of itself. */
interface TarHeader {
  readonly path: string
  readonly type: string
  readonly linkpath?: string | undefined
}

/** Damage that other readers may see differently, or not at all. */
function warn(code: string, message: string): void {
  if (code !== 'TAR_ENTRY_INFO') throw refused(`the archive is damaged: ${message}`)
}

/** Source: PyPA specification, "Source distribution format": the same rules as Python's `tarfile` data filter. */
function checkTarEntry({ path, type, linkpath = '' }: TarHeader): void {
  if (leaves(path)) throw refused(`the archive holds a path outside of itself: '${shown(path)}'`)
  switch (type) {
    case 'SymbolicLink':
      return checkLink(path, posix.join(posix.dirname(path), linkpath), linkpath)
    case 'Link':
      return checkLink(path, linkpath, linkpath)
    case 'CharacterDevice':
    case 'BlockDevice':
    case 'FIFO':
      throw refused(`the archive holds a device: '${shown(path)}'`)
    default:
      return
  }
}

function checkLink(path: string, target: string, linkpath: string): void {
  const [root] = posix.normalize(path).split('/')
  const normal = posix.normalize(target)
  const isInside = normal === root || normal.startsWith(`${root}/`)
  if (isInside && !isAbsolute(linkpath) && !linkpath.includes('\\')) return
  throw refused(`the archive holds a link that points outside of it: '${shown(path)}'`)
}

function leaves(path: string): boolean {
  return isAbsolute(path) || /[\p{C}]/u.test(path) || path.split(/[/\\]/).includes('..')
}

/** On any system: `/x`, `\x` and `C:x`. */
function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path)
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

function shown(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path
}
