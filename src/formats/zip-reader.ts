import { Readable } from 'node:stream'
import { RandomAccessReader } from 'yauzl'

/** Somewhere to read bytes from, at any place. */
export interface ByteSource {
  readonly sizeBytes: number
  /** Some bytes from `start` on, `end` not included; may give more. */
  open(start: number, end: number): Promise<Readable | Buffer> | Readable | Buffer
}

/** What is read at once, as directories are read in many small steps. Unit: bytes. Ours. */
const WINDOW_BYTES = 64 * 1024

/** Reads an archive piece by piece, holding no more of it than a window. */
export class WindowReader extends RandomAccessReader {
  readonly #source: ByteSource
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0

  constructor(source: ByteSource) {
    super()
    this.#source = source
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    this.#bytes(position, position + length).then(
      (bytes) => {
        bytes.copy(buffer, offset)
        done(null)
      },
      (error: Error) => done(error),
    )
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const source = this.#source
    return Readable.from(pieces(source, start, end), { objectMode: false })
  }

  override close(done: (error: Error | null) => void): void {
    done(null)
  }

  async #bytes(start: number, end: number): Promise<Buffer> {
    const isInside = start >= this.#windowStart && end <= this.#windowStart + this.#window.length
    if (!isInside) {
      this.#window = await readBytes(this.#source, start, Math.max(end, start + WINDOW_BYTES))
      this.#windowStart = start
    }
    const bytes = this.#window.subarray(start - this.#windowStart, end - this.#windowStart)
    if (bytes.length < end - start) throw new Error('the archive ends too early')
    return bytes
  }
}

/** As many bytes as there are. */
export async function readBytes(source: ByteSource, start: number, wantedEnd: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of pieces(source, start, Math.min(wantedEnd, source.sizeBytes))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* pieces(source: ByteSource, start: number, end: number): AsyncGenerator<Buffer> {
  if (start >= end) return
  const opened = await source.open(start, end)
  let left = end - start
  for await (const chunk of (Buffer.isBuffer(opened) ? [opened] : opened) as AsyncIterable<Buffer>) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk
    left -= chunk.length
    if (left <= 0) return
  }
}
