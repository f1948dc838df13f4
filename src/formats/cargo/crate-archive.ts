import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { ReadEntry } from 'tar'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'

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
  const limitBytes = Math.max(freeBytes, asset.sizeBytes * UNPACKED_RATIO_MAX)
  try {
    await pipeline(asset.open(), createGunzip(), (bytes: AsyncIterable<Buffer>) => reader.read(bytes, limitBytes))
  } catch (error) {
    throw isGzipError(error) ? notGzip(error) : error
  }
  return reader.contents()
}

function isGzipError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function notGzip(cause: Error): RegistryError {
  return new RegistryError('invalid', `the crate is not a gzip file: ${cause.message}`, { cause, reason: 'OTHER' })
}

class ArchiveReader {
  /** In lower case: some systems have one place for two spellings. */
  readonly #paths = new Set<string>()
  readonly #kept = new Map<string, Buffer[]>()
  #root: string | undefined

  async read(bytes: AsyncIterable<Buffer>, limitBytes: number): Promise<void> {
    // Not needed before something is published.
    const { Parser } = await import('tar')
    const parser = new Parser({
      onReadEntry: (entry) => this.#take(entry),
      onwarn: (code, message) => warn(code, String(message)),
    })
    parser.on('ignoredEntry', (entry: ReadEntry) => {
      throw refused(`the crate holds an entry that no client reads: '${shown(entry.path)}'`)
    })
    // What follows the end is nobody's, and the parser would keep all of it.
    let hasEnded = false
    parser.on('eof', () => {
      hasEnded = true
    })
    let totalBytes = 0
    for await (const chunk of bytes) {
      if (totalBytes === 0 && chunk[0] === 0x1f) throw refused('the crate is compressed twice')
      totalBytes += chunk.length
      if (totalBytes > limitBytes) throw refused(`the crate unpacks to more than ${limitBytes} bytes`)
      if (!hasEnded) parser.write(chunk)
    }
    parser.end()
  }

  contents(): CrateArchive {
    const manifest = this.#kept.get('Cargo.toml')
    if (this.#root === undefined || !manifest) throw refused('the crate holds no Cargo.toml in its folder')
    const readmes = [...this.#kept].filter(([file]) => file !== 'Cargo.toml')
    return {
      root: this.#root,
      manifest: decode(manifest),
      readmes: new Map(readmes.map(([file, chunks]) => [file, decode(chunks)])),
    }
  }

  /** Every entry must be read to its end, else the parser waits for ever. */
  #take(entry: ReadEntry): void {
    if (this.#paths.size >= ENTRIES_MAX) throw refused(`the crate holds more than ${ENTRIES_MAX} entries`)
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
    const chunks: Buffer[] = []
    this.#kept.set(file, chunks)
    entry.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
  }
}

/** Damage that other readers may see differently, or not at all. */
function warn(code: string, message: string): void {
  if (code !== 'TAR_ENTRY_INFO') throw refused(`the crate is damaged: ${message}`)
}

/** Older clients unpack what they get: only files and folders, none of them outside. */
function checkEntry({ path, type }: ReadEntry): void {
  const isPlain = type === 'File' || type === 'OldFile' || type === 'ContiguousFile' || type === 'Directory'
  if (!isPlain) throw refused(`the crate holds '${shown(path)}', which is neither a file nor a folder`)
  const parts = path.replace(/\/+$/, '').split(/[/\\]/)
  const isOdd = parts.some((part) => part === '' || part === '.' || part === '..') || /[\0\\]|^[A-Za-z]:/.test(path)
  if (isOdd) throw refused(`the crate holds a path outside of itself: '${shown(path)}'`)
}

function decode(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
}

function shown(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path
}
