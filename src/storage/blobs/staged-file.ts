import { Writable, type Readable } from 'node:stream'

import type { BlobId, Digests, NamedStaging, StagedBytes, Staging } from './blob-store.ts'
import { FileReadable, type Progress } from './file-readable.ts'
import type { RefCountedFile } from './ref-counted-file.ts'

/** Waits in memory for the disk. Unit: bytes. */
const BUFFERED_BYTES_MAX = 262_144

/** Hashes a file while it is written. */
export interface Hashing {
  /** These are the next bytes, on their way into the file. */
  update(buffers: readonly Buffer[]): void
  /** So many bytes are in the file. */
  grown(sizeBytes: number): void
  /** All bytes are in the file. */
  digests(sizeBytes: number): Promise<Digests>
  drop(): void
}

export interface StagedFileParts {
  readonly file: RefCountedFile
  readonly hashing: Hashing
  /** Makes what is in the file durable under this name. */
  readonly keep: (sha256: string) => Promise<BlobId>
  /** Removes the file, unless it was kept. */
  readonly discard: () => Promise<void>
  /** Says what went wrong with the disk in words that help. */
  readonly explain: (error: Error) => Error
}

/** Staging in a file: whoever follows reads it from there, so nothing waits in memory for the slowest. */
export class StagedFile implements Staging, NamedStaging, Progress {
  readonly writable: Writable
  readonly #parts: StagedFileParts
  readonly #hashing: Hashing
  readonly #sealed = Promise.withResolvers<StagedBytes>()
  readonly #waiting = new Set<() => void>()
  #writtenBytes = 0
  #isComplete = false
  #failure: Error | undefined
  #writing: Promise<void> | undefined
  #committing: Promise<BlobId> | undefined
  #disposing: Promise<void> | undefined

  constructor(parts: StagedFileParts) {
    this.#parts = parts
    this.#hashing = parts.hashing
    // Whoever abandons the staging never asks.
    this.#sealed.promise.catch(() => {})
    this.writable = new Writable({
      highWaterMark: BUFFERED_BYTES_MAX,
      writev: (chunks, done) =>
        this.#append(
          chunks.map(({ chunk }) => chunk as Buffer),
          done,
        ),
      final: (done) => this.#complete(done),
      destroy: (error, done) => this.#afterWriting(error, done),
    })
    // The error reaches whoever follows or asks for the seal; without a listener it would end the process.
    this.writable.on('error', () => {})
  }

  get writtenBytes(): number {
    return this.#writtenBytes
  }

  get readableBytes(): number {
    return this.#writtenBytes
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  onceChanged(callback: () => void): void {
    this.#waiting.add(callback)
  }

  async sealed(): Promise<StagedBytes> {
    return this.#sealed.promise
  }

  follow(start = 0): Readable {
    return new FileReadable(this.#parts.file, start, this)
  }

  async commit(name?: string): Promise<BlobId> {
    this.#committing ??= this.sealed().then(({ sha256 }) => this.#parts.keep(name ?? sha256))
    return this.#committing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose()
    return this.#disposing
  }

  #append(buffers: readonly Buffer[], done: (error?: Error | null) => void): void {
    const position = this.#writtenBytes
    this.#writing = this.#parts.file.write(buffers, position).then(
      () => {
        this.#writtenBytes = position + buffers.reduce((sum, { length }) => sum + length, 0)
        this.#hashing.grown(this.#writtenBytes)
        this.#changed()
        done()
      },
      (error: Error) => done(this.#parts.explain(error)),
    )
    this.#hashing.update(buffers)
  }

  #complete(done: (error?: Error | null) => void): void {
    this.#isComplete = true
    this.#changed()
    const sizeBytes = this.#writtenBytes
    this.#hashing.digests(sizeBytes).then(
      (digests) => this.#sealed.resolve({ ...digests, sizeBytes }),
      (error: Error) => this.#sealed.reject(error),
    )
    done()
  }

  #afterWriting(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isComplete) this.#fail(error ?? new Error('the writer went away before its end'))
    void Promise.resolve(this.#writing).then(() => done(error))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#sealed.reject(error)
    this.#hashing.drop()
    this.#changed()
  }

  #changed(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const callback of waiting) callback()
  }

  /** What wasn't committed was not good: those who still read it must not believe that they have it all. */
  async #dispose(): Promise<void> {
    const isKept = await (this.#committing ?? Promise.reject(new Error('not committed'))).then(
      () => true,
      () => false,
    )
    if (!isKept) this.#fail(new Error('the staged bytes were abandoned'))
    this.writable.destroy()
    await this.#writing
    await this.#parts.file.release()
    if (!isKept) await this.#parts.discard()
  }
}
