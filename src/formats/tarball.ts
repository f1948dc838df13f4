import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { ReadEntry } from 'tar'
import { RegistryError, refused } from '../registry/errors.ts'

/** What ends a tar: two blocks of zeros. Unit: bytes. Source: POSIX, "ustar Interchange Format". */
const END_BYTES = 1024

/** How a format reads its tarballs. */
export interface TarballRules {
  /** What refusals call it: `the crate`. */
  readonly what: string
  /** What refusals say when it cannot be unpacked: `the crate is not a gzip file`. */
  readonly notGzip: string
  /** What it may unpack to. Unit: bytes. */
  readonly unpackedBytesMax: number
  readonly entriesMax: number
  /** Must read the entry to its end or resume it, else the parser waits for ever. Throws `invalid`. */
  take(entry: ReadEntry): void
  /** What the parser itself passes over. Throws `invalid`; unless given, only for headers too long to be believed. */
  ignore?(entry: ReadEntry): void
}

/** Reads a gzipped tar once, trusting nothing in it. Throws `invalid` on what is not sound. */
export async function readEntries(packed: AsyncIterable<Buffer>, rules: TarballRules): Promise<void> {
  try {
    await pipeline(packed, createGunzip(), (unpacked: AsyncIterable<Buffer>) => parse(unpacked, rules))
  } catch (error) {
    if (!isGzipError(error)) throw error
    const message = `${rules.notGzip}: ${error.message}`
    throw new RegistryError('invalid', message, { cause: error, reason: 'OTHER' })
  }
}

function isGzipError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

async function parse(unpacked: AsyncIterable<Buffer>, rules: TarballRules): Promise<void> {
  const { what, unpackedBytesMax } = rules
  const parser = await createParser(rules)
  // What follows the end is nobody's, and the parser would keep all of it.
  let hasEnded = false
  parser.on('eof', () => {
    hasEnded = true
  })
  let totalBytes = 0
  let isEmpty = false
  for await (const chunk of inOnePiece(unpacked, END_BYTES)) {
    if (totalBytes === 0 && chunk[0] === 0x1f) throw refused(`${what} is compressed twice`)
    // The parser would take an archive that ends where it begins for none at all.
    if (totalBytes === 0 && chunk.length >= END_BYTES && isZero(chunk.subarray(0, END_BYTES))) isEmpty = true
    totalBytes += chunk.length
    if (totalBytes > unpackedBytesMax) throw refused(`${what} unpacks to more than ${unpackedBytesMax} bytes`)
    if (!hasEnded && !isEmpty) parser.write(chunk)
  }
  if (!isEmpty) parser.end()
}

/** The same bytes, the first `startBytes` of them together. */
async function* inOnePiece(chunks: AsyncIterable<Buffer>, startBytes: number): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (start) start = Buffer.concat([start, chunk])
    if (start && start.length < startBytes) continue
    yield start ?? chunk
    start = undefined
  }
  if (start && start.length > 0) yield start
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}

async function createParser(rules: TarballRules) {
  // Not needed before something is published.
  const { Parser } = await import('tar')
  const { what, entriesMax } = rules
  let entryCount = 0
  const count = () => {
    entryCount += 1
    if (entryCount > entriesMax) throw refused(`${what} holds more than ${entriesMax} entries`)
  }
  const parser = new Parser({
    onReadEntry: (entry) => {
      count()
      rules.take(entry)
    },
    // Damage that other readers may see differently, or not at all.
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO') throw refused(`${what} is damaged: ${String(message)}`)
    },
  })
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    count()
    if (rules.ignore) rules.ignore(entry)
    else if (entry.meta) throw refused(`${what} holds an extended header of ${entry.size} bytes`)
  })
  return parser
}
