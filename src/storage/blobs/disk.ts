import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'

import { blobPath, domainFolder, isBlobName, isDomainFolder, STAGING_FOLDER } from './blob-path.ts'
import {
  type BlobFile,
  type BlobId,
  BlobMissingError,
  type BlobStore,
  type ByteRange,
  type NamedStaging,
  type Staging,
} from './blob-store.ts'
import { FileReadable, finished } from './file-readable.ts'
import { HashPool } from './hash-pool.ts'
import { RefCountedFile } from './ref-counted-file.ts'
import type { StagedFile } from './staged-file.ts'
import { StagingFolder } from './staging-folder.ts'

export interface DiskSettings {
  /** Made when it isn't there, with the folders above it. All of it must be on one file system. */
  readonly directory: string
  readonly hashPool?: HashPool
  readonly clock?: () => number
  /** Unit: ms. */
  readonly stagingGraceMs?: number
}

/**
 * Blobs as files, `<directory>/<domain>/<first two digits>/<sha256>`, written under another name first. Any number of
 * processes may use the directory at once.
 */
export async function diskBlobStore({
  directory,
  hashPool = new HashPool(),
  clock = Date.now,
  stagingGraceMs,
}: DiskSettings): Promise<BlobStore> {
  const folder = path.join(directory, STAGING_FOLDER)
  const graceMs = stagingGraceMs === undefined ? {} : { graceMs: stagingGraceMs }
  return new DiskBlobStore(directory, await StagingFolder.open({ directory: folder, hashPool, clock, ...graceMs }))
}

class DiskBlobStore implements BlobStore {
  readonly #directory: string
  readonly #staging: StagingFolder

  constructor(directory: string, staging: StagingFolder) {
    this.#directory = directory
    this.#staging = staging
  }

  async stage(domainId: string): Promise<Staging> {
    return this.#stage(domainId, 'hashed')
  }

  async stageNamed(domainId: string): Promise<NamedStaging> {
    return this.#stage(domainId, 'named')
  }

  async open(blob: BlobId, range?: ByteRange): Promise<Readable> {
    const file = await this.#openFile(blob)
    try {
      const end = range === undefined ? await file.size() : range.end + 1
      return new FileReadable(file, range?.start ?? 0, finished(end))
    } finally {
      await file.release()
    }
  }

  async openFile(blob: BlobId): Promise<BlobFile> {
    return this.#openFile(blob)
  }

  async read(blob: BlobId, sizeBytes: number, limitBytes: number): Promise<Buffer | undefined> {
    if (sizeBytes > limitBytes) return undefined
    const file = await this.#openFile(blob)
    try {
      return await readWhole(file, blob, sizeBytes)
    } finally {
      await file.release()
    }
  }

  async has(blob: BlobId): Promise<boolean> {
    return access(blobPath(this.#directory, blob)).then(
      () => true,
      (error: unknown) => {
        if (isMissing(error)) return false
        throw error
      },
    )
  }

  async remove(blob: BlobId): Promise<void> {
    await rm(blobPath(this.#directory, blob), { force: true })
  }

  async sizeOf(blob: BlobId): Promise<number | undefined> {
    return stat(blobPath(this.#directory, blob)).then(
      ({ size }) => size,
      (error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      },
    )
  }

  async *domains(): AsyncIterable<string> {
    for (const name of await namesIn(this.#directory)) if (isDomainFolder(name)) yield name
  }

  async *list(domainId: string): AsyncIterable<BlobId> {
    const folder = domainFolder(this.#directory, domainId)
    for (const part of await namesIn(folder)) {
      for (const sha256 of await namesIn(path.join(folder, part))) {
        if (isBlobName(sha256)) yield { domainId, sha256 }
      }
    }
  }

  async check(): Promise<void> {
    await this.#staging.check()
  }

  /** The name exists only once the bytes are on the disk; the folders' own entries follow before this returns. */
  async #keep(file: RefCountedFile, stagingName: string, blob: BlobId): Promise<BlobId> {
    const name = blobPath(this.#directory, blob)
    await file.sync().catch(this.#staging.throwExplained)
    await rename(stagingName, name).catch(async (error: unknown) => {
      if (!isMissing(error)) this.#staging.throwExplained(error)
      await makeFolders(this.#directory, path.dirname(name)).catch(this.#staging.throwExplained)
      await rename(stagingName, name)
    })
    await syncFolder(path.dirname(name))
    return blob
  }

  async #stage(domainId: string, kind: 'hashed' | 'named'): Promise<StagedFile> {
    domainFolder(this.#directory, domainId)
    return this.#staging.stage(kind, async (file, name, sha256) => this.#keep(file, name, { domainId, sha256 }))
  }

  async #openFile(blob: BlobId): Promise<RefCountedFile> {
    return RefCountedFile.open(blobPath(this.#directory, blob), 'r').catch((cause: unknown) => {
      throw isMissing(cause) ? new BlobMissingError(blob, { cause }) : cause
    })
  }
}

async function readWhole(file: RefCountedFile, blob: BlobId, sizeBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(sizeBytes)
  for (let position = 0; position < sizeBytes; ) {
    const bytes = await file.read(buffer, position, position)
    if (bytes === 0) throw new Error(`blob ${blob.sha256} is shorter than its ${sizeBytes} bytes`)
    position += bytes
  }
  return buffer
}

/** A domain's folder and the one below, each known to its parent on the disk. */
async function makeFolders(directory: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await syncFolder(path.dirname(folder))
  await syncFolder(directory)
}

async function syncFolder(folder: string): Promise<void> {
  // Windows can't open folders, and keeps their entries by itself.
  if (process.platform === 'win32') return
  const opened = await RefCountedFile.open(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.release()
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
