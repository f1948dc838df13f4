import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Files of a bundle, encrypted as they are written:
 *
 *     header    magic (8), salt (16)
 *     segments  up to 256 KiB each, encrypted, followed by its tag (16); all but the last one are full
 *
 * By AES-256-GCM, under a key of the file's own, made from the bundle's key, the salt and what the file is. The nonce is
 * the segment's number and whether it is the last one. So nothing can be changed, cut off, moved or swapped unnoticed.
 */
const MAGIC = Buffer.from('pkybndl\x01', 'latin1')
const SALT_BYTES = 16
const HEADER_BYTES = MAGIC.length + SALT_BYTES
/** Unit: bytes. Ours. */
const SEGMENT_BYTES = 262_144
/** Unit: bytes. Source: NIST SP 800-38D. */
const TAG_BYTES = 16
const NONCE_BYTES = 12
/** Unit: bytes. Source: FIPS 197, AES-256. */
export const BUNDLE_KEY_BYTES = 32

/** The file is not what was written: damaged, cut off, another file, or made with another key. */
export class BundleDamagedError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'BundleDamagedError'
  }
}

/** Encrypts. `purpose` says what the file is, and must be given again to read it. */
export async function* seal(key: Buffer, purpose: string, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES)
  const fileKey = keyOf(key, salt, purpose)
  yield Buffer.concat([MAGIC, salt])
  let index = 0
  for await (const { bytes, isLast } of inSegments(source, SEGMENT_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(index++, isLast))
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }
}

/** Decrypts; nothing is given before it was found genuine. Throws `BundleDamagedError`. */
export async function* unseal(key: Buffer, purpose: string, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { header, rest } = await splitHeader(source)
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new BundleDamagedError(`${purpose} is no file of a bundle`)
  const fileKey = keyOf(key, header.subarray(MAGIC.length), purpose)
  let index = 0
  for await (const { bytes, isLast } of inSegments(rest, SEGMENT_BYTES + TAG_BYTES)) {
    const opened = open(fileKey, nonceOf(index++, isLast), bytes, purpose)
    if (opened.length > 0) yield opened
  }
}

function open(key: Buffer, nonce: Buffer, sealed: Buffer, purpose: string): Buffer {
  if (sealed.length < TAG_BYTES) throw new BundleDamagedError(`${purpose} is cut off`)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new BundleDamagedError(`${purpose} is damaged, or was made with another key`, cause)
  }
}

/** Full segments, and a last one which may be empty. */
async function* inSegments(source: AsyncIterable<Buffer>, segmentBytes: number) {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  for await (const chunk of source) {
    waiting.push(chunk)
    waitingBytes += chunk.length
    // The last one is known by nothing coming after it.
    if (waitingBytes <= segmentBytes) continue
    const all = Buffer.concat(waiting)
    let start = 0
    for (; all.length - start > segmentBytes; start += segmentBytes) {
      yield { bytes: all.subarray(start, start + segmentBytes), isLast: false }
    }
    waiting = [all.subarray(start)]
    waitingBytes = all.length - start
  }
  yield { bytes: Buffer.concat(waiting), isLast: true }
}

async function splitHeader(source: AsyncIterable<Buffer>): Promise<{ header: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]()
  let start: Buffer = Buffer.alloc(0)
  while (start.length < HEADER_BYTES) {
    const next = await iterator.next()
    if (next.done) throw new BundleDamagedError('a file of the bundle is cut off')
    start = Buffer.concat([start, next.value])
  }
  const rest = async function* (): AsyncGenerator<Buffer> {
    try {
      if (start.length > HEADER_BYTES) yield start.subarray(HEADER_BYTES)
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { header: start.subarray(0, HEADER_BYTES), rest: rest() }
}

function keyOf(key: Buffer, salt: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `packyard bundle ${purpose}`, BUNDLE_KEY_BYTES))
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt32BE(index, NONCE_BYTES - 5)
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0
  return nonce
}
