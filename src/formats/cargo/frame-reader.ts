import { refused } from '../../registry/errors.ts'

/** Reads a body whose parts come with their lengths. Nothing is held that was not asked for whole. */
export class FrameReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(body: AsyncIterable<Buffer>) {
    this.#chunks = body[Symbol.asyncIterator]()
  }

  /** A length: four bytes, the lowest first. `what` is what the next part is called. Throws `invalid`. */
  async takeLength(what: string): Promise<number> {
    const bytes = await this.take(LENGTH_BYTES, `the length of ${what}`)
    return bytes.readUInt32LE()
  }

  /** Exactly so many bytes, held whole. Throws `invalid` when the body ends before. */
  async take(lengthBytes: number, what: string): Promise<Buffer> {
    return Buffer.concat(await Array.fromAsync(this.stream(lengthBytes, what)))
  }

  /** Exactly so many bytes. Fails at its end with `invalid` when the body ends before. */
  async *stream(lengthBytes: number, what: string): AsyncGenerator<Buffer> {
    let left = lengthBytes
    while (left > 0) {
      const chunk = await this.#next()
      if (!chunk) throw refused(`the body ends ${left} bytes before the end of ${what}, which has ${lengthBytes} bytes`)
      const part = chunk.subarray(0, left)
      this.#rest = chunk.subarray(part.length)
      left -= part.length
      yield part
    }
  }

  /** Throws `invalid` when anything follows. */
  async end(): Promise<void> {
    if (await this.#next()) throw refused('the body goes on after the crate, whose length is said to end there')
  }

  /** Never empty. */
  async #next(): Promise<Buffer | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest
      this.#rest = Buffer.alloc(0)
      return rest
    }
    for (;;) {
      const next: IteratorResult<Buffer, unknown> = await this.#chunks.next()
      if (next.done === true) return undefined
      if (next.value.length > 0) return next.value
    }
  }
}

/** What a length takes itself. Unit: bytes. Source: The Cargo Book, "Web API", Publish. */
export const LENGTH_BYTES = 4
