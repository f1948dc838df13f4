import type { Selectable } from 'kysely'

import type { Metadata, Write } from '../storage/metadata/metadata.ts'
import type { JobTable } from '../storage/metadata/work-tables.ts'
import { type Job, type JobState, type Json, LeaseLostError } from './job.ts'

/** How long an attempt has the job without saying that it is alive. Unit: ms. Ours. */
export const LEASE_MS = 30_000
/** Jobs that are shown, and ended ones that are kept. Ours. */
const SHOWN_MAX = 100
const KEPT_MS = 30 * 86_400_000
/** Ended jobs removed in one go. Ours. */
const PRUNED_MAX = 1_000

const OPEN = ['waiting', 'running'] as const

export interface JobParts {
  readonly metadata: Metadata
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomId: () => string
}

/** A job in the hands of one attempt. */
export interface Attempt {
  readonly job: Job
  /** Nobody else has this one. */
  readonly lease: string
}

export interface JobRequest {
  readonly input: Json
  /** What an interrupted attempt had reached. */
  readonly progress: 'go on' | 'begin afresh'
}

/**
 * Asks for a job of this kind. One that waits already is brought forward; one that runs is answered as it is: nobody needs
 * the same work twice at once.
 */
export async function requestJob(parts: JobParts, kind: string, asked: JobRequest): Promise<Job> {
  const given = { input: JSON.stringify(asked.input), due_at: parts.clock() }
  const afresh = asked.progress === 'go on' ? {} : { progress: null }
  return parts.metadata.write(async (write) => {
    const open = await findOpen(write, kind)
    if (open?.state === 'running' && open.due_at > parts.clock()) return toJob(open)
    if (open) {
      const update = write.tx.updateTable('jobs').where('id', '=', open.id)
      return toJob(
        await update
          .set({ ...given, ...afresh, attempts: 0, error: null })
          .returningAll()
          .executeTakeFirstOrThrow(),
      )
    }
    return toJob(await insertJob(write, parts, kind, given))
  })
}

/** Makes sure that a job of this kind will run by itself. */
export async function scheduleJob(parts: JobParts, kind: string, dueAt: number): Promise<void> {
  const open = parts.metadata.db.selectFrom('jobs').select('id').where('kind', '=', kind).where('state', 'in', OPEN)
  if (await open.executeTakeFirst()) return
  await parts.metadata.write(async (write) => {
    if (!(await findOpen(write, kind))) await insertJob(write, parts, kind, { input: 'null', due_at: dueAt })
  })
}

/** Takes the job that has been due for longest. Undefined when there is none of these kinds. */
export async function takeJob(parts: JobParts, kinds: readonly string[]): Promise<Attempt | undefined> {
  const now = parts.clock()
  if (!(await dueJobs(parts.metadata.db, kinds, now).executeTakeFirst())) return undefined
  const lease = parts.randomId()
  return parts.metadata.write(async (write) => {
    const due = await dueJobs(write.tx, kinds, now).executeTakeFirst()
    if (!due) return undefined
    const row = await write.tx
      .updateTable('jobs')
      .set((eb) => ({
        state: 'running',
        lease_owner: lease,
        attempts: eb('attempts', '+', 1),
        due_at: now + LEASE_MS,
        started_at: now,
      }))
      .where('id', '=', due.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    return { job: toJob(row), lease }
  })
}

/** Says that the attempt is alive. Throws `LeaseLostError`. */
export async function renewLease(parts: JobParts, attempt: Attempt, progress?: Json): Promise<void> {
  await change(parts, attempt, {
    due_at: parts.clock() + LEASE_MS,
    ...(progress === undefined ? {} : { progress: JSON.stringify(progress) }),
  })
}

/** Ends the attempt and the job. Throws `LeaseLostError`. */
export async function endJob(
  parts: JobParts,
  attempt: Attempt,
  end: { readonly outcome: Json } | { readonly error: string },
): Promise<void> {
  const how =
    'error' in end
      ? { state: 'failed', error: end.error }
      : { state: 'done', error: null, outcome: JSON.stringify(end.outcome) }
  await change(parts, attempt, { ...how, lease_owner: null, ended_at: parts.clock() })
}

/** Ends the attempt and lets another begin at that time. Throws `LeaseLostError`. */
export async function releaseJob(
  parts: JobParts,
  attempt: Attempt,
  { dueAt, error, attempts }: { readonly dueAt: number; readonly error: string | null; readonly attempts: number },
): Promise<void> {
  await change(parts, attempt, { state: 'waiting', lease_owner: null, due_at: dueAt, error, attempts })
}

/** What waits and runs, then what has ended, the newest first. */
export async function listJobs({ metadata }: Pick<JobParts, 'metadata'>): Promise<readonly Job[]> {
  const open = metadata.db.selectFrom('jobs').selectAll().where('state', 'in', OPEN).orderBy('due_at')
  const ended = metadata.db.selectFrom('jobs').selectAll().where('ended_at', 'is not', null)
  const rows = [
    ...(await open.limit(SHOWN_MAX).execute()),
    ...(await ended.orderBy('ended_at', 'desc').orderBy('id', 'desc').limit(SHOWN_MAX).execute()),
  ]
  return rows.map(toJob)
}

export async function findJob({ metadata }: Pick<JobParts, 'metadata'>, id: string): Promise<Job | undefined> {
  const row = await metadata.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toJob(row)
}

export interface JobCounts {
  readonly waiting: number
  readonly running: number
  /** Of those that are kept. */
  readonly failed: number
}

/** How many there are of each. */
export async function countJobs({ metadata }: Pick<JobParts, 'metadata'>): Promise<JobCounts> {
  const rows = await metadata.db
    .selectFrom('jobs')
    .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const count = (state: JobState) => Number(rows.find((row) => row.state === state)?.count ?? 0)
  return { waiting: count('waiting'), running: count('running'), failed: count('failed') }
}

/** Forgets jobs that ended long ago. */
export async function pruneJobs({ metadata, clock }: JobParts): Promise<void> {
  const old = metadata.db
    .selectFrom('jobs')
    .select('id')
    .where('ended_at', '<', clock() - KEPT_MS)
    .orderBy('ended_at')
    .limit(PRUNED_MAX)
  const ids = (await old.execute()).map(({ id }) => id)
  if (ids.length === 0) return
  await metadata.write(async ({ tx }) => {
    await tx.deleteFrom('jobs').where('id', 'in', ids).where('ended_at', 'is not', null).execute()
  })
}

/** Is one of this kind at work at this moment? */
export async function isRunning(write: Write, kind: string, now: number): Promise<boolean> {
  const open = await findOpen(write, kind)
  return open?.state === 'running' && open.due_at > now
}

async function findOpen(write: Write, kind: string): Promise<Selectable<JobTable> | undefined> {
  const rows = write.tx.selectFrom('jobs').selectAll().where('kind', '=', kind).where('state', 'in', OPEN)
  return rows.executeTakeFirst()
}

async function insertJob(
  write: Write,
  parts: JobParts,
  kind: string,
  given: { readonly input: string; readonly due_at: number },
): Promise<Selectable<JobTable>> {
  return write.tx
    .insertInto('jobs')
    .values({ id: parts.randomId(), kind, state: 'waiting', attempts: 0, created_at: parts.clock(), ...given })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** By the index of those not ended, which holds one row per kind. */
function dueJobs(db: Pick<Write['tx'], 'selectFrom'>, kinds: readonly string[], now: number) {
  return db
    .selectFrom('jobs')
    .select('id')
    .where('state', 'in', OPEN)
    .where('due_at', '<=', now)
    .where('kind', 'in', kinds)
    .orderBy('due_at')
    .limit(1)
}

async function change({ metadata }: JobParts, { job, lease }: Attempt, values: Partial<Selectable<JobTable>>) {
  const changed = await metadata.write(async ({ tx }) =>
    tx
      .updateTable('jobs')
      .set(values)
      .where('id', '=', job.id)
      .where('lease_owner', '=', lease)
      .returning('id')
      .executeTakeFirst(),
  )
  if (!changed) throw new LeaseLostError()
}

function toJob(row: Selectable<JobTable>): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state as JobState,
    input: JSON.parse(row.input) as Json,
    progress: row.progress === null ? undefined : (JSON.parse(row.progress) as Json),
    outcome: row.outcome === null ? undefined : (JSON.parse(row.outcome) as Json),
    error: row.error ?? undefined,
    attempts: row.attempts,
    dueAt: row.due_at,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
  }
}
