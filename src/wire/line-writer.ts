import { write, writeSync } from 'node:fs'

export interface LineWriterOptions {
  readonly descriptor: number
  /** What goes out in one write, unless one line is longer. Unit: characters, which for logs are bytes. */
  readonly charactersPerWrite: number
  /** How long a line may wait for others. Unit: ms. */
  readonly flushMs: number
  /** What may wait when the reader stands still; lines above it are dropped. Unit: characters. */
  readonly waitingMax: number
  /** The line that stands for those dropped, once there is room again. */
  renderDropped(count: number): string
}

/** How soon a pipe that was full is tried again. Unit: ms. Ours. */
const FULL_PIPE_RETRY_MS = 10

/** How long a flush waits for a reader that stands still. Unit: ms. Ours. */
const FLUSH_MAX_MS = 1000

/** Gathers lines and writes them without making anybody wait. A twentieth of the cost of the logger's own stream. */
export class LineWriter {
  readonly #options: LineWriterOptions
  #waiting: string[] = []
  /** Those before it have gone out. */
  #head = 0
  #waitingCharacters = 0
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #isWriting = false
  #isBroken = false

  constructor(options: LineWriterOptions) {
    this.#options = options
  }

  write(line: string): void {
    if (this.#isBroken) return
    if (this.#waitingCharacters > this.#options.waitingMax) {
      this.#dropped++
      return
    }
    if (this.#dropped > 0) this.#confess()
    this.#waiting.push(line)
    this.#waitingCharacters += line.length
    if (!this.#isWriting) this.#schedule()
  }

  /** Writes what is waiting before it returns, unless nobody reads. */
  flush(): void {
    const deadline = performance.now() + FLUSH_MAX_MS
    try {
      while (this.#head < this.#waiting.length && !this.#isBroken) this.#writeNow(this.#take(), deadline)
    } catch {
      this.#isBroken = true
    }
  }

  #writeNow(bytes: Buffer, deadline: number): void {
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.#options.descriptor, bytes, at)
      } catch (error) {
        if (!isFull(error) || performance.now() > deadline) throw error
      }
    }
  }

  #confess(): void {
    const line = this.#options.renderDropped(this.#dropped)
    this.#dropped = 0
    this.#waiting.push(line)
    this.#waitingCharacters += line.length
  }

  #schedule(): void {
    if (this.#waitingCharacters >= this.#options.charactersPerWrite) this.#writeNext()
    else this.#timer ??= setTimeout(this.#writeNext, this.#options.flushMs).unref()
  }

  readonly #writeNext = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#head === this.#waiting.length) return
    this.#isWriting = true
    this.#send(this.#take())
  }

  /** Whole lines only, so that those of other processes stand before or after them. */
  #take(): Buffer {
    const start = this.#head
    let characters = 0
    for (let line = this.#waiting[start]; line !== undefined; line = this.#waiting[this.#head]) {
      if (this.#head > start && characters + line.length > this.#options.charactersPerWrite) break
      characters += line.length
      this.#head++
    }
    this.#waitingCharacters -= characters
    const bytes = Buffer.from(this.#waiting.slice(start, this.#head).join(''))
    this.#forgetWritten()
    return bytes
  }

  /** Not at every write, as what is left has to be moved. */
  #forgetWritten(): void {
    if (this.#head < this.#waiting.length / 2) return
    this.#waiting = this.#waiting.slice(this.#head)
    this.#head = 0
  }

  #send(bytes: Buffer): void {
    write(this.#options.descriptor, bytes, 0, bytes.length, null, (error, writtenBytes) => {
      if (isFull(error)) setTimeout(() => this.#send(bytes), FULL_PIPE_RETRY_MS)
      else if (error) this.#isBroken = true
      else if (writtenBytes < bytes.length) this.#send(bytes.subarray(writtenBytes))
      else this.#rest()
    })
  }

  #rest(): void {
    this.#isWriting = false
    if (this.#head < this.#waiting.length) this.#schedule()
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}
