import { createHash } from 'node:crypto'
import { Writable, type Readable } from 'node:stream'

import type { BlobId, Digests, StagedBytes, Staging } from './blob-store.ts'
import { FileReadable, type Progress } from './file-readable.ts'
import type { FileHashing, HashPool } from './hash-pool.ts'
import type { SharedFile } from './shared-file.ts'

/** What is hashed on this thread, at most 1 ms of it; anything larger goes to others. Unit: bytes. Ours. */
const INLINE_BYTES_MAX = 262_144
/** Waits in memory for the disk. Unit: bytes. */
const BUFFERED_BYTES_MAX = 262_144

export interface StagedFileParts {
  readonly file: SharedFile
  readonly hashPool: HashPool
  /** Makes what is in the file durable under its content's name. */
  readonly keep: (staged: StagedBytes) => Promise<BlobId>
  /** Removes the file, unless it was kept. */
  readonly discard: () => Promise<void>
  /** Says what went wrong with the disk in words that help. */
  readonly explain: (error: Error) => Error
}

/** Staging in a file: whoever follows reads it from there, so nothing waits in memory for the slowest. */
export class StagedFile implements Staging, Progress {
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
    this.#hashing = new Hashing(parts.file, parts.hashPool)
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

  async commit(): Promise<BlobId> {
    this.#committing ??= this.sealed().then(this.#parts.keep)
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

/** The four hashes: of a little at once, of more on other threads, which then begin from the start. */
class Hashing {
  readonly #file: SharedFile
  readonly #pool: HashPool
  readonly #inline = {
    sha256: createHash('sha256'),
    sha512: createHash('sha512'),
    sha1: createHash('sha1'),
    md5: createHash('md5'),
  }
  #inlineBytes = 0
  #elsewhere: FileHashing | undefined

  constructor(file: SharedFile, pool: HashPool) {
    this.#file = file
    this.#pool = pool
  }

  update(buffers: readonly Buffer[]): void {
    if (this.#elsewhere !== undefined) return
    this.#inlineBytes += buffers.reduce((sum, { length }) => sum + length, 0)
    if (this.#inlineBytes > INLINE_BYTES_MAX) {
      this.#elsewhere = this.#pool.hash(this.#file.fd)
      return
    }
    for (const hash of Object.values(this.#inline)) for (const buffer of buffers) hash.update(buffer)
  }

  grown(sizeBytes: number): void {
    this.#elsewhere?.grown(sizeBytes)
  }

  /** Holds the file open until the other threads have read it. */
  async digests(sizeBytes: number): Promise<Digests> {
    if (this.#elsewhere === undefined) {
      const { sha256, sha512, sha1, md5 } = this.#inline
      return {
        sha256: sha256.digest('hex'),
        sha512: sha512.digest('hex'),
        sha1: sha1.digest('hex'),
        md5: md5.digest('hex'),
      }
    }
    this.#file.hold()
    try {
      return await this.#elsewhere.complete(sizeBytes)
    } finally {
      await this.#file.release()
    }
  }

  drop(): void {
    this.#elsewhere?.drop()
  }
}
