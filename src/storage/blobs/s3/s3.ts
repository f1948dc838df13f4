import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

import { checkBlobId, checkDomainId, isBlobName, isDomainFolder } from '../blob-path.ts'
import {
  type AddressedAs,
  type BlobId,
  BlobMissingError,
  type BlobStore,
  BlobStoreError,
  type ByteRange,
  type NamedStaging,
  type Staging,
} from '../blob-store.ts'
import { HashPool } from '../hash-pool.ts'
import type { RefCountedFile } from '../ref-counted-file.ts'
import { StagingFolder } from '../staging-folder.ts'
import { RecentWrites } from './recent-writes.ts'
import { createS3Client, type S3Limits } from './s3-client.ts'
import { download } from './s3-download.ts'
import { explainS3, isNotFound } from './s3-failure.ts'
import { presign } from './s3-presign.ts'
import { abortOldUploads } from './s3-leftovers.ts'
import { upload } from './s3-upload.ts'
import type { S3Settings } from './s3-url.ts'

/** Longest wait for the next bytes of a download. Unit: ms. Ours. */
const STALL_TIMEOUT_MS = 30_000

export interface S3BlobStoreParts {
  readonly settings: S3Settings
  /** Where the settings name none. */
  readonly region: string
  /** On a disk of this machine: what is on its way in waits there until its name is known. */
  readonly stagingDirectory: string
  readonly hashPool?: HashPool
  readonly clock?: () => number
  readonly limits?: S3Limits & { readonly stallTimeoutMs?: number }
}

/**
 * Blobs as objects, `<prefix><domain>/<first two digits>/<sha256>`. Any number of processes may use the bucket at once:
 * a name says what the bytes are, so that whoever writes an object twice changes nothing, and the database decides what
 * counts.
 */
export async function s3BlobStore(parts: S3BlobStoreParts): Promise<BlobStore> {
  const { settings, region, stagingDirectory: directory, hashPool = new HashPool(), clock = Date.now, limits } = parts
  const staging = await StagingFolder.open({ directory, hashPool, clock })
  const client = createS3Client(settings, region, limits)
  // A store that is down keeps nobody from starting; the next start finds them.
  void abortOldUploads(client, settings, clock()).catch(() => {})
  return new S3BlobStore(client, settings, staging, {
    clock,
    stallTimeoutMs: limits?.stallTimeoutMs ?? STALL_TIMEOUT_MS,
  })
}

class S3BlobStore implements BlobStore {
  readonly #client: S3Client
  readonly #settings: S3Settings
  readonly #staging: StagingFolder
  readonly #stallTimeoutMs: number
  readonly #clock: () => number
  readonly #recent: RecentWrites

  constructor(
    client: S3Client,
    settings: S3Settings,
    staging: StagingFolder,
    { clock, stallTimeoutMs }: { readonly clock: () => number; readonly stallTimeoutMs: number },
  ) {
    this.#clock = clock
    this.#recent = new RecentWrites(clock)
    this.#client = client
    this.#settings = settings
    this.#staging = staging
    this.#stallTimeoutMs = stallTimeoutMs
  }

  async stage(domainId: string): Promise<Staging> {
    return this.#stage(domainId, 'hashed')
  }

  async stageNamed(domainId: string): Promise<NamedStaging> {
    return this.#stage(domainId, 'named')
  }

  async open(blob: BlobId, range?: ByteRange): Promise<Readable> {
    const source = { client: this.#client, bucket: this.#settings.bucket, stallTimeoutMs: this.#stallTimeoutMs }
    const key = this.#keyOf(blob)
    return this.#ask('give a blob', blob, async () =>
      this.#recent.patiently(key, () => download({ ...source, key }, range)),
    )
  }

  async read(blob: BlobId, sizeBytes: number, limitBytes: number): Promise<Buffer | undefined> {
    if (sizeBytes > limitBytes) return undefined
    const bytes = await buffer(await this.open(blob))
    if (bytes.length === sizeBytes) return bytes
    throw new BlobStoreError(`blob ${blob.sha256} has ${bytes.length} bytes instead of its ${sizeBytes}`)
  }

  async addressOf(blob: BlobId, as: AddressedAs): Promise<string | undefined> {
    const [client, settings] = [this.#client, this.#settings]
    if (settings.redirect === undefined) return undefined
    return presign({ client, settings, key: this.#keyOf(blob), now: this.#clock(), as })
  }

  async has(blob: BlobId): Promise<boolean> {
    return (await this.sizeOf(blob)) !== undefined
  }

  async sizeOf(blob: BlobId): Promise<number | undefined> {
    const key = this.#keyOf(blob)
    const head = () => this.#client.send(new HeadObjectCommand({ Bucket: this.#settings.bucket, Key: key }))
    try {
      return (await this.#recent.patiently(key, head)).ContentLength
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw explainS3(error, 'say whether it has a blob', this.#settings.bucket)
    }
  }

  async remove(blob: BlobId): Promise<void> {
    const key = this.#keyOf(blob)
    this.#recent.forget(key)
    const command = new DeleteObjectCommand({ Bucket: this.#settings.bucket, Key: key })
    try {
      await this.#client.send(command)
    } catch (error) {
      if (!isNotFound(error)) throw explainS3(error, 'remove a blob', this.#settings.bucket)
    }
  }

  async *domains(): AsyncIterable<string> {
    for await (const { CommonPrefixes = [] } of this.#list(this.#settings.prefix, '/')) {
      for (const { Prefix = '' } of CommonPrefixes) {
        const name = Prefix.slice(this.#settings.prefix.length, -1)
        if (isDomainFolder(name)) yield name
      }
    }
  }

  async *list(domainId: string): AsyncIterable<BlobId> {
    checkDomainId(domainId)
    for await (const { Contents = [] } of this.#list(`${this.#settings.prefix}${domainId}/`)) {
      for (const { Key = '' } of Contents) {
        const sha256 = Key.slice(Key.lastIndexOf('/') + 1)
        if (isBlobName(sha256)) yield { domainId, sha256 }
      }
    }
  }

  async check(): Promise<void> {
    await this.#staging.check()
    const place = { Bucket: this.#settings.bucket, Key: `${this.#settings.prefix}.check/${randomUUID()}` }
    try {
      await this.#client.send(new PutObjectCommand({ ...place, Body: Buffer.from('packyard'), ContentLength: 8 }))
      const { Body } = await this.#client.send(new GetObjectCommand(place))
      if ((await Body?.transformToString()) !== 'packyard') throw new Error('it gave other bytes than it was given')
      await this.#client.send(new DeleteObjectCommand(place))
    } catch (error) {
      throw explainS3(error, 'keep a small object', this.#settings.bucket)
    }
  }

  async #stage(domainId: string, kind: 'hashed' | 'named') {
    checkDomainId(domainId)
    return this.#staging.stage(kind, async (file, name, sha256) => {
      const blob = await this.#keep(file, { domainId, sha256 })
      // Whoever still reads it has it open.
      await rm(name, { force: true })
      return blob
    })
  }

  /** An object is there whole or not at all. */
  async #keep(file: RefCountedFile, blob: BlobId): Promise<BlobId> {
    const target = { client: this.#client, settings: this.#settings, key: this.#keyOf(blob) }
    try {
      await upload(target, file)
      this.#recent.note(target.key)
      return blob
    } catch (error) {
      throw explainS3(error, 'take a blob', this.#settings.bucket)
    }
  }

  async *#list(prefix: string, delimiter?: string) {
    for (let after: string | undefined; ; ) {
      const command = new ListObjectsV2Command({
        Bucket: this.#settings.bucket,
        Prefix: prefix,
        ...(delimiter && { Delimiter: delimiter }),
        ...(after && { ContinuationToken: after }),
      })
      const page = await this.#client.send(command).catch((error: unknown) => {
        throw explainS3(error, 'list blobs', this.#settings.bucket)
      })
      yield page
      after = page.NextContinuationToken
      if (page.IsTruncated !== true || after === undefined) return
    }
  }

  async #ask<T>(what: string, blob: BlobId, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (isNotFound(error)) throw new BlobMissingError(blob, { cause: error })
      throw explainS3(error, what, this.#settings.bucket)
    }
  }

  #keyOf(blob: BlobId): string {
    checkBlobId(blob)
    return `${this.#settings.prefix}${blob.domainId}/${blob.sha256.slice(0, 2)}/${blob.sha256}`
  }
}
