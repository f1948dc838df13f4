import { setTimeout as sleep } from 'node:timers/promises'

import type { Job, JobKind, Json } from './job.ts'
import { findJob, requestJob, takeJob } from './job-rows.ts'
import { type AttemptParts, runAttempt } from './run-attempt.ts'

/** Between two looks at a job that another process does. Unit: ms. Ours. */
const LOOK_EVERY_MS = 500

export interface RunNow {
  readonly input: Json
  /** What an interrupted job of this kind had reached. */
  readonly progress: 'go on' | 'begin afresh'
  readonly signal: AbortSignal
  readonly onProgress: (job: Job) => void
}

/**
 * Does a job now: here, or by watching the process that has it already. Resolves when it has ended, when an attempt has
 * failed, or when `signal` says so; the job's state tells which.
 */
export async function runNow(parts: AttemptParts, kind: JobKind, asked: RunNow): Promise<Job> {
  const { id } = await requestJob(parts, kind.name, asked)
  for (;;) {
    const attempt = await takeJob(parts, [kind.name])
    if (attempt) await runAttempt(parts, kind, attempt, asked.signal)
    const job = await findJob(parts, id)
    if (!job) throw new Error(`job ${id} is gone`)
    asked.onProgress(job)
    const isOver = job.state === 'done' || job.state === 'failed' || (job.state === 'waiting' && job.attempts > 0)
    if (isOver || asked.signal.aborted) return job
    await sleep(LOOK_EVERY_MS)
  }
}
