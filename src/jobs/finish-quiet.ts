import type { RegistryParts } from '../registry/parts.ts'
import { finishQuietVersions } from '../registry/quiet-versions.ts'

/** Least and longest pause between two looks. Unit: ms. Ours. */
const PAUSE_MS = { least: 250, longest: 5_000 }

export interface RunningJob {
  /** Resolves when the last look has ended. */
  stop(): Promise<void>
}

/**
 * Finishes versions whose clients never say that they are done. Runs in every process: a look that finds nothing costs
 * one query by an index. `onFailure` is told of a look that failed; the next one tries again.
 */
export function startFinishingQuietVersions(parts: RegistryParts, onFailure: (error: unknown) => void): RunningJob {
  const { finishQuietMs } = parts
  if (finishQuietMs === undefined) return { stop: async () => undefined }
  const pauseMs = Math.min(Math.max(finishQuietMs / 4, PAUSE_MS.least), PAUSE_MS.longest)
  let look: Promise<unknown> = Promise.resolve()
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    look = finishQuietVersions(parts)
      .catch(onFailure)
      .finally(() => {
        isLooking = false
      })
  }, pauseMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await look
    },
  }
}
