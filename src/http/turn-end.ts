import type { ServerResponse } from 'node:http'

/** Answers that wait at most, so that the first of very many does not wait for all. Ours. */
const WAITING_MAX = 32

/**
 * Sends the answers of one turn of the event loop back to back, once every request that had arrived has been looked at.
 * Each write wakes the client, and the kernel then often lets it run at once: between two writes that follow each other
 * it does not, and the code that makes answers stays in the processor's cache. With 16 connections this halves what a
 * small answer costs; a request that comes alone waits for nothing.
 */
export class TurnEnd {
  #waiting: { readonly response: ServerResponse; readonly body: Buffer | string | undefined }[] = []

  /** The head must have been written; the body is the whole of it. */
  end(response: ServerResponse, body: Buffer | string | undefined): void {
    this.#waiting.push({ response, body })
    if (this.#waiting.length === 1) setImmediate(this.flush)
    else if (this.#waiting.length >= WAITING_MAX) this.flush()
  }

  readonly flush = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { response, body } of waiting) {
      if (body === undefined) response.end()
      else response.end(body)
    }
  }
}
