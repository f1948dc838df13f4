import type { Readable, Writable } from 'node:stream'

/** Lower-case hexadecimal digests, all four that CodeArtifact shows for an asset. */
export interface Digests {
  readonly sha256: string
  readonly sha512: string
  readonly sha1: string
  readonly md5: string
}

export interface StagedBytes extends Digests {
  readonly sizeBytes: number
}

/** Bytes are addressed by their content within a domain. */
export interface BlobId {
  readonly domainId: string
  readonly sha256: string
}

/** Both ends count and are included, as in HTTP. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What the store says of a blob to whoever reads it by its address. */
export interface AddressedAs {
  readonly contentType: string
  readonly fileName: string
}

/** An open blob, for who brings the memory to read into. */
export interface BlobFile {
  /** Fills `into` from `offset` on with what stands at `position`. Bytes read; 0 at the end. */
  read(into: Buffer, offset: number, position: number): Promise<number>
  release(): Promise<void>
}

/** Where bytes live. Knows nothing of packages; a row in the database is what makes a blob count. */
export interface BlobStore {
  /** Opens a place for bytes whose name is not known yet. */
  stage(domainId: string): Promise<Staging>
  /** For who stores other bytes than those that the name is about: they are not hashed. */
  stageNamed(domainId: string): Promise<NamedStaging>
  /** Throws `BlobMissingError`. The range must lie within the blob. */
  open(blob: BlobId, range?: ByteRange): Promise<Readable>
  /** A blob where it lies; a store that has no files leaves it out. Throws `BlobMissingError`. */
  openFile?(blob: BlobId): Promise<BlobFile>
  /** A blob of at most `limitBytes`, whole: a ready buffer or undefined when it is larger. Throws `BlobMissingError`. */
  read(blob: BlobId, sizeBytes: number, limitBytes: number): Promise<Buffer | undefined>
  /** A blob that is in memory; a store that keeps none there leaves it out. */
  peek?(blob: BlobId): Buffer | undefined
  /**
   * An address by which anybody can read the blob for a moment, from the store itself; undefined when nobody is to, or the
   * store holds it encrypted by us. A store that nobody else can reach leaves it out.
   */
  addressOf?(blob: BlobId, as: AddressedAs): Promise<string | undefined>
  has(blob: BlobId): Promise<boolean>
  /** Removing what is not there is no error. */
  remove(blob: BlobId): Promise<void>
  /** Size of the bytes that `open` gives. Undefined when there is no such blob. */
  sizeOf(blob: BlobId): Promise<number | undefined>
  /** Every domain that has blobs, or had some; whether it still exists is for the database to say. */
  domains(): AsyncIterable<string>
  /** Every blob of a domain, in no order. */
  list(domainId: string): AsyncIterable<BlobId>
  /** Throws when the store can't be written to or read from. */
  check(): Promise<void>
}

/** Bytes on their way in. Disposing of it without `commit` leaves nothing behind. */
interface StagedStream extends AsyncDisposable {
  /** Ends with `end()`; an error destroys the staging. */
  readonly writable: Writable
  /** Bytes written so far. */
  readonly writtenBytes: number
  /**
   * Reads what is there from `start` on and follows the writer to its end; errors when the writer does. Any number may
   * read at once, each at its own pace.
   */
  follow(start?: number): Readable
}

/** Bytes that are hashed as they are written. */
export interface Staging extends StagedStream {
  /** Resolves when `writable` has finished and all four digests are known. */
  sealed(): Promise<StagedBytes>
  /** Makes the bytes durable under their content's name. The blob may exist already. Call after `sealed`. */
  commit(): Promise<BlobId>
}

/** Bytes whose name somebody else knows. */
export interface NamedStaging extends StagedStream {
  /** Makes the bytes durable under this name, instead of what had it before. */
  commit(sha256: string): Promise<BlobId>
}

export class BlobMissingError extends Error {
  readonly blob: BlobId

  constructor(blob: BlobId, options?: { cause?: unknown }) {
    super(`blob ${blob.sha256} of domain ${blob.domainId} is not in the store`, options)
    this.name = 'BlobMissingError'
    this.blob = blob
  }
}

/** The store did not do what it was asked for: it is down, too slow, or refuses. Trying again later may help. */
export class BlobStoreError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'BlobStoreError'
  }
}
