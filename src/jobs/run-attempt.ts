import { type Job, type JobKind, LeaseLostError } from './job.ts'
import { type Attempt, endJob, type JobParts, LEASE_MS, releaseJob, renewLease, scheduleJob } from './job-rows.ts'

/** The wait before the second attempt; it doubles with each one after. Unit: ms. Ours. */
const RETRY_MS = { shortest: 10_000, longest: 3_600_000 }

export type AttemptEnd = 'done' | 'retried' | 'failed' | 'interrupted' | 'lost'

export interface AttemptParts extends JobParts {
  readonly random: () => number
  /** Told of every attempt that ended. */
  readonly onEnd?: (job: Job, end: AttemptEnd, seconds: number, error: unknown) => void
}

/** Runs one attempt to its end, whichever that is, and writes down what came of it. Throws when that can't be written. */
export async function runAttempt(
  parts: AttemptParts,
  kind: JobKind,
  attempt: Attempt,
  stop: AbortSignal,
): Promise<AttemptEnd> {
  const startedAt = performance.now()
  const ended = (end: AttemptEnd, error: unknown) => {
    parts.onEnd?.(attempt.job, end, (performance.now() - startedAt) / 1000, error)
    return end
  }
  const lease = new AbortController()
  const signal = AbortSignal.any([stop, lease.signal])
  const renewing = setInterval(() => {
    renewLease(parts, attempt).catch((error: unknown) => {
      if (error instanceof LeaseLostError) lease.abort(error)
    })
  }, LEASE_MS / 3).unref()
  try {
    const { input, progress, attempts } = attempt.job
    if (attempts > kind.attemptsMax) throw new Error('the processes that ran it ended before it did')
    const save: Parameters<JobKind['run']>[0]['save'] = async (saved) => renewLease(parts, attempt, saved)
    const outcome = await kind.run({ input, progress, signal, save })
    await endJob(parts, attempt, { outcome })
    return ended('done', undefined)
  } catch (error) {
    return ended(await giveBack(parts, kind, attempt, { error, isStopping: stop.aborted }), error)
  } finally {
    clearInterval(renewing)
    if (kind.nextAfter) await scheduleJob(parts, kind.name, kind.nextAfter(parts.clock()))
  }
}

async function giveBack(
  parts: AttemptParts,
  kind: JobKind,
  attempt: Attempt,
  { error, isStopping }: { readonly error: unknown; readonly isStopping: boolean },
): Promise<AttemptEnd> {
  const { attempts } = attempt.job
  try {
    // A process that ends is no fault of the job's.
    if (isStopping) {
      await releaseJob(parts, attempt, { dueAt: parts.clock(), error: null, attempts: attempts - 1 })
      return 'interrupted'
    }
    const message = firstLine(error)
    if (attempts >= kind.attemptsMax) {
      await endJob(parts, attempt, { error: message })
      return 'failed'
    }
    const waitMs = Math.min(RETRY_MS.shortest * 2 ** (attempts - 1), RETRY_MS.longest)
    const dueAt = Math.round(parts.clock() + waitMs * (0.5 + parts.random() / 2))
    await releaseJob(parts, attempt, { dueAt, error: message, attempts })
    return 'retried'
  } catch (cause) {
    if (cause instanceof LeaseLostError) return 'lost'
    throw cause
  }
}

/** For a person; what a library says of a database may hold its password. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n', 1)[0] ?? '').replaceAll(/\/\/[^/@\s]*@/g, '//***@').slice(0, 1_000)
}
