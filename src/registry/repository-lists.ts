import type { Selectable } from 'kysely'
import type { RepositoryTable } from '../storage/metadata/schema.ts'
import type { DomainAddress } from './addresses.ts'
import { requireDomain } from './lookup.ts'
import type { AccountId, DomainName, RepositoryName } from './names.ts'
import { type Page, type PageRequest, prefixEnd, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'

/** A repository as listings show it. Time: ms since 1970. */
export interface RepositorySummary {
  readonly name: RepositoryName
  readonly domainOwner: AccountId
  readonly domainName: DomainName
  readonly administratorAccount: AccountId
  readonly description: string
  readonly createdAt: number
}

export interface RepositoryFilter {
  readonly prefix?: string | undefined
}

/** Those that an account administers, in every domain, by name. */
export async function listRepositories(
  parts: RegistryParts,
  administrator: AccountId,
  { prefix }: RepositoryFilter,
  page: PageRequest,
): Promise<Page<RepositorySummary>> {
  const rows = await parts.metadata.db
    .selectFrom('repositories')
    .innerJoin('domains', 'domains.id', 'repositories.domain_id')
    .selectAll('repositories')
    .select(['domains.owner as domain_owner', 'domains.name as domain_name'])
    .where('administrator_account', '=', administrator)
    .$if(prefix !== undefined, (query) =>
      query.where('repositories.name', '>=', prefix!).where('repositories.name', '<', prefixEnd(prefix!)),
    )
    .$if(page.after !== undefined, (query) => {
      const [name = '', id = ''] = page.after!.map(String)
      return query.where((eb) => eb(eb.refTuple('repositories.name', 'repositories.id'), '>', eb.tuple(name, id)))
    })
    .orderBy('repositories.name')
    .orderBy('repositories.id')
    .limit(page.size + 1)
    .execute()
  return toPage(rows, page.size, { keyOf: (row) => [row.name, row.id], itemOf: toSummary })
}

export interface DomainRepositoryFilter extends RepositoryFilter {
  readonly administrator?: AccountId | undefined
}

/** Those of one domain, by name. Throws `missing`. */
export async function listRepositoriesInDomain(
  parts: RegistryParts,
  address: DomainAddress,
  { prefix, administrator }: DomainRepositoryFilter,
  page: PageRequest,
): Promise<Page<RepositorySummary>> {
  const { db } = parts.metadata
  const domain = await requireDomain(db, address)
  const rows = await db
    .selectFrom('repositories')
    .selectAll()
    .where('domain_id', '=', domain.id)
    .$if(prefix !== undefined, (query) => query.where('name', '>=', prefix!).where('name', '<', prefixEnd(prefix!)))
    .$if(administrator !== undefined, (query) => query.where('administrator_account', '=', administrator!))
    .$if(page.after !== undefined, (query) => query.where('name', '>', String(page.after![0])))
    .orderBy('name')
    .limit(page.size + 1)
    .execute()
  const owned = { domain_owner: domain.owner, domain_name: domain.name }
  return toPage(rows, page.size, { keyOf: (row) => [row.name], itemOf: (row) => toSummary({ ...row, ...owned }) })
}

type ListedRow = Selectable<RepositoryTable> & { readonly domain_owner: string; readonly domain_name: string }

function toSummary(row: ListedRow): RepositorySummary {
  return {
    name: row.name as RepositoryName,
    domainOwner: row.domain_owner as AccountId,
    domainName: row.domain_name as DomainName,
    administratorAccount: row.administrator_account as AccountId,
    description: row.description,
    createdAt: row.created_at,
  }
}
