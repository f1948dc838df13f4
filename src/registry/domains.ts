import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { domainsScope, policyScope, topologyScope } from '../storage/metadata/scopes.ts'
import { isUniqueViolation } from '../storage/metadata/unique-violation.ts'
import type { DomainAddress } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { authorizeKey, chooseDomainKey } from './domain-key.ts'
import { parseKeyIdentifier } from './encryption-key.ts'
import { RegistryError } from './errors.ts'
import { forgetGroupTags, insertRootGroup } from './group-rows.ts'
import { type DomainRow, findDomain, requireDomain } from './lookup.ts'
import type { Domain } from './model.ts'
import type { AccountId, DomainName } from './names.ts'
import { type Page, type PageRequest, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'
import { overQuota } from './quotas.ts'
import { checkTags, type ResourceTags, writeTags } from './resource-tags.ts'

export interface NewDomain {
  readonly domain: DomainName
  /** Key id, key ARN, alias or alias ARN. */
  readonly encryptionKey?: string | undefined
  readonly tags: ResourceTags
}

/** Makes a domain in the caller's own account. Throws `conflict`, `quota` or `invalid`. */
export async function createDomain(parts: RegistryParts, caller: Caller, input: NewDomain): Promise<Domain> {
  const address = { owner: caller.principal.accountId as AccountId, domain: input.domain }
  const asked = parseKeyIdentifier(parts.arns, address.owner, input.encryptionKey)
  await authorizeKey(parts, caller, asked)
  checkTags(input.tags, parts.limits)
  return conflictWhenTaken(address, () =>
    parts.metadata.write(async (write) => {
      if (await findDomain(write.tx, address)) throw domainExists(address)
      await checkDomainQuota(write, parts, address)
      const encryptionKey = await chooseDomainKey(write, parts, address.owner, asked)
      const row = await insertDomain(write, parts, address, encryptionKey)
      await insertRootGroup(write, parts, row)
      await writeTags(write, row.id, input.tags)
      await auditCall(write, parts, caller, { operation: 'CreateDomain', address, details: { encryptionKey } })
      write.touch(domainsScope)
      write.touch(policyScope(address.owner, address.domain))
      return toDomain(row)
    }),
  )
}

/** Throws `missing`. */
export async function describeDomain(parts: RegistryParts, address: DomainAddress): Promise<Domain> {
  return toDomain(await requireDomain(parts.metadata.db, address))
}

/**
 * Undefined when there was no such domain, which is no failure. Throws `conflict` while it has repositories. The rows of
 * its blobs stay: they remind the sweep of the bytes.
 */
export async function deleteDomain(
  parts: RegistryParts,
  caller: Caller,
  address: DomainAddress,
): Promise<Domain | undefined> {
  return parts.metadata.write(async (write) => {
    const row = await findDomain(write.tx, address)
    if (!row) return undefined
    if (row.repository_count > 0) await leaveRepositories(write, row, address)
    await write.tx.deleteFrom('resource_tags').where('resource_id', '=', row.id).execute()
    await write.tx.deleteFrom('resource_policies').where('resource_id', '=', row.id).execute()
    await forgetGroupTags(write, row.id)
    await write.tx.deleteFrom('domains').where('id', '=', row.id).execute()
    await auditCall(write, parts, caller, { operation: 'DeleteDomain', address })
    write.touch(domainsScope)
    write.touch(topologyScope(row.id))
    write.touch(policyScope(address.owner, address.domain))
    return toDomain(row)
  })
}

/** The domains that an account owns, by name. */
export async function listDomains(parts: RegistryParts, owner: AccountId, page: PageRequest): Promise<Page<Domain>> {
  const [after] = page.after ?? []
  const rows = await parts.metadata.db
    .selectFrom('domains')
    .selectAll()
    .where('owner', '=', owner)
    .$if(after !== undefined, (query) => query.where('name', '>', String(after)))
    .orderBy('name')
    .limit(page.size + 1)
    .execute()
  return toPage(rows, page.size, { keyOf: (row) => [row.name], itemOf: toDomain })
}

export function toDomain(row: DomainRow): Domain {
  return {
    id: row.id,
    owner: row.owner as AccountId,
    name: row.name as DomainName,
    encryptionKey: row.encryption_key,
    isKeyUsable: row.is_key_usable === 1,
    repositoryCount: row.repository_count,
    assetSizeBytes: row.asset_size_bytes,
    createdAt: row.created_at,
  }
}

async function insertDomain(write: Write, parts: RegistryParts, address: DomainAddress, encryptionKey: string) {
  const row: DomainRow = {
    id: parts.randomId(),
    owner: address.owner,
    name: address.domain,
    encryption_key: encryptionKey,
    is_key_usable: 1,
    asset_size_bytes: 0,
    repository_count: 0,
    created_at: parts.clock(),
  }
  await write.tx.insertInto('domains').values(row).execute()
  return row
}

async function checkDomainQuota(write: Write, { limits }: RegistryParts, address: DomainAddress): Promise<void> {
  const { count } = await write.tx
    .selectFrom('domains')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('owner', '=', address.owner)
    .executeTakeFirstOrThrow()
  if (Number(count) < limits.domainsPerAccountMax) return
  throw overQuota('domainsPerAccountMax', limits, { resourceType: 'domain', resourceId: address.domain })
}

/** Two callers may both find the name free; the database lets one of them have it. */
async function conflictWhenTaken<T>(address: DomainAddress, create: () => Promise<T>): Promise<T> {
  try {
    return await create()
  } catch (cause) {
    if (isUniqueViolation(cause)) throw domainExists(address, cause)
    throw cause
  }
}

function domainExists(address: DomainAddress, cause?: unknown): RegistryError {
  const message = `Domain '${address.domain}' owned by account '${address.owner}' already exists.`
  return new RegistryError('conflict', message, { resourceType: 'domain', resourceId: address.domain, cause })
}

/** Without its key nobody can empty a domain: then it goes with its repositories. Source: User Guide, "Domain encryption". */
async function leaveRepositories(
  write: Write,
  { id, is_key_usable }: DomainRow,
  address: DomainAddress,
): Promise<void> {
  if (is_key_usable === 1) throw domainNotEmpty(address)
  for (const table of ['resource_tags', 'resource_policies'] as const) {
    await write.tx
      .deleteFrom(table)
      .where('resource_id', 'in', (eb) => eb.selectFrom('repositories').select('id').where('domain_id', '=', id))
      .execute()
  }
}

function domainNotEmpty(address: DomainAddress): RegistryError {
  const message = `Domain '${address.domain}' cannot be deleted while it has repositories. Delete its repositories first.`
  return new RegistryError('conflict', message, { resourceType: 'domain', resourceId: address.domain })
}
