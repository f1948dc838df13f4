import type { Insertable, Selectable } from 'kysely'
import type { Database } from '../../registry/lookup.ts'
import type { VersionStatus } from '../../registry/model.ts'
import type { Metadata, Write } from '../../storage/metadata/metadata.ts'
import type { RetentionCandidateTable, RetentionRunTable } from '../../storage/metadata/retention-tables.ts'
import type { RemovalAction } from './choose.ts'
import {
  noFigures,
  type RetentionCandidate,
  type RetentionRule,
  type RetentionRun,
  type RunFigures,
  type RunPosition,
  type RunPurpose,
  type RunState,
} from './run-model.ts'

/** Rows in one statement. Ours. */
const CANDIDATES_AT_ONCE = 200
const FORGOTTEN_AT_ONCE = 1_000

export interface NewRun {
  readonly id: string
  readonly domainId: string
  readonly rule: RetentionRule
  readonly purpose: RunPurpose
  /** An ARN, or what began it by itself. */
  readonly askedBy: string
  readonly createdAt: number
}

export async function insertRun(write: Write, { domainId, rule, askedBy, createdAt, ...given }: NewRun): Promise<void> {
  await write.tx
    .insertInto('retention_runs')
    .values({
      ...given,
      domain_id: domainId,
      rule_id: rule.id,
      rule: JSON.stringify(rule),
      state: 'waiting',
      position: '{}',
      figures: JSON.stringify(noFigures),
      asked_by: askedBy,
      created_at: createdAt,
    })
    .execute()
}

export async function findRun(db: Database, id: string): Promise<RetentionRun | undefined> {
  const row = await db.selectFrom('retention_runs').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toRun(row)
}

/** The oldest that is to be done. */
export async function findOpenRun(db: Database, purposes: readonly RunPurpose[]): Promise<RetentionRun | undefined> {
  const row = await db
    .selectFrom('retention_runs')
    .selectAll()
    .where('purpose', 'in', purposes)
    .where('ended_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row && toRun(row)
}

/** Of one rule, the newest first. */
export async function listRuns(
  db: Database,
  { domainId, ruleId, purposes, limit }: RunsWanted,
): Promise<RetentionRun[]> {
  const rows = await db
    .selectFrom('retention_runs')
    .selectAll()
    .where('domain_id', '=', domainId)
    .where('rule_id', '=', ruleId)
    .where('purpose', 'in', purposes)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toRun)
}

export interface RunsWanted {
  readonly domainId: string
  readonly ruleId: string
  readonly purposes: readonly RunPurpose[]
  readonly limit: number
}

/** What a step has come to. */
export interface RunStep {
  readonly state?: RunState
  readonly position?: RunPosition
  readonly figures?: RunFigures
  readonly confirmedVersions?: number
  /** Null: it goes on. Unit: ms since 1970. */
  readonly endedAt?: number | null
}

export async function saveRun(write: Write, id: string, step: RunStep): Promise<void> {
  const { state, position, figures, confirmedVersions, endedAt } = step
  await write.tx
    .updateTable('retention_runs')
    .set({
      ...(state !== undefined && { state }),
      ...(position !== undefined && { position: JSON.stringify(position) }),
      ...(figures !== undefined && { figures: JSON.stringify(figures) }),
      ...(confirmedVersions !== undefined && { confirmed_versions: confirmedVersions }),
      ...(endedAt !== undefined && { ended_at: endedAt }),
    })
    .where('id', '=', id)
    .execute()
}

export async function insertCandidates(
  write: Write,
  runId: string,
  candidates: readonly RetentionCandidate[],
): Promise<void> {
  for (let start = 0; start < candidates.length; start += CANDIDATES_AT_ONCE) {
    const rows = candidates.slice(start, start + CANDIDATES_AT_ONCE).map((each) => toCandidateRow(runId, each))
    await write.tx.insertInto('retention_candidates').values(rows).execute()
  }
}

/** In the order in which they were chosen: by repository and name. */
export async function readCandidates(
  db: Database,
  { runId, after, limit }: { readonly runId: string; readonly after: number; readonly limit: number },
): Promise<RetentionCandidate[]> {
  const rows = await db
    .selectFrom('retention_candidates')
    .selectAll()
    .where('run_id', '=', runId)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(toCandidate)
}

/** Removes a run's candidates from this one on, some at a time. */
export async function forgetCandidates(metadata: Metadata, runId: string, from: number): Promise<void> {
  for (;;) {
    const some = await metadata.db
      .selectFrom('retention_candidates')
      .select('position')
      .where('run_id', '=', runId)
      .where('position', '>=', from)
      .orderBy('position')
      .limit(FORGOTTEN_AT_ONCE)
      .execute()
    const last = some.at(-1)
    if (!last) return
    await metadata.write(async ({ tx }) => {
      const rows = tx.deleteFrom('retention_candidates').where('run_id', '=', runId)
      await rows.where('position', '>=', from).where('position', '<=', last.position).execute()
    })
  }
}

function toRun(row: Selectable<RetentionRunTable>): RetentionRun {
  return {
    id: row.id,
    domainId: row.domain_id,
    rule: JSON.parse(row.rule) as RetentionRule,
    purpose: row.purpose as RunPurpose,
    state: row.state as RunState,
    position: JSON.parse(row.position) as RunPosition,
    figures: JSON.parse(row.figures) as RunFigures,
    askedBy: row.asked_by,
    confirmedVersions: row.confirmed_versions ?? undefined,
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
  }
}

function toCandidateRow(runId: string, candidate: RetentionCandidate): Insertable<RetentionCandidateTable> {
  const { position, repository, format, namespace, name, version, status, action } = candidate
  return {
    run_id: runId,
    position,
    reference_id: candidate.referenceId,
    package_id: candidate.packageId,
    content_id: candidate.contentId,
    repository,
    format,
    namespace,
    name,
    version,
    status,
    origin_type: candidate.originType,
    action,
    size_bytes: candidate.sizeBytes,
    used_at: candidate.usedAt,
  }
}

function toCandidate(row: Selectable<RetentionCandidateTable>): RetentionCandidate {
  const { position, repository, format, namespace, name, version } = row
  return {
    position,
    referenceId: row.reference_id,
    packageId: row.package_id,
    contentId: row.content_id,
    repository,
    format,
    namespace,
    name,
    version,
    status: row.status as VersionStatus,
    originType: row.origin_type,
    action: row.action as RemovalAction,
    sizeBytes: row.size_bytes,
    usedAt: row.used_at,
  }
}
