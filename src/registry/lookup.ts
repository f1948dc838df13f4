import type { Kysely, Selectable } from 'kysely'
import type { DomainTable, PackageTable, RepositoryTable, Schema } from '../storage/metadata/schema.ts'
import type { DomainAddress, PackageAddress, RepositoryAddress } from './addresses.ts'
import { checkDomainRowKey } from './domain-key-check.ts'
import { domainMissing, packageMissing, repositoryMissing } from './missing.ts'
import type { PackageName } from './names.ts'

/** The database, or one transaction of it. */
export type Database = Kysely<Schema>

export type DomainRow = Selectable<DomainTable>
export type RepositoryRow = Selectable<RepositoryTable>
export type PackageRow = Selectable<PackageTable>

export interface FoundRepository {
  readonly domain: DomainRow
  readonly repository: RepositoryRow
}

export interface FoundPackage extends FoundRepository {
  readonly package: PackageRow
}

export async function findDomain(db: Database, address: DomainAddress): Promise<DomainRow | undefined> {
  return db
    .selectFrom('domains')
    .selectAll()
    .where('owner', '=', address.owner)
    .where('name', '=', address.domain)
    .executeTakeFirst()
}

/** Each of the following throws `missing`, for the first thing on the way that is not there. */
export async function requireDomain(db: Database, address: DomainAddress): Promise<DomainRow> {
  const row = await findDomain(db, address)
  if (!row) throw domainMissing(address)
  return row
}

export async function requireRepository(db: Database, address: RepositoryAddress): Promise<FoundRepository> {
  const domain = await requireDomain(db, address)
  const repository = await findRepository(db, domain.id, address.repository)
  if (!repository) throw repositoryMissing(address)
  return { domain, repository }
}

/** For whatever is about packages; throws `invalid` too, while the domain's key cannot be used. */
export async function requireReadable(db: Database, address: RepositoryAddress): Promise<FoundRepository> {
  const found = await requireRepository(db, address)
  checkDomainRowKey(found.domain)
  return found
}

export async function requirePackage(db: Database, address: PackageAddress): Promise<FoundPackage> {
  const found = await requireReadable(db, address)
  const row = await findPackage(db, found.repository.id, address.package)
  if (!row) throw packageMissing(address)
  return { ...found, package: row }
}

export async function findRepository(db: Database, domainId: string, name: string): Promise<RepositoryRow | undefined> {
  return db
    .selectFrom('repositories')
    .selectAll()
    .where('domain_id', '=', domainId)
    .where('name', '=', name)
    .executeTakeFirst()
}

export async function findPackage(
  db: Database,
  repositoryId: string,
  name: PackageName,
): Promise<PackageRow | undefined> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .executeTakeFirst()
}
