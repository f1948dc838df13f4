import { createSecretKey } from 'node:crypto'
import { Readable } from 'node:stream'

import { LRUCache } from 'lru-cache'

import {
  type AddressedAs,
  type BlobId,
  BlobMissingError,
  type BlobStore,
  type ByteRange,
  type NamedStaging,
  type Staging,
} from './blob-store.ts'
import { ByteSource, type SegmentSource } from './byte-source.ts'
import { type DomainKeys, DomainKeyMissingError } from './domain-keys.ts'
import { EncryptedStaging } from './encrypted-staging.ts'
import { ByteHashes } from './hashing.ts'
import { FileSource, ReadBuffers } from './file-source.ts'
import { HashPool } from './hash-pool.ts'
import {
  BlobDamagedError,
  HEADER_BYTES,
  KEY_BYTES,
  NONCE_BYTES,
  plainSize,
  readKeyVersion,
  sealedSize,
  segmentPosition,
  unwrapDataKey,
} from './sealed-format.ts'
import { domainOfSealed, sealedDomain, sealedId } from './sealed-id.ts'
import { Sealer } from './sealer.ts'
import { type SealedBlob, segmentsIn, unseal } from './unseal.ts'

/** Blobs whose size is remembered, which never changes. Unit: entries. Ours. */
const KNOWN_SIZES_MAX = 10_000
/** Blobs remembered that were stored as they are. Unit: entries. Ours. */
const KNOWN_PLAIN_MAX = 2_000

export interface EncryptionParts {
  /** Holds both kinds. */
  readonly store: BlobStore
  readonly keys: DomainKeys
  readonly randomBytes: (count: number) => Buffer
  /** 'plain' leaves the encrypted ones readable. */
  readonly newBlobs: 'encrypted' | 'plain'
  /** Told of each blob that was found damaged, whenever it is. */
  readonly onDamaged: (blob: BlobId, error: Error) => void
  readonly hashPool?: HashPool
}

/**
 * Encrypts blobs on their way into another store and decrypts them on the way out: `sealed-format.ts` says how. Blobs
 * that were stored before stay readable as they are; `encryptPlainBlobs` changes that.
 */
export function encryptedBlobs(parts: EncryptionParts): BlobStore {
  return new EncryptedBlobStore(parts)
}

class EncryptedBlobStore implements BlobStore {
  readonly #parts: EncryptionParts
  readonly #hashPool: HashPool
  readonly #buffers = new ReadBuffers()
  readonly #sizes = new LRUCache<string, number>({ max: KNOWN_SIZES_MAX })
  readonly #plain = new LRUCache<string, true>({ max: KNOWN_PLAIN_MAX })

  constructor(parts: EncryptionParts) {
    this.#parts = parts
    this.#hashPool = parts.hashPool ?? new HashPool()
  }

  async stage(domainId: string): Promise<Staging> {
    const { store, keys, randomBytes, newBlobs } = this.#parts
    if (newBlobs === 'plain') return store.stage(domainId)
    const stored = await store.stageNamed(sealedDomain(domainId))
    try {
      const sealer = new Sealer(randomBytes(KEY_BYTES), await keys.newest(domainId), randomBytes(NONCE_BYTES))
      return new EncryptedStaging({ domainId, stored, sealer, hashes: new ByteHashes(this.#hashPool) })
    } catch (error) {
      await stored[Symbol.asyncDispose]()
      throw error
    }
  }

  async stageNamed(domainId: string): Promise<NamedStaging> {
    return this.#parts.store.stageNamed(domainId)
  }

  async open(blob: BlobId, range?: ByteRange): Promise<Readable> {
    return this.#either(
      async () => this.#openSealed(blob, range),
      async () => this.#parts.store.open(blob, range),
    )
  }

  async read(blob: BlobId, sizeBytes: number, limitBytes: number): Promise<Buffer | undefined> {
    if (sizeBytes > limitBytes) return undefined
    return this.#either(
      async () => this.#readSealed(blob, sizeBytes),
      async () => this.#parts.store.read(blob, sizeBytes, limitBytes),
    )
  }

  async addressOf(blob: BlobId, as: AddressedAs): Promise<string | undefined> {
    const { store, newBlobs } = this.#parts
    // While this encrypts, plain blobs may be on their way to be encrypted.
    if (newBlobs === 'encrypted' || store.addressOf === undefined) return undefined
    const key = `${blob.domainId}/${blob.sha256}`
    if (!this.#plain.has(key)) {
      if (!(await store.has(blob))) return undefined
      this.#plain.set(key, true)
    }
    return store.addressOf(blob, as)
  }

  async has(blob: BlobId): Promise<boolean> {
    const { store } = this.#parts
    return (await store.has(sealedId(blob))) || (await store.has(blob)) || store.has(sealedId(blob))
  }

  async remove(blob: BlobId): Promise<void> {
    this.#plain.delete(`${blob.domainId}/${blob.sha256}`)
    await this.#parts.store.remove(blob)
    await this.#parts.store.remove(sealedId(blob))
  }

  async sizeOf(blob: BlobId): Promise<number | undefined> {
    const { store } = this.#parts
    const storedBytes = await store.sizeOf(sealedId(blob))
    if (storedBytes === undefined) return store.sizeOf(blob)
    return this.#watch(blob, async () => plainSize(storedBytes))
  }

  async *domains(): AsyncIterable<string> {
    const told = new Set<string>()
    for await (const folder of this.#parts.store.domains()) {
      const domainId = domainOfSealed(folder) ?? folder
      if (!told.has(domainId)) yield domainId
      told.add(domainId)
    }
  }

  async *list(domainId: string): AsyncIterable<BlobId> {
    const { store } = this.#parts
    for await (const { sha256 } of store.list(sealedDomain(domainId))) yield { domainId, sha256 }
    for await (const blob of store.list(domainId)) if (!(await store.has(sealedId(blob)))) yield blob
  }

  async check(): Promise<void> {
    await this.#parts.store.check()
  }

  /** A blob may be encrypted between the two looks, so the first one is repeated. */
  async #either<T>(sealed: () => Promise<T>, plain: () => Promise<T>): Promise<T> {
    const orElse = (otherwise: () => Promise<T>) => async (error: unknown) => {
      if (error instanceof BlobMissingError) return otherwise()
      throw error
    }
    return sealed().catch(orElse(async () => plain().catch(orElse(sealed))))
  }

  async #openSealed(blob: BlobId, range: ByteRange | undefined): Promise<Readable> {
    const sizeBytes = await this.#sizeOf(blob)
    const begin = this.#parts.store.openFile ? this.#beginFile : this.#begin
    const sealed = await this.#watch(blob, async () => begin.call(this, blob, sizeBytes, range))
    const plain = Readable.from(this.#watched(blob, sealed), { objectMode: false })
    return plain.once('close', () => sealed.source.close())
  }

  /** A whole blob is one stream of the store, a range far inside it two. */
  async #begin(blob: BlobId, sizeBytes: number, range: ByteRange | undefined): Promise<Opened> {
    const { store } = this.#parts
    const { first, last } = segmentsIn(sizeBytes, range)
    const end = Math.min(segmentPosition(last + 1), sealedSize(sizeBytes)) - 1
    const isAtStart = first === 0
    const head = isAtStart ? { start: 0, end } : { start: 0, end: HEADER_BYTES - 1 }
    const opened = new ByteSource(await store.open(sealedId(blob), range && head))
    try {
      const dataKey = await this.#unwrap(blob, await opened.exactly(HEADER_BYTES))
      const sealed = { dataKey, sha256: blob.sha256, sizeBytes }
      if (isAtStart) return { source: opened, sealed, range }
      opened.close()
      return {
        source: new ByteSource(await store.open(sealedId(blob), { start: segmentPosition(first), end })),
        sealed,
        range,
      }
    } catch (error) {
      opened.close()
      throw error
    }
  }

  /** The same on a disk, into memory that is used again. */
  async #beginFile(blob: BlobId, sizeBytes: number, range: ByteRange | undefined): Promise<Opened> {
    const file = await this.#parts.store.openFile?.(sealedId(blob))
    if (!file) throw new BlobMissingError(blob)
    const source = new FileSource(file, this.#buffers)
    try {
      const dataKey = await this.#unwrap(blob, await source.exactly(HEADER_BYTES))
      const { first } = segmentsIn(sizeBytes, range)
      if (first > 0) source.seek(segmentPosition(first))
      return { source, sealed: { dataKey, sha256: blob.sha256, sizeBytes }, range }
    } catch (error) {
      source.close()
      throw error
    }
  }

  async #readSealed(blob: BlobId, sizeBytes: number): Promise<Buffer> {
    const bytes = sealedSize(sizeBytes)
    return this.#watch(blob, async () => {
      const stored = (await this.#parts.store.read(sealedId(blob), bytes, bytes)) ?? Buffer.alloc(0)
      const dataKey = await this.#unwrap(blob, stored.subarray(0, HEADER_BYTES))
      const source = new ByteSource(Readable.from([stored.subarray(HEADER_BYTES)], { objectMode: false }))
      const pieces = await Array.fromAsync(unseal(source, { dataKey, sha256: blob.sha256, sizeBytes }, undefined))
      return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    })
  }

  async #sizeOf(blob: BlobId): Promise<number> {
    const key = `${blob.domainId}/${blob.sha256}`
    const known = this.#sizes.get(key)
    if (known !== undefined) return known
    const storedBytes = await this.#parts.store.sizeOf(sealedId(blob))
    if (storedBytes === undefined) throw new BlobMissingError(blob)
    const sizeBytes = await this.#watch(blob, async () => plainSize(storedBytes))
    this.#sizes.set(key, sizeBytes)
    return sizeBytes
  }

  async #unwrap(blob: BlobId, header: Buffer) {
    const version = readKeyVersion(header)
    const key = await this.#parts.keys.find(blob.domainId, version).catch((cause: unknown) => {
      throw cause instanceof DomainKeyMissingError
        ? new BlobDamagedError(`it names key ${version} of its domain, which there is not`, { cause })
        : cause
    })
    return createSecretKey(unwrapDataKey(header, key))
  }

  async *#watched(blob: BlobId, { source, sealed, range }: Opened): AsyncGenerator<Buffer> {
    try {
      yield* unseal(source, sealed, range)
    } catch (error) {
      throw this.#told(blob, error)
    }
  }

  async #watch<T>(blob: BlobId, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#told(blob, error)
    }
  }

  #told(blob: BlobId, error: unknown): unknown {
    if (error instanceof BlobMissingError) return new BlobMissingError(blob, { cause: error })
    if (!(error instanceof BlobDamagedError)) return error
    const message = `blob ${blob.sha256} of domain ${blob.domainId} is damaged in its store: ${error.message}`
    const damage = new BlobDamagedError(message, { cause: error })
    this.#parts.onDamaged(blob, damage)
    return damage
  }
}

interface Opened {
  readonly source: SegmentSource
  readonly sealed: SealedBlob
  readonly range: ByteRange | undefined
}
