import type { Selectable } from 'kysely'
import type { PackageName } from '../registry/names.ts'
import type { RegistryParts } from '../registry/parts.ts'
import type { ApprovalDecisionTable } from '../storage/metadata/governance-tables.ts'
import type { Decision, DecisionKind } from './decision.ts'

type Reader = Pick<RegistryParts['metadata']['db'], 'selectFrom'>

/** Everything that was decided about one package, also what is over; by its index. */
export async function readDecisions(db: Reader, domainId: string, name: PackageName): Promise<Decision[]> {
  const rows = await db
    .selectFrom('approval_decisions')
    .selectAll()
    .where('domain_id', '=', domainId)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .execute()
  return rows.map(decisionOf)
}

export function decisionOf(row: Selectable<ApprovalDecisionTable>): Decision {
  return {
    id: row.id,
    kind: row.kind as DecisionKind,
    versions: row.versions,
    repositoryId: row.repository_id,
    comment: row.comment,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    expiresAt: row.expires_at ?? undefined,
  }
}
