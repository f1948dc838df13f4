/** A piece of background work, as `/packyard/v1/jobs` has it. Times are ISO 8601. */
export interface Job {
  readonly id: string
  readonly kind: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  readonly input: unknown
  readonly progress?: unknown
  readonly outcome?: unknown
  readonly error?: string
  readonly dueAt: string
  readonly endedAt?: string
}
