import { createCipheriv, createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGzip, gzipSync } from 'node:zlib'

/** One entry of a tar archive, hostile ones included: the path goes in as it is. */
export interface TarEntry {
  readonly path: string
  readonly content?: string | Buffer
  /** Source: POSIX ustar: '0' file, '1' hard link, '2' symbolic link, '5' folder. */
  readonly type?: '0' | '1' | '2' | '3' | '5'
  readonly linkPath?: string
}

export interface TarballDigests {
  /** SHA-1 in hexadecimal, as npm's `dist.shasum`. */
  readonly shasum: string
  /** SHA-512 as a subresource integrity, as npm's `dist.integrity`. */
  readonly integrity: string
  readonly sizeBytes: number
}

const blockBytes = 512

/** A gzip tar with these entries. The same entries always give the same bytes. */
export function packTarball(entries: readonly TarEntry[]): Buffer {
  return gzipSync(Buffer.concat([...entries.map(tarEntry), Buffer.alloc(2 * blockBytes)]))
}

export function digest(bytes: Buffer): TarballDigests {
  const shasum = createHash('sha1').update(bytes).digest('hex')
  return { shasum, integrity: sri(createHash('sha512').update(bytes)), sizeBytes: bytes.length }
}

export async function digestStream(stream: Readable): Promise<TarballDigests> {
  const [sha1, sha512] = [createHash('sha1'), createHash('sha512')]
  let sizeBytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sha1.update(chunk)
    sha512.update(chunk)
    sizeBytes += chunk.length
  }
  return { shasum: sha1.digest('hex'), integrity: sri(sha512), sizeBytes }
}

/** A gzip tar of the given entries and one file of noise, which no compression makes smaller, never held whole. */
export function streamTarball(entries: readonly TarEntry[], noiseBytes: number): Readable {
  const noisePath = 'package/noise.bin'
  function* archive(): Generator<Buffer> {
    for (const entry of entries) yield tarEntry(entry)
    yield tarHeader({ path: noisePath }, noiseBytes)
    yield* noise(noiseBytes)
    yield Buffer.alloc(padding(noiseBytes) + 2 * blockBytes)
  }
  return Readable.from(archive(), { objectMode: false }).pipe(createGzip({ level: 0, chunkSize: 1 << 20 }))
}

/** The same noise every time: a cipher's key stream. */
function* noise(sizeBytes: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16))
  const zeros = Buffer.alloc(1 << 20)
  for (let left = sizeBytes; left > 0; left -= zeros.length)
    yield cipher.update(zeros.subarray(0, Math.min(left, 1 << 20)))
}

function tarEntry(entry: TarEntry): Buffer {
  const content = Buffer.from(entry.content ?? '')
  return Buffer.concat([tarHeader(entry, content.length), content, Buffer.alloc(padding(content.length))])
}

/** Source: POSIX ustar: 512 bytes, numbers in octal, the checksum counted as if its own field held spaces. */
function tarHeader(entry: TarEntry, sizeBytes: number): Buffer {
  const header = Buffer.alloc(blockBytes)
  header.write(entry.path, 0, 100)
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100)
  header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124)
  header.write(`${'0'.repeat(11)}\0`, 136)
  header.write(' '.repeat(8), 148)
  header.write(entry.type ?? '0', 156)
  header.write(entry.linkPath ?? '', 157, 100)
  header.write('ustar\x0000', 257, 'latin1')
  const checksum = header.reduce((sum, byte) => sum + byte, 0)
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

function padding(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes
}

function sri(hash: ReturnType<typeof createHash>): string {
  return `sha512-${hash.digest('base64')}`
}
