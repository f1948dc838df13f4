import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { HttpError } from './call.ts'

/**
 * A request's body as a stream of its own. Whoever destroys it (a failed pipeline, a `break`) leaves the connection
 * whole, so that the client can still be told what was wrong. Nothing is read before somebody asks.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #bytesMax: number
  readonly #onFirstRead: () => void
  #readBytes = 0
  #isAttached = false

  constructor(request: IncomingMessage, bytesMax: number, onFirstRead: () => void) {
    super()
    this.#request = request
    this.#bytesMax = bytesMax
    this.#onFirstRead = onFirstRead
  }

  override _read(): void {
    if (!this.#isAttached) this.#attach()
    this.#request.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#isAttached) this.#detach()
    done(error)
  }

  #attach(): void {
    this.#isAttached = true
    if (!hasBody(this.#request)) {
      this.push(null)
      return
    }
    if (this.#request.destroyed) {
      this.#onClose()
      return
    }
    this.#onFirstRead()
    this.#request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onClose).on('close', this.#onClose)
  }

  #detach(): void {
    this.#request.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    // The error listener stays: without one, a client that leaves later would bring the process down.
    this.#request.pause()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#readBytes += chunk.length
    if (this.#readBytes > this.#bytesMax) this.destroy(bodyTooLarge(this.#bytesMax))
    else if (!this.push(chunk)) this.#request.pause()
  }

  readonly #onEnd = (): void => {
    this.push(null)
  }

  readonly #onClose = (): void => {
    if (!this.#request.readableEnded) this.destroy(new HttpError(400, 'the request ended before its body was complete'))
  }
}

/** Source: RFC 9112, section 6: a request has a body when, and only when, one of these headers says so. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

export function bodyTooLarge(bytesMax: number): HttpError {
  return new HttpError(413, `the request body is larger than ${bytesMax} bytes, the most that is accepted here`)
}

/** The whole of a body that must be small. Throws `HttpError` 413 as soon as it is larger than `bytesMax`. */
export async function readBody(body: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let readBytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    readBytes += chunk.length
    if (readBytes > bytesMax) throw bodyTooLarge(bytesMax)
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}
