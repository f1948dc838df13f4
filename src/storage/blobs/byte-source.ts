import type { Readable } from 'node:stream'

/** Bytes in the order in which they are stored, in portions of the taker's own size. */
export interface SegmentSource {
  /** Some bytes, at most so many; none at the end. */
  some(bytesMax: number): Promise<Buffer>
  /** So many bytes, or fewer at the end. */
  exactly(bytes: number): Promise<Buffer>
  close(): void
}

/** The bytes of a stream, taken off it in portions of one's own size. */
export class ByteSource implements SegmentSource {
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: Readable) {
    this.#stream = stream
    this.#chunks = stream.iterator({ destroyOnReturn: true }) as AsyncIterator<Buffer>
  }

  /** Some bytes, at most so many; none at the end of the stream. */
  async some(bytesMax: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return this.#rest
      this.#rest = next.value
    }
    const taken = this.#rest.subarray(0, bytesMax)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  /** So many bytes, or fewer at the end of the stream. */
  async exactly(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let missing = bytes; missing > 0; ) {
      const part = await this.some(missing)
      if (part.length === 0) break
      parts.push(part)
      missing -= part.length
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  }

  close(): void {
    this.#stream.destroy()
  }
}
