import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { ReadEntry } from 'tar'
import { RegistryError, refused } from '../../registry/errors.ts'
import { type ByteSource, streamPart, type TarFile } from './tar-walk.ts'

/** What any gem's files may unpack to, and how far beyond their own size. Unit: bytes. Ours. */
const UNPACKED_BYTES_FREE = 512 * 1024 * 1024
const UNPACKED_RATIO_MAX = 100

/** Most files of a gem. Ours. */
const ENTRIES_MAX = 500_000

/** Longest readme that is kept; what is longer is cut. Unit: bytes. Ours. */
const README_BYTES_MAX = 1024 * 1024

/** Readmes by preference. Source: the names that rubydoc.info looks for. */
const readmeNames = ['readme.md', 'readme.markdown', 'readme', 'readme.rdoc', 'readme.txt']

export interface GemData {
  /** Lower-case hexadecimal, of `data.tar.gz` as it stands in the gem. */
  readonly sha256: string
  readonly sha512: string
  readonly readme: string | undefined
}

/** Reads a gem's files, trusting nothing in them. Throws `invalid`. */
export async function readGemData(source: ByteSource, file: TarFile): Promise<GemData> {
  const reader = new DataReader()
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')]
  const limitBytes = UNPACKED_BYTES_FREE + file.sizeBytes * UNPACKED_RATIO_MAX
  async function* hashed() {
    for await (const chunk of streamPart(source, file.startAt, file.sizeBytes)) {
      sha256.update(chunk)
      sha512.update(chunk)
      yield chunk
    }
  }
  try {
    await pipeline(hashed, createGunzip(), (bytes: AsyncIterable<Buffer>) => reader.read(bytes, limitBytes))
  } catch (error) {
    throw isGzipError(error) ? notGzip('data.tar.gz', error) : error
  }
  return { sha256: sha256.digest('hex'), sha512: sha512.digest('hex'), readme: reader.readme() }
}

export function isGzipError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))
}

export function notGzip(name: string, cause: Error): RegistryError {
  return new RegistryError('invalid', `${name} cannot be unpacked: ${cause.message}`, { cause, reason: 'OTHER' })
}

class DataReader {
  #entryCount = 0
  readonly #readmes = new Map<string, Buffer[]>()

  async read(bytes: AsyncIterable<Buffer>, limitBytes: number): Promise<void> {
    // Not needed before something is published.
    const { Parser } = await import('tar')
    const parser = new Parser({
      onReadEntry: (entry) => this.#take(entry),
      onwarn: (code, message) => {
        if (code !== 'TAR_ENTRY_INFO') throw refused(`data.tar.gz is damaged: ${String(message)}`)
      },
    })
    parser.on('ignoredEntry', (entry: ReadEntry) => {
      if (entry.meta) throw refused(`data.tar.gz holds an extended header of ${entry.size} bytes`)
    })
    // What follows the end is nobody's, and the parser would keep all of it.
    let hasEnded = false
    parser.on('eof', () => {
      hasEnded = true
    })
    let totalBytes = 0
    for await (const chunk of bytes) {
      if (totalBytes === 0 && chunk[0] === 0x1f) throw refused('data.tar.gz is compressed twice')
      totalBytes += chunk.length
      if (totalBytes > limitBytes) throw refused(`data.tar.gz unpacks to more than ${limitBytes} bytes`)
      if (!hasEnded) parser.write(chunk)
    }
    parser.end()
  }

  readme(): string | undefined {
    const chunks = readmeNames.map((name) => this.#readmes.get(name)).find((found) => found !== undefined)
    return chunks && (Buffer.concat(chunks).toString('utf8') || undefined)
  }

  /** Every entry must be read to its end, else the parser waits for ever. */
  #take(entry: ReadEntry): void {
    this.#entryCount += 1
    if (this.#entryCount > ENTRIES_MAX) throw refused(`data.tar.gz holds more than ${ENTRIES_MAX} entries`)
    checkEntry(entry)
    const name = posix.normalize(entry.path).toLowerCase()
    const isFile = entry.type === 'File' || entry.type === 'OldFile'
    if (isFile && readmeNames.includes(name) && !this.#readmes.has(name)) this.#takeReadme(name, entry)
    else entry.resume()
  }

  #takeReadme(name: string, entry: ReadEntry): void {
    const chunks: Buffer[] = []
    let left = README_BYTES_MAX
    this.#readmes.set(name, chunks)
    entry.on('data', (chunk: Buffer) => {
      if (left > 0) chunks.push(Buffer.from(chunk.subarray(0, left)))
      left -= chunk.length
    })
  }
}

/** What RubyGems would refuse to unpack, and what no gem needs. Source: rubygems lib/rubygems/package.rb. */
function checkEntry({ path, type, linkpath = '' }: ReadEntry): void {
  if (leaves(path)) throw refused(`data.tar.gz holds a path outside of the gem: '${path.slice(0, 100)}'`)
  const isLink = type === 'SymbolicLink' || type === 'Link'
  const target = type === 'SymbolicLink' ? posix.join(posix.dirname(path), linkpath) : linkpath
  if (isLink && (isAbsolute(linkpath) || leaves(posix.normalize(target)))) {
    throw refused(`data.tar.gz holds a link that points outside of the gem: '${path.slice(0, 100)}'`)
  }
  if (type === 'CharacterDevice' || type === 'BlockDevice' || type === 'FIFO') {
    throw refused(`data.tar.gz holds a device: '${path.slice(0, 100)}'`)
  }
}

function leaves(path: string): boolean {
  return isAbsolute(path) || /\p{Cc}/u.test(path) || path.split(/[/\\]/).includes('..')
}

/** On any system: `/x`, `\x` and `C:x`. */
function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path)
}
