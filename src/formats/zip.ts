import type { Readable } from 'node:stream'
import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl'
import { RegistryError, refused } from '../registry/errors.ts'
import { checkZipEntry, checkZipFrame } from './zip-soundness.ts'
import { type ByteSource, WindowReader } from './zip-reader.ts'

/** Most entries of an archive. Ours; the largest public wheels have some 50,000. */
const ENTRIES_MAX = 200_000

/** What any archive may unpack to, and how far beyond its own size. Source: the public index's own rule. */
const UNPACKED_BYTES_FREE = 64 * 1024 * 1024
const UNPACKED_RATIO_MAX = 50

/** Strict: as an upload must be. Lenient: what an upstream holds, as far as it can be read at all. */
export type ZipRules = 'strict' | 'lenient'

/** An archive's directory, and the files in it that are small enough to be looked at. */
export interface ZipArchive {
  readonly entries: ReadonlyMap<string, Entry>
  /** The whole of an entry. Throws `invalid` when it is missing or larger. */
  read(path: string, limitBytes: number): Promise<Buffer>
  /** What an entry begins with: as much as is wanted, or all there is. Throws `invalid` when it is missing or damaged. */
  readStart(path: string, wantedBytes: number): Promise<Buffer>
  /** An entry of any size. Throws `invalid` when it is missing; the stream fails on what is damaged. */
  open(path: string): Promise<ZipFileStream>
}

/** A file as it comes out of an archive. */
export interface ZipFileStream {
  readonly sizeBytes: number
  readonly body: Readable
}

/** By the strict rules: refused, or allowed because whoever opens the archive looks at where they lead. */
export type ZipLinks = 'refused' | 'allowed'

/** Reads an archive's directory. Throws `invalid` on what is no zip, or by the strict rules on what is not sound. */
export async function openZip(source: ByteSource, rules: ZipRules, links: ZipLinks = 'refused'): Promise<ZipArchive> {
  return reportingDamage(async () => {
    const options = { autoClose: false, strictFileNames: rules === 'strict', validateEntrySizes: true }
    const zip = await fromRandomAccessReaderPromise(new WindowReader(source), source.sizeBytes, options)
    const entries = await readEntries(zip, source, rules, links)
    return {
      entries,
      read: (path, limitBytes) => reportingDamage(() => readEntry(zip, entries, path, limitBytes)),
      readStart: (path, wantedBytes) => reportingDamage(() => readStart(zip, entries, path, wantedBytes)),
      open: (path) => reportingDamage(() => openEntry(zip, entries, path)),
    }
  })
}

async function readEntries(
  zip: ZipFile,
  source: ByteSource,
  rules: ZipRules,
  links: ZipLinks,
): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  let unpackedBytes = 0
  for await (const entry of zip.eachEntry()) {
    if (entries.size >= ENTRIES_MAX) throw refused(`the archive holds more than ${ENTRIES_MAX} entries`)
    if (rules === 'strict') checkZipEntry(entry, entries, links)
    unpackedBytes += entry.uncompressedSize
    entries.set(entry.fileName, entry)
  }
  if (rules === 'lenient') return entries
  const isBomb = unpackedBytes > UNPACKED_BYTES_FREE && unpackedBytes > source.sizeBytes * UNPACKED_RATIO_MAX
  if (isBomb)
    throw refused(`the archive unpacks to ${unpackedBytes} bytes, more than ${UNPACKED_RATIO_MAX} times its size`)
  await checkZipFrame(zip, [...entries.values()], source)
  return entries
}

async function readEntry(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  path: string,
  limitBytes: number,
): Promise<Buffer> {
  const entry = findEntry(entries, path)
  if (entry.uncompressedSize > limitBytes) throw refused(`${path} is larger than ${limitBytes} bytes`)
  const chunks: Buffer[] = []
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function readStart(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  path: string,
  wantedBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let readBytes = 0
  const { body } = await openEntry(zip, entries, path)
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    readBytes += chunk.length
    if (readBytes >= wantedBytes) break
  }
  return Buffer.concat(chunks)
}

async function openEntry(zip: ZipFile, entries: ReadonlyMap<string, Entry>, path: string): Promise<ZipFileStream> {
  const entry = findEntry(entries, path)
  return { sizeBytes: entry.uncompressedSize, body: await zip.openReadStreamPromise(entry) }
}

function findEntry(entries: ReadonlyMap<string, Entry>, path: string): Entry {
  const entry = entries.get(path)
  if (!entry) throw refused(`the archive holds no ${path}`)
  return entry
}

/** What the library says of an archive is the archive's fault; what the store says is not. */
async function reportingDamage<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof RegistryError || !(error instanceof Error) || isSystemError(error)) throw error
    throw new RegistryError('invalid', `the file is not a sound zip archive: ${error.message}`, {
      cause: error,
      reason: 'OTHER',
    })
  }
}

/** `ENOENT` and its like; the library's own errors have no code, and zlib's begin with `Z_`. */
function isSystemError(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && !error.code.startsWith('Z_')
}
