import type { JobKind, JobWork, Json } from '../jobs/job.ts'
import { nextNight } from '../jobs/nightly.ts'
import type { RegistryParts } from '../registry/parts.ts'

/** Attempts before a person has to look, as for other work of the night. Ours. */
const ATTEMPTS_MAX = 20

/** What rules of kind `retention` say: done every night, and when somebody asks; and dry runs. */
export function retentionJobs(registry: RegistryParts, random: () => number): readonly JobKind[] {
  const workOf = ({ signal, save }: JobWork) => ({
    registry,
    signal,
    save: async (progress: object) => save(progress as Json),
  })
  return [
    {
      name: 'retention',
      attemptsMax: ATTEMPTS_MAX,
      nextAfter: (time) => nextNight(time, random),
      async run(work) {
        const { enforceRetention } = await import('../governance/retention/nightly.ts')
        const isAsked = typeof work.input === 'object' && work.input !== null
        return { ...(await enforceRetention(workOf(work), isAsked ? 'as asked' : 'all')) }
      },
    },
    {
      name: 'retention-preview',
      attemptsMax: ATTEMPTS_MAX,
      async run(work) {
        const { previewRetention } = await import('../governance/retention/nightly.ts')
        return { ...(await previewRetention(workOf(work))) }
      },
    },
  ]
}
