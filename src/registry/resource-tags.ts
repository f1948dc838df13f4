import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { policyScope } from '../storage/metadata/scopes.ts'
import { type DomainAddress, type PackageGroupAddress, type RepositoryAddress, resourceIdOf } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { invalid, type RegistryError, refused } from './errors.ts'
import { type Database, requireDomain, requireRepository } from './lookup.ts'
import { groupMissing } from './missing.ts'
import type { RegistryLimits, RegistryParts } from './parts.ts'
import { overQuota } from './quotas.ts'

export interface ResourceTag {
  readonly key: string
  readonly value: string
}

export type ResourceTags = readonly ResourceTag[]

/** What may be tagged. */
export type TaggedAddress = DomainAddress | RepositoryAddress | PackageGroupAddress

/** By key, byte-wise. Throws `missing`. */
export async function listTags(parts: RegistryParts, address: TaggedAddress): Promise<ResourceTag[]> {
  const { db } = parts.metadata
  return readTags(db, await resourceRowId(db, address))
}

/** Of the row with this id, by key. */
export function readTags(db: Database, resourceId: string): Promise<ResourceTag[]> {
  const tags = db.selectFrom('resource_tags').select(['key', 'value']).where('resource_id', '=', resourceId)
  return tags.orderBy('key').execute()
}

/** Adds tags, and gives those that are there their new values. Throws `missing`, `invalid` or `quota`. */
export async function tagResource(
  parts: RegistryParts,
  caller: Caller,
  { address, tags }: { readonly address: TaggedAddress; readonly tags: ResourceTags },
): Promise<void> {
  checkTags(tags, parts.limits)
  await parts.metadata.write(async (write) => {
    const resourceId = await resourceRowId(write.tx, address)
    await writeTags(write, resourceId, tags)
    await checkTotal(write, parts.limits, resourceId, address)
    await auditCall(write, parts, caller, { operation: 'TagResource', address, details: { tags } })
    write.touch(policyScope(address.owner, address.domain))
  })
}

/** Keys that are not there are no failure. Throws `missing`. */
export async function untagResource(
  parts: RegistryParts,
  caller: Caller,
  { address, keys }: { readonly address: TaggedAddress; readonly keys: readonly string[] },
): Promise<void> {
  await parts.metadata.write(async (write) => {
    const resourceId = await resourceRowId(write.tx, address)
    if (keys.length > 0) {
      const tags = write.tx.deleteFrom('resource_tags').where('resource_id', '=', resourceId)
      await tags.where('key', 'in', keys).execute()
    }
    await auditCall(write, parts, caller, { operation: 'UntagResource', address, details: { tagKeys: keys } })
    write.touch(policyScope(address.owner, address.domain))
  })
}

/** Rules that need no resource. Source: Tag Editor User Guide, "Tag naming limits and requirements". */
export function checkTags(tags: ResourceTags, limits: RegistryLimits): void {
  const seen = new Set<string>()
  for (const { key } of tags) {
    if (key.toLowerCase().startsWith('aws:')) throw invalid('tag key', key, 'must not start with "aws:"')
    if (seen.has(key)) throw refused(`tags name the key '${key}' more than once`)
    seen.add(key)
  }
  if (tags.length > limits.tagsPerResourceMax) throw tooManyTags(limits)
}

export async function writeTags(write: Write, resourceId: string, tags: ResourceTags): Promise<void> {
  if (tags.length === 0) return
  await write.tx
    .insertInto('resource_tags')
    .values(tags.map(({ key, value }) => ({ resource_id: resourceId, key, value })))
    .onConflict((conflict) =>
      conflict.columns(['resource_id', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
    )
    .execute()
}

/** Throws `quota`. */
export async function checkTotal(
  write: Write,
  limits: RegistryLimits,
  resourceId: string,
  address?: TaggedAddress,
): Promise<void> {
  const { count } = await write.tx
    .selectFrom('resource_tags')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('resource_id', '=', resourceId)
    .executeTakeFirstOrThrow()
  if (Number(count) > limits.tagsPerResourceMax) throw tooManyTags(limits, address)
}

function tooManyTags(limits: RegistryLimits, address?: TaggedAddress): RegistryError {
  if (!address || 'pattern' in address) return overQuota('tagsPerResourceMax', limits)
  const resourceType = 'repository' in address ? 'repository' : 'domain'
  return overQuota('tagsPerResourceMax', limits, { resourceType, resourceId: resourceIdOf(address) })
}

async function resourceRowId(db: Database, address: TaggedAddress): Promise<string> {
  if ('pattern' in address) return groupRowId(db, address)
  if (!('repository' in address)) return (await requireDomain(db, address)).id
  return (await requireRepository(db, address)).repository.id
}

async function groupRowId(db: Database, address: PackageGroupAddress): Promise<string> {
  const domain = await requireDomain(db, address)
  const row = await db
    .selectFrom('package_groups')
    .select('id')
    .where('domain_id', '=', domain.id)
    .where('pattern', '=', address.pattern)
    .executeTakeFirst()
  if (!row) throw groupMissing(address)
  return row.id
}
