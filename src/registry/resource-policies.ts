import { createHash } from 'node:crypto'
import { findNamedPrincipals } from '../access/named-principals.ts'
import { PolicyDocumentError } from '../access/policy/document.ts'
import { parsePolicyDocument } from '../access/policy/parse-document.ts'
import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { policyScope } from '../storage/metadata/scopes.ts'
import { type DomainAddress, type RepositoryAddress, resourceIdOf } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { RegistryError } from './errors.ts'
import { type Database, requireDomain, requireRepository } from './lookup.ts'
import type { RegistryParts } from './parts.ts'

/** The one policy that a domain or a repository may have. */
export interface ResourcePolicy {
  /** As it was given. */
  readonly document: string
  readonly revision: string
}

export type PolicyAddress = DomainAddress | RepositoryAddress

export interface PolicyChange {
  readonly address: PolicyAddress
  readonly document: string
  /** Undefined: whatever stands is overwritten. */
  readonly revision: string | undefined
}

/** Throws `missing`, also when there is no policy. */
export async function getResourcePolicy(parts: RegistryParts, address: PolicyAddress): Promise<ResourcePolicy> {
  const { db } = parts.metadata
  return (await readPolicy(db, await resourceRowId(db, address))) ?? throwMissing(address)
}

/** Throws `missing`, `invalid` for a bad document, or `conflict` when another revision stands. */
export async function putResourcePolicy(
  parts: RegistryParts,
  caller: Caller,
  { address, document, revision }: PolicyChange,
): Promise<ResourcePolicy> {
  const principals = JSON.stringify(await checkDocument(parts, document))
  return parts.metadata.write(async (write) => {
    const resourceId = await resourceRowId(write.tx, address)
    checkRevision(await readPolicy(write.tx, resourceId), revision, address)
    const put = { document, revision: newRevision(parts, document), principals, updated_at: parts.clock() }
    await write.tx
      .insertInto('resource_policies')
      .values({ resource_id: resourceId, ...put })
      .onConflict((conflict) => conflict.column('resource_id').doUpdateSet(put))
      .execute()
    await finish(write, parts, caller, { verb: 'Put', address })
    return { document, revision: put.revision }
  })
}

/** Answers what was deleted. Throws `missing` or `conflict`. */
export async function deleteResourcePolicy(
  parts: RegistryParts,
  caller: Caller,
  { address, revision }: Omit<PolicyChange, 'document'>,
): Promise<ResourcePolicy> {
  return parts.metadata.write(async (write) => {
    const resourceId = await resourceRowId(write.tx, address)
    const standing = (await readPolicy(write.tx, resourceId)) ?? throwMissing(address)
    checkRevision(standing, revision, address)
    await write.tx.deleteFrom('resource_policies').where('resource_id', '=', resourceId).execute()
    await finish(write, parts, caller, { verb: 'Delete', address })
    return standing
  })
}

/** Ids of the users and roles that it names, by ARN. */
async function checkDocument({ metadata }: RegistryParts, text: string): Promise<Readonly<Record<string, string>>> {
  try {
    return await findNamedPrincipals(metadata.db, parsePolicyDocument(text, 'resource'))
  } catch (cause) {
    if (!(cause instanceof PolicyDocumentError)) throw cause
    const reason = cause.kind === 'syntax' ? 'CANNOT_PARSE' : 'OTHER'
    throw new RegistryError('invalid', cause.message, { reason, cause })
  }
}

async function finish(
  write: Write,
  parts: RegistryParts,
  caller: Caller,
  { verb, address }: { readonly verb: 'Put' | 'Delete'; readonly address: PolicyAddress },
): Promise<void> {
  const operation = `${verb}${'repository' in address ? 'Repository' : 'Domain'}PermissionsPolicy`
  await auditCall(write, parts, caller, { operation, address })
  write.touch(policyScope(address.owner, address.domain))
}

function readPolicy(db: Database, resourceId: string): Promise<ResourcePolicy | undefined> {
  const policies = db.selectFrom('resource_policies').select(['document', 'revision'])
  return policies.where('resource_id', '=', resourceId).executeTakeFirst()
}

/** New with every put, also of the same text. Unverified: how the service makes it; samples are digests in Base64. */
function newRevision({ randomId }: RegistryParts, document: string): string {
  return createHash('sha256').update(`${randomId()}\n${document}`).digest('base64')
}

function checkRevision(standing: ResourcePolicy | undefined, asked: string | undefined, address: PolicyAddress): void {
  if (asked === undefined || asked === standing?.revision) return
  const message = `The policy's revision is not '${asked}': it was changed in between, or there is none.`
  throw new RegistryError('conflict', message, resourceOf(address))
}

function throwMissing(address: PolicyAddress): never {
  const { owner, domain } = address
  const what = 'repository' in address ? `Repository '${address.repository}' in domain` : 'Domain'
  const message = `Policy not found. ${what} '${domain}' owned by account '${owner}' has no permissions policy.`
  throw new RegistryError('missing', message, resourceOf(address))
}

function resourceOf(address: PolicyAddress) {
  const resourceType = 'repository' in address ? ('repository' as const) : ('domain' as const)
  return { resourceType, resourceId: resourceIdOf(address) }
}

async function resourceRowId(db: Database, address: PolicyAddress): Promise<string> {
  if (!('repository' in address)) return (await requireDomain(db, address)).id
  return (await requireRepository(db, address)).repository.id
}
