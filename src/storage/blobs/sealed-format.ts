import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  type DecipherGCM,
  type Decipheriv,
  type KeyObject,
} from 'node:crypto'

/**
 * How an encrypted blob lies in its store:
 *
 *     header    magic (8), version of the domain's key (4), nonce (12), data key wrapped by it (32), its tag (16)
 *     segments  256 KiB of the blob each, the last one shorter, every one followed by its tag (16)
 *     seal      the tag (16) of a last, empty segment, which vouches for the blob's name and size
 *
 * All by AES-256-GCM. A data key belongs to one file alone, so the nonce is the segment's number and whether it is the
 * seal: segments can be read alone, and none be left out, moved or cut off unnoticed. Name and size stand at the end
 * because they are known only when all has been written.
 */
const MAGIC = Buffer.from('pkyblob\x01', 'latin1')

/** What one tag vouches for. Unit: bytes. Ours: ranges decrypt little too much, and long reads few tags. */
export const SEGMENT_BYTES = 262_144
/** Unit: bytes. Source: NIST SP 800-38D, 5.2.1.2. */
export const TAG_BYTES = 16
/** Unit: bytes. Source: NIST SP 800-38D, 8.2.1. */
export const NONCE_BYTES = 12
/** Unit: bytes. Source: FIPS 197, AES-256. */
export const KEY_BYTES = 32
const WRAPPED_AT = MAGIC.length + 4 + NONCE_BYTES
/** Unit: bytes. Ours: the sum of its parts. */
export const HEADER_BYTES = WRAPPED_AT + KEY_BYTES + TAG_BYTES
/** What a store keeps beside the blob and its segments' tags. Unit: bytes. */
const FRAME_BYTES = HEADER_BYTES + TAG_BYTES
/** The nonce's last byte. */
const PURPOSE = { segment: 0, seal: 1 } as const

/** Bytes in the store are not what was written: a flipped bit, a cut, a file under another's name, another key. */
export class BlobDamagedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BlobDamagedError'
  }
}

export interface WrappingKey {
  readonly domainId: string
  readonly version: number
  readonly key: KeyObject
}

/** What stands before the first segment. */
export function renderHeader(dataKey: Buffer, wrapping: WrappingKey, nonce: Buffer): Buffer {
  const start = Buffer.alloc(WRAPPED_AT)
  MAGIC.copy(start)
  start.writeUInt32BE(wrapping.version, MAGIC.length)
  nonce.copy(start, MAGIC.length + 4)
  const cipher = createCipheriv('aes-256-gcm', wrapping.key, nonce)
  cipher.setAAD(Buffer.concat([start, Buffer.from(wrapping.domainId)]))
  return Buffer.concat([start, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()])
}

/** Throws `BlobDamagedError`. */
export function readKeyVersion(header: Buffer): number {
  if (header.length !== HEADER_BYTES) throw new BlobDamagedError('its header is cut off')
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new BlobDamagedError('it does not begin as it should')
  return header.readUInt32BE(MAGIC.length)
}

/** Throws `BlobDamagedError`. */
export function unwrapDataKey(header: Buffer, { domainId, key }: WrappingKey): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, header.subarray(MAGIC.length + 4, WRAPPED_AT), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.concat([header.subarray(0, WRAPPED_AT), Buffer.from(domainId)]))
  decipher.setAuthTag(header.subarray(WRAPPED_AT + KEY_BYTES))
  try {
    return Buffer.concat([decipher.update(header.subarray(WRAPPED_AT, WRAPPED_AT + KEY_BYTES)), decipher.final()])
  } catch (cause) {
    throw new BlobDamagedError('its key cannot be unwrapped', { cause })
  }
}

export function segmentsOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / SEGMENT_BYTES)
}

/** Bytes in the store for so many bytes of a blob. */
export function sealedSize(sizeBytes: number): number {
  return FRAME_BYTES + sizeBytes + TAG_BYTES * segmentsOf(sizeBytes)
}

/** The other way round. Throws `BlobDamagedError` for a size that nothing encrypted has. */
export function plainSize(storedBytes: number): number {
  const withTags = storedBytes - FRAME_BYTES
  const sizeBytes = withTags - TAG_BYTES * Math.ceil(withTags / (SEGMENT_BYTES + TAG_BYTES))
  if (sizeBytes >= 0 && sealedSize(sizeBytes) === storedBytes) return sizeBytes
  throw new BlobDamagedError(`it has ${storedBytes} bytes, which are too few or too many`)
}

/** Where a segment begins in the store. */
export function segmentPosition(index: number): number {
  return HEADER_BYTES + index * (SEGMENT_BYTES + TAG_BYTES)
}

/** Encrypts one segment, whose tag is to follow it. */
export function sealSegment(dataKey: KeyObject, index: number): CipherGCM {
  return createCipheriv('aes-256-gcm', dataKey, nonceOf(index, 'segment'))
}

/** Decrypts one segment. Nothing of it may be believed before `final` has found its tag right. */
export function openSegment(dataKey: KeyObject, index: number): DecipherGCM {
  return createDecipheriv('aes-256-gcm', dataKey, nonceOf(index, 'segment'), { authTagLength: TAG_BYTES })
}

/**
 * Decrypts one segment from `offset` on without its tag, for bytes that this process has just written itself.
 * Source: NIST SP 800-38D, 6.5 and 7.1: GCM encrypts by counter, from 2 on, 16 bytes each.
 */
export function openUnverified(dataKey: KeyObject, index: number, offset: number): Decipheriv {
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(2 + Math.floor(offset / 16))
  const decipher = createDecipheriv('aes-256-ctr', dataKey, Buffer.concat([nonceOf(index, 'segment'), counter]))
  decipher.update(Buffer.alloc(offset % 16))
  return decipher
}

/** What ends the file of this blob. */
export function renderSeal(dataKey: KeyObject, sha256: string, sizeBytes: number): Buffer {
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonceOf(segmentsOf(sizeBytes), 'seal'))
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(sizeBytes))
  cipher.setAAD(Buffer.concat([size, Buffer.from(sha256, 'hex')])).final()
  return cipher.getAuthTag()
}

function nonceOf(index: number, purpose: keyof typeof PURPOSE): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt32BE(index, NONCE_BYTES - 5)
  nonce[NONCE_BYTES - 1] = PURPOSE[purpose]
  return nonce
}
