import { Readable, Writable } from 'node:stream'

import type { BlobId, NamedStaging, StagedBytes, Staging } from './blob-store.ts'
import type { ByteHashes } from './hashing.ts'
import { SEGMENT_BYTES, segmentPosition } from './sealed-format.ts'
import type { Sealer } from './sealer.ts'
import { unsealWritten } from './unseal.ts'

/** Waits in memory for the store. Unit: bytes. */
const BUFFERED_BYTES_MAX = 262_144

export interface EncryptedStagingParts {
  readonly domainId: string
  /** Takes what is stored. */
  readonly stored: NamedStaging
  readonly sealer: Sealer
  readonly hashes: ByteHashes
}

/** Encrypts on the way into a store; hashes what comes, not what is stored. */
export class EncryptedStaging implements Staging {
  readonly writable: Writable
  readonly #parts: EncryptedStagingParts
  readonly #sealed = Promise.withResolvers<StagedBytes>()
  #isComplete = false
  #isBegun = false
  #committing: Promise<BlobId> | undefined

  constructor(parts: EncryptedStagingParts) {
    this.#parts = parts
    // Whoever abandons the staging never asks.
    this.#sealed.promise.catch(() => {})
    this.writable = new Writable({
      highWaterMark: BUFFERED_BYTES_MAX,
      writev: (chunks, done) => {
        settle(this.#append(chunks.map(({ chunk }) => chunk as Buffer)), done)
      },
      final: (done) => settle(this.#complete(), done),
      destroy: (error, done) => {
        this.#abandon(error)
        done(error)
      },
    })
    // The error reaches whoever follows or asks for the seal; without a listener it would end the process.
    this.writable.on('error', () => {})
    // A full disk ends both.
    parts.stored.writable.on('error', (error) => this.writable.destroy(error))
  }

  get writtenBytes(): number {
    return this.#parts.sealer.sizeBytes
  }

  async sealed(): Promise<StagedBytes> {
    return this.#sealed.promise
  }

  follow(start = 0): Readable {
    const { stored, sealer } = this.#parts
    const position = segmentPosition(Math.floor(start / SEGMENT_BYTES)) + (start % SEGMENT_BYTES)
    const following = stored.follow(position)
    const plain = Readable.from(
      unsealWritten(following, { dataKey: sealer.dataKey, start, sizeBytes: () => sealer.sizeBytes }),
      { objectMode: false },
    )
    // Whoever goes away while nothing comes must not wait for more.
    return plain.once('close', () => following.destroy())
  }

  async commit(): Promise<BlobId> {
    this.#committing ??= this.#commit()
    return this.#committing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#committing?.catch(() => {})
    this.writable.destroy()
    await this.#parts.stored[Symbol.asyncDispose]()
  }

  async #commit(): Promise<BlobId> {
    const { sha256 } = await this.sealed()
    await this.#parts.stored.commit(sha256)
    return { domainId: this.#parts.domainId, sha256 }
  }

  async #append(buffers: readonly Buffer[]): Promise<void> {
    const { sealer, hashes } = this.#parts
    const sealed = buffers.flatMap((bytes) => sealer.update(bytes))
    await Promise.all([this.#store([...this.#begin(), ...sealed]), hashes.update(buffers)])
  }

  async #complete(): Promise<void> {
    const { sealer, hashes, stored } = this.#parts
    const digests = await hashes.digests()
    await this.#store([...this.#begin(), sealer.end(digests.sha256)])
    stored.writable.end()
    await finishOf(stored.writable)
    this.#isComplete = true
    this.#sealed.resolve({ ...digests, sizeBytes: sealer.sizeBytes })
  }

  #begin(): Buffer[] {
    const header = this.#isBegun ? [] : [this.#parts.sealer.header]
    this.#isBegun = true
    return header
  }

  async #store(buffers: readonly Buffer[]): Promise<void> {
    const { writable } = this.#parts.stored
    await new Promise<void>((resolve, reject) => {
      writable.cork()
      for (const [index, bytes] of buffers.entries()) {
        const isLast = index === buffers.length - 1
        writable.write(bytes, isLast ? (error) => (error ? reject(error) : resolve()) : undefined)
      }
      writable.uncork()
    })
  }

  #abandon(error: Error | null): void {
    if (this.#isComplete) return
    const reason = error ?? new Error('the writer went away before its end')
    this.#sealed.reject(reason)
    this.#parts.hashes.drop()
    this.#parts.stored.writable.destroy(reason)
  }
}

function settle(work: Promise<void>, done: (error?: Error | null) => void): void {
  work.then(() => done(), done)
}

async function finishOf(writable: Writable): Promise<void> {
  if (writable.writableFinished) return
  await new Promise<void>((resolve, reject) => {
    writable.once('finish', resolve).once('error', reject)
  })
}
