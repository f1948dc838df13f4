import type { Entry, ZipFile } from 'yauzl'
import { RegistryError, refused } from '../../registry/errors.ts'
import { type OsvDocument, RECORD_BYTES_MAX } from './osv-document.ts'

/** Most entries of an archive. Ours; the largest public export has some 300,000. */
const ENTRIES_MAX = 2_000_000

/** What an archive may unpack to, in all and for each of its bytes. Ours; public exports have less than ten times. */
const UNPACKED_BYTES_MAX = 64 * 1024 ** 3
const UNPACKED_RATIO_MAX = 100
const UNPACKED_BYTES_FREE = 64 * 1024 * 1024

/**
 * The `.json` files of an archive in the order of its directory, of which no more than one entry is held. Nothing is
 * written anywhere, so that paths mean nothing. Throws `invalid` on what is no sound archive.
 */
export async function* readZipDocuments(path: string): AsyncGenerator<OsvDocument> {
  const { openPromise } = await import('yauzl')
  const zip = await reportingDamage(() => openPromise(path, { autoClose: false, validateEntrySizes: true }))
  try {
    const seen = { entries: 0, unpackedBytes: 0 }
    for await (const entry of reportingEach(zip.eachEntry())) {
      checkEntry(entry, zip, seen)
      if (entry.fileName.endsWith('.json')) {
        yield { name: entry.fileName, bytes: await reportingDamage(() => readEntry(zip, entry)) }
      }
    }
  } finally {
    zip.close()
  }
}

function checkEntry(entry: Entry, zip: ZipFile, seen: { entries: number; unpackedBytes: number }): void {
  seen.entries += 1
  seen.unpackedBytes += entry.uncompressedSize
  if (seen.entries > ENTRIES_MAX) throw refused(`the archive holds more than ${ENTRIES_MAX} entries`)
  const allowed = Math.min(UNPACKED_BYTES_MAX, Math.max(UNPACKED_BYTES_FREE, zip.fileSize * UNPACKED_RATIO_MAX))
  if (seen.unpackedBytes > allowed) throw refused(`the archive unpacks to more than ${allowed} bytes`)
  const name = JSON.stringify(entry.fileName.slice(0, 100))
  if (entry.isEncrypted()) throw refused(`the archive holds an encrypted entry, ${name}`)
  if (entry.uncompressedSize > RECORD_BYTES_MAX) throw refused(`${name} has more than ${RECORD_BYTES_MAX} bytes`)
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const stream = await zip.openReadStreamPromise(entry)
  return Buffer.concat((await stream.toArray()) as Buffer[])
}

async function* reportingEach(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  const iterator = entries[Symbol.asyncIterator]()
  for (;;) {
    const next = await reportingDamage(() => iterator.next())
    if (next.done) return
    yield next.value
  }
}

/** What the library says of an archive is the archive's fault; what the disk says is not. */
async function reportingDamage<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const isSystemError =
      cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && !cause.code.startsWith('Z_')
    if (cause instanceof RegistryError || !(cause instanceof Error) || isSystemError) throw cause
    throw new RegistryError('invalid', `it is no sound zip archive: ${cause.message}`, { cause, reason: 'OTHER' })
  }
}
