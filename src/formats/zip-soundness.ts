import type { Entry, LocalFileHeader, ZipFile } from 'yauzl'
import { refused } from '../registry/errors.ts'
import { type ByteSource, readBytes } from './zip-reader.ts'

/**
 * Two readers of one archive must not see two things: what follows refuses whatever one of them could take for something
 * else. Source of the layout: APPNOTE.TXT, section 4.3.
 */

const DIRECTORY_HEADER_BYTES = 46
const END_RECORD_BYTES = 22
const TAR_BLOCK_BYTES = 512

/** Flags of an entry: sizes stand behind the data. */
const HAS_DESCRIPTOR = 0x8

/** With and without its signature, with short and with long sizes; each after the data. */
const descriptorBytes = new Set([12, 16, 20, 24])

/** Nothing, or the two records of a long archive. */
const longRecordBytes = new Set([0, 76])

/** Unix file types, in the upper half of the external attributes. */
const FILE_TYPE_MASK = 0o170000
const LINK_TYPE = 0o120000
const allowedFileTypes = new Set([0, 0o100000, 0o040000])

/** A link holds the path that it points to. */
export function isZipLink(entry: Entry): boolean {
  return fileTypeOf(entry) === LINK_TYPE
}

function fileTypeOf(entry: Entry): number {
  return (entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK
}

/** One entry by itself and beside those before it. Throws `invalid`. */
export function checkZipEntry(
  entry: Entry,
  before: ReadonlyMap<string, Entry>,
  links: 'refused' | 'allowed' = 'refused',
): void {
  const path = entry.fileName
  if (before.has(path)) throw refused(`the archive holds '${shown(path)}' twice`)
  if (/[\p{C}]/u.test(path)) throw refused(`the archive holds a path with control characters: '${shown(path)}'`)
  if (path.split('/').includes('..')) throw refused(`the archive holds a path outside of itself: '${shown(path)}'`)
  if (entry.isEncrypted()) throw refused(`the archive holds an encrypted entry: '${shown(path)}'`)
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw refused(`the archive holds '${shown(path)}' in a compression other than deflate`)
  }
  if (!allowedFileTypes.has(fileTypeOf(entry)) && !(links === 'allowed' && isZipLink(entry))) {
    throw refused(`the archive holds a link or a device: '${shown(path)}'`)
  }
}

/** The archive as a whole: entries side by side from its first byte to its directory, and nothing behind that. */
export async function checkZipFrame(zip: ZipFile, entries: readonly Entry[], source: ByteSource): Promise<void> {
  // The library's cursor, which its types call something else, stands where the directory ends.
  const directoryEnd = Number(zip.readEntryCursor)
  const directoryBytes = entries.reduce((sum, entry) => sum + headerBytes(entry), 0)
  await checkEntries(zip, entries, directoryEnd - directoryBytes)
  const endStart = zip.fileSize - END_RECORD_BYTES - zip.comment.length
  if (!longRecordBytes.has(endStart - directoryEnd)) throw refused('the archive holds bytes that belong to no entry')
  if (zip.comment.includes('PK')) throw refused("the archive's comment looks like another archive")
  if (isTarHeader(await readBytes(source, 0, TAR_BLOCK_BYTES))) {
    throw refused('the file is a zip and a tar archive at once')
  }
}

function headerBytes(entry: Entry): number {
  return DIRECTORY_HEADER_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
}

async function checkEntries(zip: ZipFile, entries: readonly Entry[], directoryStart: number): Promise<void> {
  const offsetOf = (entry: Entry) => entry.relativeOffsetOfLocalHeader
  let end = 0
  let hasDescriptor = false
  for (const entry of entries.toSorted((left, right) => offsetOf(left) - offsetOf(right))) {
    checkGap(offsetOf(entry) - end, hasDescriptor)
    const local = await zip.readLocalFileHeaderPromise(entry)
    hasDescriptor = (entry.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0
    checkLocalHeader(local, entry, hasDescriptor ? 'behind the data' : 'before the data')
    end = local.fileDataStart + entry.compressedSize
  }
  checkGap(directoryStart - end, hasDescriptor)
}

function checkLocalHeader(local: LocalFileHeader, entry: Entry, sizes: 'behind the data' | 'before the data'): void {
  const flags = (local.generalPurposeBitFlag ^ entry.generalPurposeBitFlag) & HAS_DESCRIPTOR
  const isSame =
    flags === 0 &&
    local.fileName.equals(entry.fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    (sizes === 'behind the data' || areSizesEqual(local, entry))
  if (!isSame) throw refused(`the archive says two things of '${shown(entry.fileName)}'`)
}

function checkGap(bytes: number, hasDescriptor: boolean): void {
  if (bytes === 0 && !hasDescriptor) return
  if (hasDescriptor && descriptorBytes.has(bytes)) return
  throw refused(
    bytes < 0 ? 'the archive holds entries that overlap' : 'the archive holds bytes that belong to no entry',
  )
}

/** A long archive's entry has its true sizes in a field of its own, which the library has read for the directory. */
function areSizesEqual(local: LocalFileHeader, entry: Entry): boolean {
  const isEqual = (size: number, real: number) => size === real || size === 0xffffffff
  return (
    local.crc32 === entry.crc32 &&
    isEqual(local.compressedSize, entry.compressedSize) &&
    isEqual(local.uncompressedSize, entry.uncompressedSize)
  )
}

/** Source: POSIX ustar: its mark at 257, and at 148 the sum of the block's bytes with that field as spaces. */
function isTarHeader(block: Buffer): boolean {
  if (block.length < TAR_BLOCK_BYTES) return false
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  return Number.parseInt(block.toString('latin1', 148, 156).trim(), 8) === sum
}

function shown(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path
}
