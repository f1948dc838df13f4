import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'

import type { BlobId } from './blob-store.ts'
import type { HashPool } from './hash-pool.ts'
import { FileHashes, noHashes } from './hashing.ts'
import { RefCountedFile } from './ref-counted-file.ts'
import { StagedFile } from './staged-file.ts'

/** What nobody has written to for so long was left behind by a crash. Unit: ms. Ours. */
const STAGING_GRACE_MS = 3_600_000

export interface StagingFolderParts {
  /** Made when it isn't there. */
  readonly directory: string
  readonly hashPool: HashPool
  readonly clock?: () => number
  /** Unit: ms. */
  readonly graceMs?: number
}

/** Makes the bytes of an open file durable under a name; the file may be moved away. */
export type KeepFile = (file: RefCountedFile, path: string, sha256: string) => Promise<BlobId>

/** Files of bytes that are on their way in. Any number of processes may share it. */
export class StagingFolder {
  readonly #directory: string
  readonly #hashPool: HashPool

  private constructor(directory: string, hashPool: HashPool) {
    this.#directory = directory
    this.#hashPool = hashPool
  }

  static async open(parts: StagingFolderParts): Promise<StagingFolder> {
    const { directory, hashPool, clock = Date.now, graceMs = STAGING_GRACE_MS } = parts
    await mkdir(directory, { recursive: true, mode: 0o700 })
    // However many crashes have left: nobody who waits for the start should wait for it. What stays is for the next one.
    void removeLeftovers(directory, clock() - graceMs).catch(() => undefined)
    return new StagingFolder(directory, hashPool)
  }

  async stage(kind: 'hashed' | 'named', keep: KeepFile): Promise<StagedFile> {
    const name = path.join(this.#directory, randomUUID())
    const file = await RefCountedFile.open(name, 'wx+').catch(this.throwExplained)
    return new StagedFile({
      file,
      hashing: kind === 'hashed' ? new FileHashes(file, this.#hashPool) : noHashes,
      keep: async (sha256) => keep(file, name, sha256),
      discard: async () => rm(name, { force: true }),
      explain: this.#explained,
    })
  }

  /** Throws when nothing can be written to the folder, or read from it. */
  async check(): Promise<void> {
    const name = path.join(this.#directory, randomUUID())
    const file = await RefCountedFile.open(name, 'wx+').catch(this.throwExplained)
    try {
      const probe = Buffer.from('packyard')
      await file.write([probe], 0).catch(this.throwExplained)
      const bytes = await file.read(Buffer.alloc(probe.length), 0, 0)
      if (bytes !== probe.length) throw new Error(`what was written to ${this.#directory} can't be read back`)
    } finally {
      await file.release()
      await rm(name, { force: true })
    }
  }

  readonly throwExplained = (error: unknown): never => {
    throw error instanceof Error ? this.#explained(error) : error
  }

  readonly #explained = (error: Error): Error => explained(error, this.#directory)
}

async function removeLeftovers(directory: string, writtenBefore: number): Promise<void> {
  for (const entry of await readdir(directory)) {
    const name = path.join(directory, entry)
    const found = await stat(name).catch(() => undefined)
    if (found !== undefined && found.mtimeMs < writtenBefore) await rm(name, { force: true })
  }
}

/** The disk is full, or this user's share of it, or may only be read. Keeps the code, which is what callers choose by. */
function explained(error: Error, directory: string): Error {
  const code = 'code' in error ? error.code : undefined
  if (code === 'EROFS')
    return Object.assign(new Error(`${directory} is on a disk that may only be read`, { cause: error }), { code })
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return Object.assign(new Error(`no space left for blobs in ${directory}`, { cause: error }), { code })
}
