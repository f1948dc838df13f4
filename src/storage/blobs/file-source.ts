import type { BlobFile } from './blob-store.ts'
import type { SegmentSource } from './byte-source.ts'
import { HEADER_BYTES, SEGMENT_BYTES, TAG_BYTES } from './sealed-format.ts'

/** Unit: bytes. Ours: a segment with its tag, so that each read is one that can be decrypted as it is. */
const READ_BYTES = SEGMENT_BYTES + TAG_BYTES
/** Buffers that are kept for the next reader: as many downloads at once make none anew. Ours; 4 MB. */
const SPARE_BUFFERS_MAX = 16

/** Memory to read into, used again: new memory for each read costs as much as decrypting it. */
export class ReadBuffers {
  readonly #spare: Buffer[] = []

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(HEADER_BYTES + READ_BYTES)
  }

  giveBack(buffer: Buffer): void {
    if (this.#spare.length < SPARE_BUFFERS_MAX) this.#spare.push(buffer)
  }
}

/** An encrypted blob's file, segment by segment. What it gives is good until it is asked again. */
export class FileSource implements SegmentSource {
  readonly #file: BlobFile
  readonly #buffers: ReadBuffers
  readonly #buffer: Buffer
  #rest: Buffer
  #position = 0
  #reading: Promise<number> | undefined
  #isClosed = false

  constructor(file: BlobFile, buffers: ReadBuffers) {
    this.#file = file
    this.#buffers = buffers
    this.#buffer = buffers.take()
    this.#rest = this.#buffer.subarray(0, 0)
  }

  /** Goes on at another place. */
  seek(position: number): void {
    this.#position = position
    this.#rest = this.#buffer.subarray(0, 0)
  }

  async some(bytesMax: number): Promise<Buffer> {
    if (this.#rest.length === 0) await this.#fill(this.#position === 0 ? HEADER_BYTES + READ_BYTES : READ_BYTES)
    const taken = this.#rest.subarray(0, bytesMax)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  /** A copy of its own. */
  async exactly(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let missing = bytes; missing > 0; ) {
      const part = Buffer.from(await this.some(missing))
      if (part.length === 0) break
      parts.push(part)
      missing -= part.length
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  }

  /** File and memory must wait for a read under way, as both could be somebody else's by then. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const letGo = () => {
      this.#buffers.giveBack(this.#buffer)
      // Nothing was written, and nobody waits for it.
      return this.#file.release().catch(() => undefined)
    }
    void Promise.resolve(this.#reading).then(letGo, letGo)
  }

  async #fill(bytesMax: number): Promise<void> {
    if (this.#isClosed) throw new Error('the blob is closed already')
    this.#reading = this.#file.read(this.#buffer.subarray(0, bytesMax), 0, this.#position)
    const bytes = await this.#reading
    this.#reading = undefined
    this.#position += bytes
    this.#rest = this.#buffer.subarray(0, bytes)
  }
}
