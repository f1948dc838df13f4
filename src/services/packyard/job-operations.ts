import Type from 'typebox'
import type { Job } from '../../jobs/job.ts'
import { findJob, listJobs } from '../../jobs/job-rows.ts'
import { RegistryError } from '../../registry/errors.ts'
import { isoTime, text, time } from './fields.ts'
import { operation } from './operation.ts'
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
