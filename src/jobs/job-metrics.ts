import type { Registry } from 'prom-client'
import type { Job } from './job.ts'
import type { AttemptEnd } from './run-attempt.ts'

export type JobObserver = (job: Pick<Job, 'kind'>, end: AttemptEnd, seconds: number) => void

/** Counts attempts by kind and how they ended, and the time that they took. */
export function createJobMetrics(library: typeof import('prom-client'), register: Registry): JobObserver {
  const attempts = new library.Counter({
    name: 'packyard_job_attempts_total',
    help: 'Attempts at background jobs by kind and how they ended: done, retried, failed, interrupted or lost.',
    labelNames: ['kind', 'end'] as const,
    registers: [register],
  })
  const time = new library.Counter({
    name: 'packyard_job_seconds_total',
    help: 'Time spent on background jobs.',
    labelNames: ['kind'] as const,
    registers: [register],
  })
  return ({ kind }, end, seconds) => {
    attempts.inc({ kind, end })
    time.inc({ kind }, seconds)
  }
}
