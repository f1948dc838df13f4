import { open, opendir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { refused } from '../../registry/errors.ts'
import { type OsvDocument, RECORD_BYTES_MAX } from './osv-document.ts'
import { readZipDocuments } from './osv-zip.ts'

/** Largest file that holds a record or a list of records. Unit: bytes. Ours. */
const FILE_BYTES_MAX = 256 * 1024 * 1024

/** Every document of a file, a folder with all below it, or a zip archive, one at a time. Throws `invalid`. */
export async function* readDocuments(path: string): AsyncGenerator<OsvDocument> {
  const found = await stat(path)
  if (found.isDirectory()) yield* readFolder(path)
  else if (await isZip(path)) yield* readZipDocuments(path)
  else yield { name: path, bytes: await readBounded(path, found.size, FILE_BYTES_MAX) }
}

async function* readFolder(path: string): AsyncGenerator<OsvDocument> {
  for await (const entry of await opendir(path, { recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.json')) continue
    const file = join(entry.parentPath, entry.name)
    yield { name: file, bytes: await readBounded(file, (await stat(file)).size, RECORD_BYTES_MAX) }
  }
}

async function readBounded(path: string, sizeBytes: number, limitBytes: number): Promise<Buffer> {
  if (sizeBytes > limitBytes) throw refused(`${path} has ${sizeBytes} bytes, more than ${limitBytes}`)
  return readFile(path)
}

/** By its first bytes. Source: APPNOTE.TXT, sections 4.3.7 and 4.3.16, for an archive without entries. */
async function isZip(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  return bytesRead === 4 && ['PK\x03\x04', 'PK\x05\x06'].includes(buffer.toString('latin1'))
}
