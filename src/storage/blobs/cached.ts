import { Readable } from 'node:stream'

import { LRUCache } from 'lru-cache'

import { type CacheCounts, newCacheCounts } from '../cache-counts.ts'
import type { AddressedAs, BlobId, BlobStore, ByteRange, NamedStaging, Staging } from './blob-store.ts'

export interface BlobCacheLimits {
  /** All blobs kept, together. Unit: bytes. */
  readonly limitBytes: number
  /** The largest blob kept. Unit: bytes. */
  readonly blobBytesMax: number
}

/** Keeps small blobs in memory once they were read. A name says what the bytes are, so they never grow stale. */
export function cachedBlobs(store: BlobStore, limits: BlobCacheLimits, counts = newCacheCounts()): BlobStore {
  return new CachedBlobStore(store, limits, counts)
}

class CachedBlobStore implements BlobStore {
  readonly #store: BlobStore
  readonly #blobBytesMax: number
  readonly #counts: CacheCounts
  readonly #kept: LRUCache<string, Buffer>

  constructor(store: BlobStore, { limitBytes, blobBytesMax }: BlobCacheLimits, counts: CacheCounts) {
    this.#store = store
    this.#counts = counts
    this.#blobBytesMax = blobBytesMax
    // An empty blob counts too, as its entry takes room.
    this.#kept = new LRUCache({ maxSize: limitBytes, sizeCalculation: (bytes) => bytes.length + 256 })
  }

  async stage(domainId: string): Promise<Staging> {
    return this.#store.stage(domainId)
  }

  async stageNamed(domainId: string): Promise<NamedStaging> {
    return this.#store.stageNamed(domainId)
  }

  async open(blob: BlobId, range?: ByteRange): Promise<Readable> {
    const kept = this.#kept.get(keyOf(blob))
    if (kept === undefined) return this.#store.open(blob, range)
    const bytes = range === undefined ? kept : kept.subarray(range.start, range.end + 1)
    return Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false })
  }

  peek(blob: BlobId): Buffer | undefined {
    const kept = this.#kept.get(keyOf(blob))
    // Where there is none, `read` is asked next, and counts that.
    if (kept !== undefined) this.#counts.hits++
    return kept
  }

  async read(blob: BlobId, sizeBytes: number, limitBytes: number): Promise<Buffer | undefined> {
    if (sizeBytes > limitBytes) return undefined
    const kept = this.#kept.get(keyOf(blob))
    if (kept !== undefined) {
      this.#counts.hits++
      return kept
    }
    this.#counts.misses++
    const bytes = await this.#store.read(blob, sizeBytes, limitBytes)
    if (bytes !== undefined && bytes.length <= this.#blobBytesMax) this.#kept.set(keyOf(blob), bytes)
    return bytes
  }

  async addressOf(blob: BlobId, as: AddressedAs): Promise<string | undefined> {
    return this.#store.addressOf?.(blob, as)
  }

  async has(blob: BlobId): Promise<boolean> {
    return this.#store.has(blob)
  }

  async remove(blob: BlobId): Promise<void> {
    this.#kept.delete(keyOf(blob))
    await this.#store.remove(blob)
    // It may have been read while it was being removed.
    this.#kept.delete(keyOf(blob))
  }

  async sizeOf(blob: BlobId): Promise<number | undefined> {
    return this.#store.sizeOf(blob)
  }

  domains(): AsyncIterable<string> {
    return this.#store.domains()
  }

  list(domainId: string): AsyncIterable<BlobId> {
    return this.#store.list(domainId)
  }

  async check(): Promise<void> {
    await this.#store.check()
  }
}

function keyOf({ domainId, sha256 }: BlobId): string {
  return `${domainId}/${sha256}`
}
