import { createHash, type Hash } from 'node:crypto'

import type { Digests } from './blob-store.ts'
import type { BytesHashing, FileHashing, HashPool } from './hash-pool.ts'
import type { RefCountedFile } from './ref-counted-file.ts'
import type { Hashing } from './staged-file.ts'

/** What is hashed on this thread, at most 1 ms of it; anything larger goes to others. Unit: bytes. Ours. */
const INLINE_BYTES_MAX = 262_144

/** For bytes that are named by somebody else. */
export const noHashes: Hashing = {
  update: () => {},
  grown: () => {},
  digests: async () => ({ sha256: '', sha512: '', sha1: '', md5: '' }),
  drop: () => {},
}

/** The four hashes of a file: of a little at once, of more on other threads, which then begin from the start. */
export class FileHashes implements Hashing {
  readonly #file: RefCountedFile
  readonly #pool: HashPool
  readonly #inline = createHashes()
  #inlineBytes = 0
  #elsewhere: FileHashing | undefined

  constructor(file: RefCountedFile, pool: HashPool) {
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
    if (this.#elsewhere === undefined) return digestsOf(this.#inline)
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

/** The four hashes of bytes that stand in no file as they are: likewise, except that larger ones are sent. */
export class ByteHashes {
  readonly #pool: HashPool
  #held: Buffer[] = []
  #heldBytes = 0
  #elsewhere: BytesHashing | undefined

  constructor(pool: HashPool) {
    this.#pool = pool
  }

  /** Resolves when more may come. */
  async update(buffers: readonly Buffer[]): Promise<void> {
    this.#held.push(...buffers)
    this.#heldBytes += buffers.reduce((sum, { length }) => sum + length, 0)
    if (this.#elsewhere === undefined && this.#heldBytes <= INLINE_BYTES_MAX) return
    this.#elsewhere ??= this.#pool.hashBytes()
    const bytes = Buffer.concat(this.#held)
    this.#held = []
    await this.#elsewhere.update(bytes)
  }

  async digests(): Promise<Digests> {
    if (this.#elsewhere !== undefined) return this.#elsewhere.complete()
    const hashes = createHashes()
    for (const hash of Object.values(hashes)) for (const bytes of this.#held) hash.update(bytes)
    return digestsOf(hashes)
  }

  drop(): void {
    this.#elsewhere?.drop()
  }
}

type Hashes = Readonly<Record<keyof Digests, Hash>>

function createHashes(): Hashes {
  return {
    sha256: createHash('sha256'),
    sha512: createHash('sha512'),
    sha1: createHash('sha1'),
    md5: createHash('md5'),
  }
}

function digestsOf({ sha256, sha512, sha1, md5 }: Hashes): Digests {
  return {
    sha256: sha256.digest('hex'),
    sha512: sha512.digest('hex'),
    sha1: sha1.digest('hex'),
    md5: md5.digest('hex'),
  }
}
