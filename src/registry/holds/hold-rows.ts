import type { Insertable, Selectable } from 'kysely'
import type { HoldTable } from '../../storage/metadata/retention-tables.ts'
import type { Hold, HeldAgainst } from './hold.ts'

export type HoldRow = Selectable<HoldTable> & { readonly repository: string | null }

export function toHold(row: HoldRow): Hold {
  return {
    id: row.id,
    repository: row.repository ?? undefined,
    pattern: row.pattern,
    version: row.version,
    against: row.against as HeldAgainst,
    reason: row.reason,
    createdBy: row.created_by,
    createdAt: row.created_at,
    endsAt: row.ends_at ?? undefined,
  }
}

export function toHoldRow(
  hold: Hold,
  placed: { readonly domainId: string; readonly repositoryId: string | undefined; readonly spellingKey: string },
): Insertable<HoldTable> {
  return {
    id: hold.id,
    domain_id: placed.domainId,
    repository_id: placed.repositoryId ?? null,
    pattern: hold.pattern,
    spelling_key: placed.spellingKey,
    version: hold.version,
    against: hold.against,
    reason: hold.reason,
    created_by: hold.createdBy,
    created_at: hold.createdAt,
    ends_at: hold.endsAt ?? null,
  }
}
