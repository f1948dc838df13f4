/** Anything that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** One kind of background work. It may run twice, or begin again in the middle: it has to be idempotent. */
export interface JobKind {
  readonly name: string
  /** Then it has failed, and a person has to look. */
  readonly attemptsMax: number
  /** When it is due by itself after this time (ms since 1970). Without it, it runs when somebody asks. */
  nextAfter?(time: number): number
  /** Resolves to what came of it. A throw is tried again later. */
  run(work: JobWork): Promise<Json>
}

/** What an attempt is given. */
export interface JobWork {
  readonly input: Json
  /** What an earlier attempt saved last; undefined for the first. */
  readonly progress: Json | undefined
  /** Aborted when the process is to end, or when another attempt may have begun. */
  readonly signal: AbortSignal
  /** Notes how far it has come. Throws `LeaseLostError` when the job is another attempt's by now. */
  save(progress: Json): Promise<void>
}

/** Another attempt has the job: this one must do no more. */
export class LeaseLostError extends Error {
  constructor() {
    super('the lease of the job has ended')
    this.name = 'LeaseLostError'
  }
}

/** As a person sees it. Times are ms since 1970. */
export interface Job {
  readonly id: string
  readonly kind: string
  readonly state: JobState
  readonly input: Json
  readonly progress: Json | undefined
  readonly outcome: Json | undefined
  readonly error: string | undefined
  readonly attempts: number
  readonly dueAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed'
