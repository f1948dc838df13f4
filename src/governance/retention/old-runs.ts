import type { RegistryParts } from '../../registry/parts.ts'
import { forgetCandidates } from './run-rows.ts'

/** How long a run that has ended is kept, beside the last two of each rule. Unit: ms. Ours. */
const KEPT_MS = 30 * 86_400_000
/** Runs looked at in one go. Ours. */
const RUNS_AT_ONCE = 100

/** Forgets runs that ended long ago, and previews when there is a later one. */
export async function forgetOldRuns({ metadata, clock }: RegistryParts): Promise<void> {
  for (let after = ''; ; ) {
    const runs = await metadata.db
      .selectFrom('retention_runs as run')
      .select(['run.id', 'run.purpose', 'run.ended_at'])
      .select(({ selectFrom }) =>
        selectFrom('retention_runs as later')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .whereRef('later.domain_id', '=', 'run.domain_id')
          .whereRef('later.rule_id', '=', 'run.rule_id')
          .whereRef('later.purpose', '=', 'run.purpose')
          .whereRef('later.created_at', '>', 'run.created_at')
          .as('later_runs'),
      )
      .where('run.id', '>', after)
      .where('run.ended_at', 'is not', null)
      .orderBy('run.id')
      .limit(RUNS_AT_ONCE)
      .execute()
    for (const run of runs) {
      const later = Number(run.later_runs)
      const isOld = (run.ended_at ?? 0) < clock() - KEPT_MS
      if (later === 0 || (later === 1 && run.purpose !== 'preview') || (!isOld && run.purpose !== 'preview')) continue
      await forgetCandidates(metadata, run.id, 0)
      await metadata.write(async ({ tx }) => {
        await tx.deleteFrom('retention_runs').where('id', '=', run.id).execute()
      })
    }
    const last = runs.at(-1)
    if (!last || runs.length < RUNS_AT_ONCE) return
    after = last.id
  }
}
