import { type Kysely, type Selectable, sql } from 'kysely'
import type { DomainAddress } from '../../registry/addresses.ts'
import { requireDomain } from '../../registry/lookup.ts'
import type { FormatId, PackageName } from '../../registry/names.ts'
import { type Page, type PageRequest, toPage } from '../../registry/pages.ts'
import type { AdvisoryFindingTable } from '../../storage/metadata/advisory-tables.ts'
import type { Schema } from '../../storage/metadata/schema.ts'

/** A version in use that an advisory is about. */
export interface Finding {
  readonly name: PackageName
  readonly version: string
  readonly advisoryId: string
  readonly severity: string | undefined
  readonly repositories: readonly string[]
  /** Unit: ms since 1970. */
  readonly foundAt: number
}

/** Those of a domain, package by package. Throws `missing`. */
export async function listFindings(
  db: Kysely<Schema>,
  address: DomainAddress,
  { size, after }: PageRequest,
): Promise<Page<Finding>> {
  const domain = await requireDomain(db, address)
  const rows = await db
    .selectFrom('advisory_findings')
    .selectAll()
    .where('domain_id', '=', domain.id)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(format, namespace, name, version, advisory_id) > (${sql.join([...(after ?? [])])})`),
    )
    .orderBy('format')
    .orderBy('namespace')
    .orderBy('name')
    .orderBy('version')
    .orderBy('advisory_id')
    .limit(size + 1)
    .execute()
  return toPage(rows, size, {
    keyOf: (row) => [row.format, row.namespace, row.name, row.version, row.advisory_id],
    itemOf: findingOf,
  })
}

function findingOf(row: Selectable<AdvisoryFindingTable>): Finding {
  return {
    name: { format: row.format as FormatId, namespace: row.namespace, name: row.name },
    version: row.version,
    advisoryId: row.advisory_id,
    severity: row.severity ?? undefined,
    repositories: JSON.parse(row.repositories) as string[],
    foundAt: row.found_at,
  }
}
