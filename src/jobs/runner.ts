import type { JobKind } from './job.ts'
import { pruneJobs, scheduleJob, takeJob } from './job-rows.ts'
import { type AttemptParts, runAttempt } from './run-attempt.ts'

/** Between two looks for something due. Unit: ms. Ours. */
const LOOK_EVERY_MS = 1_000
/** Ended jobs are looked through once in so many looks, a quarter of an hour. */
const PRUNE_EVERY_LOOKS = 900

export interface RunnerParts extends AttemptParts {
  readonly kinds: readonly JobKind[]
  /** Told of a look that failed; the next one tries again. */
  readonly onFailure: (error: unknown) => void
}

export interface RunningJob {
  /** Resolves when what runs has come to rest. */
  stop(): Promise<void>
}

/**
 * Does what is due, one job at a time in each process; whichever process asks first gets it. A look that finds nothing
 * costs one query on an index of a few rows.
 */
export function startJobs(parts: RunnerParts): RunningJob {
  const stopping = new AbortController()
  const byName = new Map(parts.kinds.map((kind) => [kind.name, kind]))
  let running: Promise<unknown> | undefined
  let looks = 0

  const look = async () => {
    if (looks % PRUNE_EVERY_LOOKS === 0) await prepare(parts)
    looks += 1
    const attempt = await takeJob(parts, [...byName.keys()])
    const kind = attempt && byName.get(attempt.job.kind)
    if (attempt && kind) await runAttempt(parts, kind, attempt, stopping.signal)
  }
  const timer = setInterval(() => {
    running ??= look()
      .catch(parts.onFailure)
      .finally(() => {
        running = undefined
      })
  }, LOOK_EVERY_MS).unref()

  return {
    async stop() {
      clearInterval(timer)
      stopping.abort(new Error('the process is to end'))
      await running
    },
  }
}

/** What runs by itself has its next time; what ended long ago is forgotten. */
async function prepare(parts: RunnerParts): Promise<void> {
  for (const { name, nextAfter } of parts.kinds) {
    if (nextAfter) await scheduleJob(parts, name, nextAfter(parts.clock()))
  }
  await pruneJobs(parts)
}
