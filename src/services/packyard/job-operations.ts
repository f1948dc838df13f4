import Type from 'typebox'
import type { Job } from '../../jobs/job.ts'
import { findJob, listJobs } from '../../jobs/job-rows.ts'
import { RegistryError } from '../../registry/errors.ts'
import { isoTime, text, time } from './fields.ts'
import { streamEvents } from './job-events.ts'
import { operation, replyOperation } from './operation.ts'
import { installationTarget } from './targets.ts'

const job = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  state: Type.Enum(['waiting', 'running', 'done', 'failed']),
  /** What was asked for, how far it has come, and what came of it: as the kind of job has it. */
  input: Type.Unknown(),
  progress: Type.Optional(Type.Unknown()),
  outcome: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.String()),
  attempts: Type.Integer(),
  dueAt: time,
  startedAt: Type.Optional(time),
  endedAt: Type.Optional(time),
})

export const jobOperations = {
  ListJobs: operation({
    http: 'GET /packyard/v1/jobs',
    summary: 'Lists background work: what waits and runs, then what has ended, at most 100 of each.',
    input: {},
    output: Type.Object({ jobs: Type.Array(job) }),
    target: installationTarget('job/*'),
    async run({ registry }) {
      return { jobs: (await listJobs(registry)).map(toJob) }
    },
  }),
  GetJob: operation({
    http: 'GET /packyard/v1/jobs/{id}',
    summary: 'Says how far a piece of background work has come.',
    input: { id: text(100) },
    output: Type.Object({ job }),
    target: ({ id }, scope) => installationTarget(`job/${id}`)({}, scope),
    async run({ registry, input: { id } }) {
      const found = await findJob(registry, id)
      if (!found) throw new RegistryError('missing', `there is no job '${id}'`)
      return { job: toJob(found) }
    },
  }),
  StreamJobEvents: replyOperation({
    http: 'GET /packyard/v1/jobs/{id}/events',
    summary:
      'Tells of a piece of background work each time it has come further, until it has ended; as server-sent events.',
    action: 'packyard:GetJob',
    input: { id: text(100) },
    output: 'text/event-stream',
    target: ({ id }, scope) => installationTarget(`job/${id}`)({}, scope),
    async run({ parts, registry, caller, call, input: { id } }) {
      if (!(await findJob(registry, id))) throw new RegistryError('missing', `there is no job '${id}'`)
      const leave = parts.streams.enter(caller.principal.arn)
      const look = async () => {
        const found = (await parts.isStillIn(call)) ? await findJob(registry, id) : undefined
        return found && { data: JSON.stringify(toJob(found)), isLast: hasEnded(found) }
      }
      const { steadyClock } = parts
      const body = streamEvents('job', { look, signal: call.signal, steadyClock, onClose: leave })
      const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
      return { status: 200, headers, body }
    },
  }),
}

/** What has ended is not worked on again. */
function hasEnded({ state }: Job): boolean {
  return state === 'done' || state === 'failed'
}

function toJob({ dueAt, startedAt, endedAt, progress, outcome, error, ...rest }: Job) {
  return {
    ...rest,
    ...(progress !== undefined && { progress }),
    ...(outcome !== undefined && { outcome }),
    ...(error !== undefined && { error }),
    dueAt: isoTime(dueAt),
    ...(startedAt !== undefined && { startedAt: isoTime(startedAt) }),
    ...(endedAt !== undefined && { endedAt: isoTime(endedAt) }),
  }
}
