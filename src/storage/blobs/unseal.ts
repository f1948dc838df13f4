import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'

import type { ByteRange } from './blob-store.ts'
import type { SegmentSource } from './byte-source.ts'
import {
  BlobDamagedError,
  openSegment,
  openUnverified,
  renderSeal,
  SEGMENT_BYTES,
  segmentsOf,
  TAG_BYTES,
} from './sealed-format.ts'

export interface SealedBlob {
  readonly dataKey: KeyObject
  readonly sha256: string
  readonly sizeBytes: number
}

/** The segments that a range touches, by number, the last one included. */
export function segmentsIn(sizeBytes: number, range: ByteRange | undefined): { first: number; last: number } {
  if (range === undefined) return { first: 0, last: segmentsOf(sizeBytes) - 1 }
  return { first: Math.floor(range.start / SEGMENT_BYTES), last: Math.floor(range.end / SEGMENT_BYTES) }
}

/**
 * The blob's bytes, or a range of them, from a source that stands at the first segment needed. Each segment is given
 * away only when its tag has been found right, and the last one of a whole blob only when its seal has.
 * Throws `BlobDamagedError`.
 */
export async function* unseal(
  source: SegmentSource,
  blob: SealedBlob,
  range: ByteRange | undefined,
): AsyncGenerator<Buffer> {
  const { first, last } = segmentsIn(blob.sizeBytes, range)
  const start = range?.start ?? 0
  const end = range === undefined ? blob.sizeBytes : range.end + 1
  if (end > blob.sizeBytes) throw new BlobDamagedError(`it has fewer than ${end} bytes`)
  for (let index = first; index <= last; index++) {
    const pieces = await readSegment(source, blob, index)
    if (range === undefined && index === last) await checkSeal(source, blob)
    yield* within(pieces, index * SEGMENT_BYTES, start, end)
  }
  if (range === undefined && last < first) await checkSeal(source, blob)
}

async function readSegment(
  source: SegmentSource,
  { dataKey, sizeBytes }: SealedBlob,
  index: number,
): Promise<readonly Buffer[]> {
  const decipher = openSegment(dataKey, index)
  const pieces: Buffer[] = []
  for (let missing = Math.min(SEGMENT_BYTES, sizeBytes - index * SEGMENT_BYTES); missing > 0; ) {
    const part = await source.some(missing)
    if (part.length === 0) throw new BlobDamagedError('its end is missing')
    pieces.push(decipher.update(part))
    missing -= part.length
  }
  const tag = await source.exactly(TAG_BYTES)
  try {
    decipher.setAuthTag(tag).final()
  } catch (cause) {
    throw new BlobDamagedError(`segment ${index} is not what was written`, { cause })
  }
  return pieces
}

async function checkSeal(source: SegmentSource, { dataKey, sha256, sizeBytes }: SealedBlob): Promise<void> {
  const seal = await source.exactly(TAG_BYTES)
  if (!seal.equals(renderSeal(dataKey, sha256, sizeBytes)))
    throw new BlobDamagedError('its bytes are those of another blob, or not all of them')
}

/** What of the pieces, the first of which begins at `position`, lies between `start` and `end`. */
function* within(pieces: readonly Buffer[], position: number, start: number, end: number): Generator<Buffer> {
  let at = position
  for (const piece of pieces) {
    const part = piece.subarray(Math.max(0, start - at), Math.max(0, end - at))
    at += piece.length
    if (part.length > 0) yield part
  }
}

/**
 * Decrypts what this process is still writing, as it comes. `stored` begins where byte `start` of the blob is stored;
 * `sizeBytes` says how many bytes of the blob there are by now.
 */
export async function* unsealWritten(
  stored: Readable,
  {
    dataKey,
    start,
    sizeBytes,
  }: { readonly dataKey: KeyObject; readonly start: number; readonly sizeBytes: () => number },
): AsyncGenerator<Buffer> {
  let position = start
  let tagBytesLeft = 0
  let decipher = openUnverified(dataKey, Math.floor(start / SEGMENT_BYTES), start % SEGMENT_BYTES)
  for await (const chunk of stored as AsyncIterable<Buffer>) {
    for (let rest = chunk; rest.length > 0; ) {
      const tag = rest.subarray(0, tagBytesLeft)
      rest = rest.subarray(tag.length)
      tagBytesLeft -= tag.length
      // What follows the blob's last byte is the last tag and the seal.
      const part = rest.subarray(0, Math.min(SEGMENT_BYTES - (position % SEGMENT_BYTES), sizeBytes() - position))
      if (part.length === 0) break
      yield decipher.update(part)
      rest = rest.subarray(part.length)
      position += part.length
      if (position % SEGMENT_BYTES !== 0) continue
      tagBytesLeft = TAG_BYTES
      decipher = openUnverified(dataKey, position / SEGMENT_BYTES, 0)
    }
  }
}
