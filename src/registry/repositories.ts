import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { policyScope, topologyScope } from '../storage/metadata/scopes.ts'
import { isUniqueViolation } from '../storage/metadata/unique-violation.ts'
import { type RepositoryAddress, resourceIdOf } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { toDomain } from './domains.ts'
import { RegistryError } from './errors.ts'
import {
  type Database,
  type DomainRow,
  type FoundRepository,
  findRepository,
  type RepositoryRow,
  requireDomain,
  requireRepository,
} from './lookup.ts'
import type { Repository } from './model.ts'
import type { AccountId, FormatId, RepositoryName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { overQuota } from './quotas.ts'
import { removePackages } from './repository-packages.ts'
import { authorizeUpstreams, leaveDownstreams, readUpstreams, setUpstreams } from './repository-upstreams.ts'
import { checkTags, type ResourceTags, writeTags } from './resource-tags.ts'

export interface NewRepository {
  readonly address: RepositoryAddress
  readonly description: string
  /** In order of priority. */
  readonly upstreams: readonly RepositoryName[]
  readonly tags: ResourceTags
}

/** The caller's account administers it. Throws `missing`, `conflict`, `quota` or `invalid`. */
export async function createRepository(
  parts: RegistryParts,
  caller: Caller,
  input: NewRepository,
): Promise<Repository> {
  const { address, upstreams } = input
  checkTags(input.tags, parts.limits)
  await authorizeUpstreams(parts, caller, address, upstreams)
  return conflictWhenTaken(address, () =>
    parts.metadata.write(async (write) => {
      const domain = await requireDomain(write.tx, address)
      if (await findRepository(write.tx, domain.id, address.repository)) throw repositoryExists(address)
      checkRepositoryQuota(parts, domain, address)
      const repository = await insertRepository(write, parts, domain, {
        name: address.repository,
        administrator: caller.principal.accountId,
        description: input.description,
      })
      await setUpstreams(write, parts, { address, domain, repository, upstreams })
      await writeTags(write, repository.id, input.tags)
      await auditCall(write, parts, caller, { operation: 'CreateRepository', address, details: { upstreams } })
      write.touch(topologyScope(domain.id))
      write.touch(policyScope(address.owner, address.domain))
      return readRepository(write.tx, {
        domain: { ...domain, repository_count: domain.repository_count + 1 },
        repository,
      })
    }),
  )
}

/** Throws `missing`. */
export async function describeRepository(parts: RegistryParts, address: RepositoryAddress): Promise<Repository> {
  return readRepository(parts.metadata.db, await requireRepository(parts.metadata.db, address))
}

export interface RepositoryChange {
  readonly address: RepositoryAddress
  /** Undefined: as it was. */
  readonly description: string | undefined
  /** Undefined: as they were. Else all there will be, in order of priority. */
  readonly upstreams: readonly RepositoryName[] | undefined
}

/** Throws `missing`, `quota` or `invalid`. */
export async function updateRepository(
  parts: RegistryParts,
  caller: Caller,
  { address, description, upstreams }: RepositoryChange,
): Promise<Repository> {
  if (upstreams) await authorizeAdded(parts, caller, address, upstreams)
  return parts.metadata.write(async (write) => {
    const { domain, repository } = await requireRepository(write.tx, address)
    if (upstreams) await setUpstreams(write, parts, { address, domain, repository, upstreams })
    const changed = { ...repository, description: description ?? repository.description }
    const row = write.tx.updateTable('repositories').set({ description: changed.description })
    await row.where('id', '=', repository.id).execute()
    const details = { ...(upstreams && { upstreams }), ...(description !== undefined && { description }) }
    await auditCall(write, parts, caller, { operation: 'UpdateRepository', address, details })
    write.touch(topologyScope(domain.id))
    return readRepository(write.tx, { domain, repository: changed })
  })
}

/** Those that it has already were authorized when they came. */
async function authorizeAdded(
  parts: RegistryParts,
  caller: Caller,
  address: RepositoryAddress,
  upstreams: readonly RepositoryName[],
): Promise<void> {
  const { repository } = await requireRepository(parts.metadata.db, address)
  const known = await readUpstreams(parts.metadata.db, repository.id)
  await authorizeUpstreams(
    parts,
    caller,
    address,
    upstreams.filter((name) => !known.includes(name)),
  )
}

/**
 * Removes it with its packages, and from the upstreams of other repositories. Answers what it was. No event is sent for
 * its versions, as in the service. Throws `missing`.
 */
export async function deleteRepository(
  parts: RegistryParts,
  caller: Caller,
  address: RepositoryAddress,
): Promise<Repository> {
  return parts.metadata.write(async (write) => {
    const found = await requireRepository(write.tx, address)
    const { id } = found.repository
    const last = await readRepository(write.tx, found)
    await leaveDownstreams(write, id)
    await removePackages(write, parts, found, address)
    await write.tx.deleteFrom('resource_tags').where('resource_id', '=', id).execute()
    await write.tx.deleteFrom('resource_policies').where('resource_id', '=', id).execute()
    await write.tx.deleteFrom('repositories').where('id', '=', id).execute()
    await countRepositories(write, found.domain.id, -1)
    await auditCall(write, parts, caller, { operation: 'DeleteRepository', address })
    write.touch(topologyScope(found.domain.id))
    write.touch(policyScope(address.owner, address.domain))
    return last
  })
}

export async function readRepository(db: Database, { domain, repository }: FoundRepository): Promise<Repository> {
  const connections = await db
    .selectFrom('repository_connections')
    .select(['connection', 'format'])
    .where('repository_id', '=', repository.id)
    .orderBy('connection')
    .execute()
  return {
    id: repository.id,
    domain: toDomain(domain),
    name: repository.name as RepositoryName,
    administratorAccount: repository.administrator_account as AccountId,
    description: repository.description,
    upstreams: await readUpstreams(db, repository.id),
    connections: connections.map((row) => ({ name: row.connection, format: row.format as FormatId })),
    createdAt: repository.created_at,
  }
}

async function insertRepository(
  write: Write,
  parts: RegistryParts,
  domain: DomainRow,
  given: { readonly name: string; readonly administrator: string; readonly description: string },
): Promise<RepositoryRow> {
  const row: RepositoryRow = {
    id: parts.randomId(),
    domain_id: domain.id,
    name: given.name,
    administrator_account: given.administrator,
    description: given.description,
    created_at: parts.clock(),
  }
  await write.tx.insertInto('repositories').values(row).execute()
  await countRepositories(write, domain.id, 1)
  return row
}

async function countRepositories(write: Write, domainId: string, change: number): Promise<void> {
  const domain = write.tx.updateTable('domains').where('id', '=', domainId)
  await domain.set((eb) => ({ repository_count: eb('repository_count', '+', change) })).execute()
}

function checkRepositoryQuota({ limits }: RegistryParts, domain: DomainRow, address: RepositoryAddress): void {
  if (domain.repository_count < limits.repositoriesPerDomainMax) return
  const details = { resourceType: 'repository', resourceId: resourceIdOf(address) } as const
  throw overQuota('repositoriesPerDomainMax', limits, details)
}

/** Two callers may both find the name free; the database lets one of them have it. */
async function conflictWhenTaken<T>(address: RepositoryAddress, create: () => Promise<T>): Promise<T> {
  try {
    return await create()
  } catch (cause) {
    if (isUniqueViolation(cause)) throw repositoryExists(address, cause)
    throw cause
  }
}

function repositoryExists(address: RepositoryAddress, cause?: unknown): RegistryError {
  const { owner, domain, repository } = address
  const message = `Repository '${repository}' in domain '${domain}' owned by account '${owner}' already exists.`
  const details = { resourceType: 'repository', resourceId: resourceIdOf(address), cause } as const
  return new RegistryError('conflict', message, details)
}
