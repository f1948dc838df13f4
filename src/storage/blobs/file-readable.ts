import { Readable } from 'node:stream'

import type { RefCountedFile } from './ref-counted-file.ts'

/** Bytes of the first read and of the largest; each may be twice the one before. Unit: bytes. Ours, measured. */
const READ_BYTES_FIRST = 65_536
const READ_BYTES_MAX = 262_144

/** How far a file may be read, for one that may still grow. */
export interface Progress {
  /** Bytes from the start of the file that are there. */
  readonly readableBytes: number
  /** No more will come. */
  readonly isComplete: boolean
  /** Why no more will come, though it isn't complete. */
  readonly failure: Error | undefined
  /** Calls back once, at the next change. */
  onceChanged(callback: () => void): void
}

/** The bytes of a file from `start` on, as far as `progress` lets it; holds the file open until then. */
export class FileReadable extends Readable {
  readonly #file: RefCountedFile
  readonly #progress: Progress
  #position: number
  #readBytes = READ_BYTES_FIRST
  #reading: Promise<void> | undefined

  constructor(file: RefCountedFile, start: number, progress: Progress) {
    super({ highWaterMark: READ_BYTES_FIRST })
    file.hold()
    this.#file = file
    this.#position = start
    this.#progress = progress
  }

  override _read(): void {
    if (this.#reading !== undefined || this.destroyed) return
    const { readableBytes, isComplete, failure } = this.#progress
    if (failure !== undefined) this.destroy(failure)
    else if (this.#position < readableBytes) this.#reading = this.#readSome(readableBytes - this.#position)
    else if (isComplete) this.push(null)
    else this.#progress.onceChanged(() => this._read())
  }

  /** The file must stay open until a read under way has ended, as its number could be given to another file. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void Promise.resolve(this.#reading)
      .then(async () => this.#file.release())
      .then(
        () => callback(error),
        (closing: Error) => callback(error ?? closing),
      )
  }

  async #readSome(availableBytes: number): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(availableBytes, this.#readBytes))
    this.#readBytes = Math.min(this.#readBytes * 2, READ_BYTES_MAX)
    try {
      this.#deliver(buffer, await this.#file.read(buffer, 0, this.#position))
    } catch (error) {
      this.#reading = undefined
      this.destroy(error as Error)
    }
  }

  #deliver(buffer: Buffer, bytes: number): void {
    this.#reading = undefined
    if (this.destroyed) return
    if (bytes === 0) throw new Error('the stored file is shorter than it should be')
    this.#position += bytes
    this.push(bytes === buffer.length ? buffer : buffer.subarray(0, bytes))
  }
}

/** For a file that won't change: from the start up to, not including, `endBytes`. */
export function finished(endBytes: number): Progress {
  return { readableBytes: endBytes, isComplete: true, failure: undefined, onceChanged: () => {} }
}
