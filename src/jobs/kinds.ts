import { repairBlob } from '../registry/repair-blob.ts'
import type { RegistryParts } from '../registry/parts.ts'
import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { JobKind, JobWork, Json } from './job.ts'
import { measure } from './measure.ts'
import { nextNight } from './nightly.ts'
import { sweep, type SweepFigures, type SweepParts } from './sweep/sweep.ts'
import { type VerifyProgress, verify } from './verify/verify.ts'

/** Attempts before a person has to look: with the pauses between them, a night and a day. Ours. */
const ATTEMPTS_MAX = 20

export interface KindParts {
  readonly registry: RegistryParts
  /** What is stored, without the cache before it. */
  readonly stored: BlobStore
  /** Unit: ms. */
  readonly sweepGraceMs: number
  readonly random: () => number
}

/** What every server does by itself, or when it is asked. */
export function jobKinds(parts: KindParts): readonly JobKind[] {
  return [gcKind(parts), measureKind(parts), verifyKind(parts)]
}

/** What a sweep needs, without a job around it. */
export function sweepParts({ registry, sweepGraceMs }: KindParts): Omit<SweepParts, 'signal' | 'onProgress'> {
  const { metadata, blobs, clock } = registry
  return { metadata, blobs, clock, graceMs: sweepGraceMs }
}

function gcKind(parts: KindParts): JobKind {
  return {
    name: 'gc',
    attemptsMax: ATTEMPTS_MAX,
    nextAfter: (time) => nextNight(time, parts.random),
    run: async ({ signal, save }) => {
      const figures = await sweep({ ...sweepParts(parts), signal, onProgress: (found) => save(toJson(found)) })
      return toJson(figures)
    },
  }
}

function measureKind({ registry, random }: KindParts): JobKind {
  return {
    name: 'measure',
    attemptsMax: ATTEMPTS_MAX,
    nextAfter: (time) => nextNight(time, random),
    run: async ({ signal }) => ({ ...(await measure(registry.metadata, signal)) }),
  }
}

function toJson(figures: SweepFigures): Json {
  return { ...figures }
}

function verifyKind({ registry, stored }: KindParts): JobKind {
  return {
    name: 'verify',
    attemptsMax: ATTEMPTS_MAX,
    run: async ({ input, progress, signal, save }: JobWork) => {
      const isRepairing = typeof input === 'object' && input !== null && 'repair' in input && input.repair === true
      const report = await verify(
        {
          metadata: registry.metadata,
          blobs: stored,
          signal,
          onProgress: async (reached) => save(reached as unknown as Json),
          repair: isRepairing ? async (blob) => repairBlob(registry, blob) : undefined,
        },
        progress as VerifyProgress | undefined,
      )
      return report as unknown as Json
    },
  }
}
