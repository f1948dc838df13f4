import Type from 'typebox'
import { countJobs } from '../../jobs/job-rows.ts'
import { isoTime, time } from './fields.ts'
import { operation } from './operation.ts'
import type { PackyardParts } from './parts.ts'
import { installationTarget } from './targets.ts'

/** How long a part may take to answer. Unit: ms. Ours. */
const CHECK_TIMEOUT_MS = 3000

const part = Type.Object({
  isHealthy: Type.Boolean(),
  /** What went wrong, for a person. */
  problem: Type.Optional(Type.String()),
  /** How long it took to say so. Unit: ms. */
  answeredMs: Type.Number(),
})

const upstream = Type.Object({
  name: Type.String(),
  url: Type.String(),
  /** As the process saw it that answered; `unused` until it has asked. */
  state: Type.Enum(['unused', 'healthy', 'failing']),
  lastAnswerAt: Type.Optional(time),
  lastFailureAt: Type.Optional(time),
  problem: Type.Optional(Type.String()),
  requests: Type.Integer(),
  failures: Type.Integer(),
})

export const healthOperations = {
  GetHealth: operation({
    http: 'GET /packyard/v1/health',
    summary: 'Says how database, blob store, upstreams and jobs are.',
    input: {},
    output: Type.Object({
      checkedAt: time,
      processes: Type.Integer(),
      database: part,
      blobs: part,
      upstreams: Type.Array(upstream),
      jobs: Type.Object({
        waiting: Type.Integer(),
        running: Type.Integer(),
        /** Those that have ended badly and are still remembered. */
        failed: Type.Integer(),
      }),
    }),
    target: installationTarget('health'),
    async run({ parts, registry }) {
      const [database, blobs, jobs] = await Promise.all([
        check(parts, () => registry.metadata.check()),
        check(parts, () => registry.blobs.check()),
        countJobs(registry),
      ])
      const upstreams = parts.upstreamHealth().map(({ lastAnswerAt, lastFailureAt, problem, ...known }) => ({
        ...known,
        ...(lastAnswerAt !== undefined && { lastAnswerAt: isoTime(lastAnswerAt) }),
        ...(lastFailureAt !== undefined && { lastFailureAt: isoTime(lastFailureAt) }),
        ...(problem !== undefined && { problem }),
      }))
      return { checkedAt: isoTime(registry.clock()), processes: parts.processes(), database, blobs, upstreams, jobs }
    },
  }),
}

async function check({ steadyClock }: PackyardParts, ask: () => Promise<void>) {
  const begun = steadyClock()
  const end = new AbortController()
  const late = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS)
    end.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  try {
    await Promise.race([ask(), late])
    return { isHealthy: true, answeredMs: steadyClock() - begun }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { isHealthy: false, problem, answeredMs: steadyClock() - begun }
  } finally {
    end.abort()
  }
}
