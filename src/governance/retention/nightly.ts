import type { RegistryParts } from '../../registry/parts.ts'
import { retention } from '../kinds/retention.ts'
import { ruleOf } from '../rule.ts'
import { forgetOldRuns } from './old-runs.ts'
import { announceRun, toRetentionRule } from './requests.ts'
import { doRuns, type RunnerParts, type RunsOutcome } from './run.ts'
import type { RetentionRun, RunFigures, RunPurpose } from './run-model.ts'
import { insertRun } from './run-rows.ts'

/** What a background job gives. */
export interface RetentionWork {
  readonly registry: RegistryParts
  readonly signal: AbortSignal
  /** Throws when the job is another attempt's by now. */
  save(progress: RetentionProgress): Promise<void>
}

export interface RetentionProgress extends Partial<RunFigures> {
  readonly rule?: string
  readonly state?: string
}

/** Does what was asked for; with `rules`, what every rule says too. */
export async function enforceRetention(work: RetentionWork, rules: 'all' | 'as asked'): Promise<RunsOutcome> {
  if (rules === 'all') await startEveryRule(work.registry)
  const outcome = await doRuns(runnerParts(work), ['enforce', 'monitor'])
  await forgetOldRuns(work.registry)
  return outcome
}

/** Says what would go, for those who asked. */
export async function previewRetention(work: RetentionWork): Promise<RunsOutcome> {
  const outcome = await doRuns(runnerParts(work), ['preview'])
  await forgetOldRuns(work.registry)
  return outcome
}

function runnerParts({ registry, signal, save }: RetentionWork): RunnerParts {
  return {
    registry,
    signal,
    report: ({ rule, state }, figures) => save({ rule: rule.name, state, ...figures }),
    isInForce: (run) => isInForce(registry, run),
    announce: (write, run) => announceRun(write, registry, run),
  }
}

async function isInForce({ metadata }: RegistryParts, { rule }: RetentionRun): Promise<boolean> {
  const row = await metadata.db.selectFrom('governance_rules').selectAll().where('id', '=', rule.id).executeTakeFirst()
  return row?.version === rule.version && row.mode === 'enforce'
}

/** A run for each rule that has none to be done. */
async function startEveryRule({ metadata, randomId, clock }: RegistryParts): Promise<void> {
  const rows = await metadata.db
    .selectFrom('governance_rules')
    .selectAll()
    .where('kind', '=', retention.id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('retention_runs')
            .select('retention_runs.id')
            .whereRef('retention_runs.domain_id', '=', 'governance_rules.domain_id')
            .whereRef('retention_runs.rule_id', '=', 'governance_rules.id')
            .where('retention_runs.purpose', '<>', 'preview')
            .where('retention_runs.ended_at', 'is', null),
        ),
      ),
    )
    .orderBy('domain_id')
    .orderBy('name')
    .execute()
  await metadata.write(async (write) => {
    for (const row of rows) {
      const rule = ruleOf(row)
      const purpose: RunPurpose = rule.mode
      const given = { rule: toRetentionRule(rule), purpose, askedBy: 'nightly', createdAt: clock() }
      await insertRun(write, { id: randomId(), domainId: row.domain_id, ...given })
    }
  })
}
