import type { Readable } from 'node:stream'
import { refused } from '../../registry/errors.ts'

/** Bytes that can be read from anywhere. */
export interface ByteSource {
  readonly sizeBytes: number
  /** From `start` on; whoever has enough destroys it. */
  open(start?: number): Readable
}

/** A file in an archive that is not compressed. */
export interface TarFile {
  readonly name: string
  readonly startAt: number
  readonly sizeBytes: number
}

/** Source: POSIX, "ustar Interchange Format". Unit: bytes. */
const BLOCK_BYTES = 512

/** Most files; a gem has seven at most. Ours. */
const FILES_MAX = 20

/**
 * Where the files of a gem's outer archive stand. Nothing but plain files with plain names is taken, so that no other
 * reader can see other files. Throws `invalid`.
 */
export async function walkTar(source: ByteSource): Promise<TarFile[]> {
  const files: TarFile[] = []
  for (let at = 0; at < source.sizeBytes; ) {
    const header = await readPart(source, at, BLOCK_BYTES)
    if (header.every((byte) => byte === 0)) break
    if (header.length < BLOCK_BYTES) throw refused('the gem is damaged: its archive ends inside a header')
    const file = readHeader(header, at + BLOCK_BYTES)
    if (file.startAt + file.sizeBytes > source.sizeBytes)
      throw refused(`the gem is damaged: it ends inside ${file.name}`)
    files.push(file)
    if (files.length > FILES_MAX) throw refused(`the gem's archive holds more than ${FILES_MAX} files`)
    at = file.startAt + Math.ceil(file.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
  }
  return files
}

function readHeader(header: Buffer, startAt: number): TarFile {
  const name = textAt(header, 0, 100)
  const prefix = textAt(header, 345, 155)
  const type = header[156]
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (octalAt(header, 148, 8) !== sum) throw refused('the file is not a gem, or damaged: it is no tar archive')
  if ((type !== 0x30 && type !== 0) || prefix !== '')
    throw refused(`the gem's archive holds '${name}', which is no plain file`)
  const sizeBytes = octalAt(header, 124, 12)
  if (sizeBytes === undefined) throw refused(`the gem is damaged: ${name} has no size`)
  return { name, startAt, sizeBytes }
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.toString('latin1', 0, end < 0 ? length : end).replace(/[^\x20-\x7e]/g, '?')
}

function octalAt(header: Buffer, start: number, length: number): number | undefined {
  const [, digits] = /^ *([0-7]{1,11})[ \0]*$/.exec(header.toString('latin1', start, start + length)) ?? []
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}

/** Fewer bytes where the source ends before. */
export async function readPart(source: ByteSource, start: number, lengthBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of streamPart(source, start, lengthBytes)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function* streamPart(source: ByteSource, start: number, lengthBytes: number): AsyncGenerator<Buffer> {
  let left = lengthBytes
  if (left === 0) return
  for await (const chunk of source.open(start) as AsyncIterable<Buffer>) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk
    left -= chunk.length
    if (left <= 0) return
  }
}
