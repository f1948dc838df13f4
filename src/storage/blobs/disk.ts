import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'

import { blobPath, domainFolder, isBlobName, isDomainFolder, STAGING_FOLDER } from './blob-path.ts'
import {
  type BlobId,
  BlobMissingError,
  type BlobStore,
  type ByteRange,
  type NamedStaging,
  type Staging,
} from './blob-store.ts'
import { FileReadable, finished } from './file-readable.ts'
import { HashPool } from './hash-pool.ts'
import { FileHashes, noHashes } from './hashing.ts'
import { SharedFile } from './shared-file.ts'
import { type Hashing, StagedFile } from './staged-file.ts'

/** What nobody has written to for so long was left behind by a crash. Unit: ms. Ours. */
const STAGING_GRACE_MS = 3_600_000

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
  stagingGraceMs = STAGING_GRACE_MS,
}: DiskSettings): Promise<BlobStore> {
  const staging = path.join(directory, STAGING_FOLDER)
  await mkdir(staging, { recursive: true, mode: 0o700 })
  await removeLeftovers(staging, clock() - stagingGraceMs)
  return new DiskBlobStore(directory, hashPool)
}

class DiskBlobStore implements BlobStore {
  readonly #directory: string
  readonly #hashPool: HashPool

  constructor(directory: string, hashPool: HashPool) {
    this.#directory = directory
    this.#hashPool = hashPool
  }

  async stage(domainId: string): Promise<Staging> {
    return this.#stage(domainId, (file) => new FileHashes(file, this.#hashPool))
  }

  async stageNamed(domainId: string): Promise<NamedStaging> {
    return this.#stage(domainId, () => noHashes)
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
    const name = this.#stagingName()
    const file = await SharedFile.open(name, 'wx+').catch(this.#throwExplained)
    try {
      const probe = Buffer.from('packyard')
      await file.write([probe], 0).catch(this.#throwExplained)
      const bytes = await file.read(Buffer.alloc(probe.length), 0, 0)
      if (bytes !== probe.length) throw new Error(`what was written to ${this.#directory} can't be read back`)
    } finally {
      await file.release()
      await rm(name, { force: true })
    }
  }

  /** The name exists only once the bytes are on the disk; the folders' own entries follow before this returns. */
  async #keep(file: SharedFile, stagingName: string, blob: BlobId): Promise<BlobId> {
    const name = blobPath(this.#directory, blob)
    await file.sync().catch(this.#throwExplained)
    await rename(stagingName, name).catch(async (error: unknown) => {
      if (!isMissing(error)) this.#throwExplained(error)
      await makeFolders(this.#directory, path.dirname(name)).catch(this.#throwExplained)
      await rename(stagingName, name)
    })
    await syncFolder(path.dirname(name))
    return blob
  }

  async #stage(domainId: string, hashingOf: (file: SharedFile) => Hashing): Promise<StagedFile> {
    domainFolder(this.#directory, domainId)
    const name = this.#stagingName()
    const file = await SharedFile.open(name, 'wx+').catch(this.#throwExplained)
    return new StagedFile({
      file,
      hashing: hashingOf(file),
      keep: async (sha256) => this.#keep(file, name, { domainId, sha256 }),
      discard: async () => rm(name, { force: true }),
      explain: this.#explained,
    })
  }

  #stagingName(): string {
    return path.join(this.#directory, STAGING_FOLDER, randomUUID())
  }

  async #openFile(blob: BlobId): Promise<SharedFile> {
    return SharedFile.open(blobPath(this.#directory, blob), 'r').catch((cause: unknown) => {
      throw isMissing(cause) ? new BlobMissingError(blob, { cause }) : cause
    })
  }

  readonly #explained = (error: Error): Error => explained(error, this.#directory)

  readonly #throwExplained = (error: unknown): never => {
    throw error instanceof Error ? this.#explained(error) : error
  }
}

async function readWhole(file: SharedFile, blob: BlobId, sizeBytes: number): Promise<Buffer> {
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
  const opened = await SharedFile.open(folder, 'r')
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

async function removeLeftovers(staging: string, writtenBefore: number): Promise<void> {
  for (const entry of await namesIn(staging)) {
    const name = path.join(staging, entry)
    const found = await stat(name).catch(() => undefined)
    if (found !== undefined && found.mtimeMs < writtenBefore) await rm(name, { force: true })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** The disk is full, or this user's share of it. Keeps the code, which is what callers choose by. */
function explained(error: Error, directory: string): Error {
  const code = 'code' in error ? error.code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return Object.assign(new Error(`no space left for blobs in ${directory}`, { cause: error }), { code })
}
