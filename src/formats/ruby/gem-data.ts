import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { ReadEntry } from 'tar'
import { refused } from '../../registry/errors.ts'
import { EntryText } from '../entry-text.ts'
import { isAbsolute, isDevice, leaves, linkTarget, shown } from '../tar-paths.ts'
import { readEntries } from '../tarball.ts'
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

const forbidden = /\p{Cc}/u

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
  async function* hashed() {
    for await (const chunk of streamPart(source, file.startAt, file.sizeBytes)) {
      sha256.update(chunk)
      sha512.update(chunk)
      yield chunk
    }
  }
  await readEntries(hashed(), {
    what: 'data.tar.gz',
    notGzip: 'data.tar.gz cannot be unpacked',
    unpackedBytesMax: UNPACKED_BYTES_FREE + file.sizeBytes * UNPACKED_RATIO_MAX,
    entriesMax: ENTRIES_MAX,
    take: (entry) => reader.take(entry),
  })
  return { sha256: sha256.digest('hex'), sha512: sha512.digest('hex'), readme: reader.readme() }
}

class DataReader {
  readonly #readmes = new Map<string, EntryText>()

  readme(): string | undefined {
    const found = readmeNames.map((name) => this.#readmes.get(name)).find((readme) => readme !== undefined)
    return found?.bytes().toString('utf8') || undefined
  }

  take(entry: ReadEntry): void {
    checkEntry(entry)
    const name = posix.normalize(entry.path).toLowerCase()
    const isFile = entry.type === 'File' || entry.type === 'OldFile'
    if (isFile && readmeNames.includes(name) && !this.#readmes.has(name)) {
      this.#readmes.set(name, new EntryText(entry, README_BYTES_MAX))
    } else entry.resume()
  }
}

/** What RubyGems would refuse to unpack, and what no gem needs. Source: rubygems lib/rubygems/package.rb. */
function checkEntry({ path, type, linkpath = '' }: ReadEntry): void {
  if (leaves(path, forbidden)) throw refused(`data.tar.gz holds a path outside of the gem: '${shown(path)}'`)
  const isLink = type === 'SymbolicLink' || type === 'Link'
  if (isLink && (isAbsolute(linkpath) || leaves(linkTarget({ path, type, linkpath }), forbidden))) {
    throw refused(`data.tar.gz holds a link that points outside of the gem: '${shown(path)}'`)
  }
  if (isDevice(type)) throw refused(`data.tar.gz holds a device: '${shown(path)}'`)
}
