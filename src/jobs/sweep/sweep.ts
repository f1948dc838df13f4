import type { BlobId, BlobStore } from '../../storage/blobs/blob-store.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { finishRemovals, removeUnreferenced } from './removal.ts'
import { forgetReferenced, markUnreferenced, whichUnreferenced } from './unreferenced.ts'

/** Blobs looked at together, and removed together. Ours. */
const LOOK_BATCH = 500
const REMOVE_BATCH = 100

export interface SweepParts {
  readonly metadata: Metadata
  readonly blobs: BlobStore
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /** How long bytes stay after they were first found unreferenced. Unit: ms. */
  readonly graceMs: number
  readonly signal: AbortSignal
  /** Called now and then with what was found so far. */
  readonly onProgress: (figures: SweepFigures) => Promise<void>
}

export interface SweepFigures {
  readonly lookedAtBlobs: number
  /** What nothing refers to, what of it is removed (or would be), and what waits for the end of its grace period. */
  readonly unreferencedBlobs: number
  readonly unreferencedBytes: number
  readonly removedBlobs: number
  readonly removedBytes: number
}

type Counting = { -readonly [Name in keyof SweepFigures]: number }

/** Removes what nothing refers to, once it has been so for the grace period. */
export async function sweep(parts: SweepParts): Promise<SweepFigures> {
  const figures = emptyFigures()
  await finishRemovals(parts)
  for await (const batch of unreferencedBatches(parts, figures)) {
    const due = await markUnreferenced(parts, batch)
    for (let start = 0; start < due.length; start += REMOVE_BATCH) {
      const removed = await removeUnreferenced(parts, due.slice(start, start + REMOVE_BATCH))
      for (const { sizeBytes } of removed) countRemoved(figures, sizeBytes)
    }
    await parts.onProgress(figures)
  }
  await forgetReferenced(parts)
  return figures
}

/** What a sweep would do now; changes nothing. */
export async function previewSweep(parts: SweepParts): Promise<SweepFigures> {
  const figures = emptyFigures()
  for await (const batch of unreferencedBatches(parts, figures)) {
    for (const { foundAt, sizeBytes } of batch) {
      if (parts.graceMs === 0 || (foundAt ?? parts.clock()) <= parts.clock() - parts.graceMs) {
        countRemoved(figures, sizeBytes)
      }
    }
  }
  return figures
}

/** A blob to which nothing refers. */
export interface Unreferenced extends BlobId {
  readonly sizeBytes: number
  /** When an earlier sweep found it so. */
  readonly foundAt: number | undefined
}

async function* unreferencedBatches(parts: SweepParts, figures: Counting): AsyncGenerator<readonly Unreferenced[]> {
  for await (const blobs of storedBatches(parts)) {
    parts.signal.throwIfAborted()
    figures.lookedAtBlobs += blobs.length
    const found: Unreferenced[] = []
    for (const known of await whichUnreferenced(parts.metadata.db, blobs)) {
      found.push({ ...known, sizeBytes: (await parts.blobs.sizeOf(known)) ?? 0 })
    }
    figures.unreferencedBlobs += found.length
    figures.unreferencedBytes += found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    yield found
  }
}

/** Every blob that is stored, those of one domain together. */
async function* storedBatches({ blobs }: SweepParts): AsyncGenerator<readonly BlobId[]> {
  for await (const domainId of blobs.domains()) {
    let batch: BlobId[] = []
    for await (const blob of blobs.list(domainId)) {
      batch.push(blob)
      if (batch.length < LOOK_BATCH) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }
}

function emptyFigures(): Counting {
  return { lookedAtBlobs: 0, unreferencedBlobs: 0, unreferencedBytes: 0, removedBlobs: 0, removedBytes: 0 }
}

function countRemoved(figures: Counting, sizeBytes: number): void {
  figures.removedBlobs += 1
  figures.removedBytes += sizeBytes
}
