/** What the text of a segment begins with, and what is kept for others at most. Unit: bytes. Ours. */
const BUFFER_BYTES = { first: 65_536, keptMax: 4_194_304 }
/** Buffers that wait for the next text. Ours. */
const KEPT_MAX = 4

/** Buffers that are used again: made anew for each segment, they would keep the garbage collector busy. */
export class TextPool {
  readonly #kept: Buffer[] = []

  take(): Buffer {
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES.first)
  }

  /** Nobody may use it any more. */
  give(buffer: Buffer): void {
    if (this.#kept.length < KEPT_MAX && buffer.length <= BUFFER_BYTES.keptMax) this.#kept.push(buffer)
  }
}
