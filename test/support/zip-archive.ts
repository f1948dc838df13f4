import { crc32, deflateRawSync } from 'node:zlib'

/** One entry of a zip archive, hostile ones included: everything goes in as it is. */
export interface ZipEntry {
  readonly path: string
  readonly content?: string | Buffer
  readonly method?: 'stored' | 'deflated'
  /** What the local header says instead of `path`. */
  readonly localPath?: string
  /** What the directory says instead of the real size. */
  readonly claimedBytes?: number
  /** Unix mode, for links and devices. */
  readonly mode?: number
  /** Bytes put before the entry that belong to nobody. */
  readonly gap?: Buffer
  /** Added to the flags, as 1 for encrypted. */
  readonly flags?: number
}

export interface ZipOptions {
  readonly comment?: string
  /** Bytes behind the archive. */
  readonly tail?: Buffer
}

/** A zip archive with these entries. The same entries always give the same bytes. Source: APPNOTE.TXT, section 4.3. */
export function packZip(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '')
    const isStored = entry.method === 'stored'
    const data = isStored ? content : deflateRawSync(content)
    const fields = { content, data, method: isStored ? 0 : 8, flags: 0x800 | (entry.flags ?? 0) }
    const local = Buffer.concat([
      entry.gap ?? Buffer.alloc(0),
      localHeader(entry.localPath ?? entry.path, fields),
      data,
    ])
    directory.push(directoryHeader(entry, fields, offset + (entry.gap?.length ?? 0)))
    locals.push(local)
    offset += local.length
  }
  const end = endRecord(entries.length, Buffer.concat(directory).length, offset, options.comment ?? '')
  return Buffer.concat([...locals, ...directory, end, options.tail ?? Buffer.alloc(0)])
}

interface Fields {
  readonly content: Buffer
  readonly data: Buffer
  readonly method: number
  readonly flags: number
}

function localHeader(path: string, { content, data, method, flags }: Fields): Buffer {
  const name = Buffer.from(path)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt16LE(method, 8)
  header.writeUInt16LE(0x21, 12)
  header.writeUInt32LE(crc32(content), 14)
  header.writeUInt32LE(data.length, 18)
  header.writeUInt32LE(content.length, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, name])
}

function directoryHeader(entry: ZipEntry, { content, data, method, flags }: Fields, offset: number): Buffer {
  const name = Buffer.from(entry.path)
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(0x314, 4)
  header.writeUInt16LE(20, 6)
  header.writeUInt16LE(flags, 8)
  header.writeUInt16LE(method, 10)
  header.writeUInt16LE(0x21, 14)
  header.writeUInt32LE(crc32(content), 16)
  header.writeUInt32LE(data.length, 20)
  header.writeUInt32LE(entry.claimedBytes ?? content.length, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38)
  header.writeUInt32LE(offset, 42)
  return Buffer.concat([header, name])
}

function endRecord(count: number, sizeBytes: number, offset: number, comment: string): Buffer {
  const record = Buffer.alloc(22)
  record.writeUInt32LE(0x06054b50, 0)
  record.writeUInt16LE(count, 8)
  record.writeUInt16LE(count, 10)
  record.writeUInt32LE(sizeBytes, 12)
  record.writeUInt32LE(offset, 16)
  record.writeUInt16LE(Buffer.byteLength(comment), 20)
  return Buffer.concat([record, Buffer.from(comment)])
}
