/** How much is searched at once for the end of a head. Unit: bytes. */
const TEXT_BYTES_MAX = 16_384

/**
 * Finds the ends of HTTP/1.1 responses in a stream of bytes, and does nothing else: it must cost less than any server.
 */
export class ResponseCounter {
  #state: 'head' | 'body' | 'chunk size' | 'chunk' = 'head'
  /** Of a head or a line that has not come whole yet. */
  #text = ''
  #left = 0
  #isLast = true
  /** Of the response that was read last. */
  status = 0
  readonly #onResponse: (counter: ResponseCounter) => void

  constructor(onResponse: (counter: ResponseCounter) => void) {
    this.#onResponse = onResponse
  }

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at = this.#take(bytes, at)
  }

  #take(bytes: Buffer, at: number): number {
    if (this.#state === 'head') return this.#takeText(bytes, at, '\r\n\r\n', (head) => this.#startBody(head))
    if (this.#state === 'chunk size') return this.#takeText(bytes, at, '\r\n', (line) => this.#startChunk(line))
    const taken = Math.min(this.#left, bytes.length - at)
    this.#left -= taken
    if (this.#left === 0) this.#endPart()
    return at + taken
  }

  #takeText(bytes: Buffer, at: number, end: string, use: (text: string) => void): number {
    const read = bytes.toString('latin1', at, at + TEXT_BYTES_MAX)
    const earlier = this.#text.length
    const text = this.#text + read
    const length = text.indexOf(end)
    this.#text = length < 0 ? text : ''
    if (length < 0) return at + read.length
    const next = at + length + end.length - earlier
    use(text.slice(0, length))
    return next
  }

  #startBody(head: string): void {
    this.status = Number(head.slice(9, 12))
    const hasBody = this.status !== 304 && this.status !== 204
    if (hasBody && /\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#state = 'chunk size'
      return
    }
    this.#left = hasBody ? Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) : 0
    this.#isLast = true
    this.#state = 'body'
    if (this.#left === 0) this.#endPart()
  }

  /** The line break after a chunk counts as part of it. */
  #startChunk(line: string): void {
    const size = Number.parseInt(line, 16)
    this.#left = size + 2
    this.#isLast = size === 0
    this.#state = 'chunk'
  }

  #endPart(): void {
    this.#state = this.#isLast ? 'head' : 'chunk size'
    if (this.#isLast) this.#onResponse(this)
  }
}
