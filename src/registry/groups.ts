import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { policyScope, topologyScope } from '../storage/metadata/scopes.ts'
import { isUniqueViolation } from '../storage/metadata/unique-violation.ts'
import type { DomainAddress, PackageAddress, PackageGroupAddress } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { RegistryError, refused } from './errors.ts'
import type { AssociationStrength } from './group-association.ts'
import { type GroupPattern, packagePath, parseGroupPattern } from './group-pattern.ts'
import { newGroupRow, readAssociation, readPlacedGroup } from './group-rows.ts'
import type { PlacedGroup } from './group-settings.ts'
import { type Database, type DomainRow, findDomain, requireDomain } from './lookup.ts'
import { groupMissing } from './missing.ts'
import type { RegistryParts } from './parts.ts'
import { overQuota } from './quotas.ts'
import { checkTags, type ResourceTags, writeTags } from './resource-tags.ts'

export interface NewGroup {
  readonly address: PackageGroupAddress
  readonly description: string
  readonly contactInfo: string
  readonly tags: ResourceTags
}

/** The group above all others of a domain. Source: CodeArtifact User Guide, "Package group hierarchy". */
export const ROOT_PATTERN = '/*'

/** Inherits everything at first. Throws `missing`, `conflict`, `quota` or `invalid`. */
export async function createGroup(parts: RegistryParts, caller: Caller, input: NewGroup): Promise<PlacedGroup> {
  const { address, description, contactInfo, tags } = input
  const pattern = parseGroupPattern(address.pattern)
  checkTags(tags, parts.limits)
  try {
    return await parts.metadata.write(async (write) => {
      const domain = await requireDomain(write.tx, address)
      if (await readPlacedGroup(write.tx, domain.id, pattern)) throw groupExists(address)
      await checkQuota(write, parts, domain)
      const row = newGroupRow(parts, domain.id, { pattern, mode: 'INHERIT', description, contactInfo })
      await write.tx.insertInto('package_groups').values(row).execute()
      await writeTags(write, row.id, tags)
      return finishChange(write, parts, caller, { operation: 'CreatePackageGroup', address, domain })
    })
  } catch (cause) {
    // Two callers may both find the pattern free; the database lets one of them have it.
    if (isUniqueViolation(cause)) throw groupExists(address, cause)
    throw cause
  }
}

/** Throws `missing`. */
export async function describeGroup(parts: RegistryParts, address: PackageGroupAddress): Promise<PlacedGroup> {
  return requireGroup(parts.metadata.db, address)
}

export interface GroupChange {
  readonly address: PackageGroupAddress
  /** Undefined: as it was; so for `contactInfo`. */
  readonly description: string | undefined
  readonly contactInfo: string | undefined
}

/** Throws `missing`. */
export async function updateGroup(parts: RegistryParts, caller: Caller, change: GroupChange): Promise<PlacedGroup> {
  const { address, description, contactInfo } = change
  return parts.metadata.write(async (write) => {
    const { domain, group } = await requireGroup(write.tx, address)
    const changed = {
      description: description ?? group.description,
      contact_info: contactInfo ?? group.contactInfo,
    }
    await write.tx.updateTable('package_groups').set(changed).where('id', '=', group.id).execute()
    return finishChange(write, parts, caller, { operation: 'UpdatePackageGroup', address, domain })
  })
}

/** Its packages and the groups below it go to the group above it. Answers what it was. Throws `missing` or `invalid`. */
export async function deleteGroup(
  parts: RegistryParts,
  caller: Caller,
  address: PackageGroupAddress,
): Promise<PlacedGroup> {
  return parts.metadata.write(async (write) => {
    const { domain, group, above } = await requireGroup(write.tx, address)
    if (group.pattern.text === ROOT_PATTERN)
      throw refused(`Package group '/*' is the root of its domain and cannot be deleted.`)
    await write.tx.deleteFrom('resource_tags').where('resource_id', '=', group.id).execute()
    await write.tx.deleteFrom('package_groups').where('id', '=', group.id).execute()
    await announceGroups(write, parts, caller, { operation: 'DeletePackageGroup', address, domain })
    return { group, above }
  })
}

export interface AssociatedGroup extends PlacedGroup {
  readonly strength: AssociationStrength
}

/** The group that speaks for a package, which need not exist. Throws `missing` for the domain. */
export async function findAssociatedGroup(
  parts: RegistryParts,
  address: DomainAddress & Pick<PackageAddress, 'package'>,
): Promise<AssociatedGroup> {
  const { db } = parts.metadata
  const domain = await requireDomain(db, address)
  const { group, strength } = await readAssociation(db, domain.id, packagePath(address.package))
  const placed = await readPlacedGroup(db, domain.id, group.pattern)
  if (!placed) throw groupMissing({ ...address, pattern: group.pattern.text })
  return { ...placed, strength }
}

/** Its pattern; undefined where there is no such domain. */
export async function findAssociatedPattern(
  { metadata: { db } }: Pick<RegistryParts, 'metadata'>,
  address: DomainAddress & Pick<PackageAddress, 'package'>,
): Promise<string | undefined> {
  const domain = await findDomain(db, address)
  if (!domain) return undefined
  return (await readAssociation(db, domain.id, packagePath(address.package))).group.pattern.text
}

export interface FoundGroup extends PlacedGroup {
  readonly domain: DomainRow
}

/** Throws `missing`. */
export async function requireGroup(db: Database, address: PackageGroupAddress): Promise<FoundGroup> {
  const domain = await requireDomain(db, address)
  const pattern = patternIn(address)
  const placed = pattern && (await readPlacedGroup(db, domain.id, pattern))
  if (!placed) throw groupMissing(address)
  return { domain, ...placed }
}

/** Undefined for what no group can have. */
function patternIn({ pattern }: PackageGroupAddress): GroupPattern | undefined {
  try {
    return parseGroupPattern(pattern)
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'invalid') return undefined
    throw error
  }
}

export interface GroupCall {
  readonly operation: string
  readonly address: PackageGroupAddress
  readonly domain: DomainRow
  readonly details?: Readonly<Record<string, unknown>>
}

/** Writes down who did it, and makes everybody read the domain's groups anew. */
export async function announceGroups(
  write: Write,
  parts: RegistryParts,
  caller: Caller,
  { operation, address, domain, details }: GroupCall,
): Promise<void> {
  await auditCall(write, parts, caller, { operation, address, details: { packageGroup: address.pattern, ...details } })
  write.touch(topologyScope(domain.id))
  // Decisions look at the tags of groups.
  write.touch(policyScope(address.owner, address.domain))
}

async function finishChange(write: Write, parts: RegistryParts, caller: Caller, call: GroupCall) {
  await announceGroups(write, parts, caller, call)
  const { group, above } = await requireGroup(write.tx, call.address)
  return { group, above }
}

async function checkQuota({ tx }: Write, { limits }: RegistryParts, domain: DomainRow): Promise<void> {
  const { count } = await tx
    .selectFrom('package_groups')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('domain_id', '=', domain.id)
    .executeTakeFirstOrThrow()
  if (Number(count) < limits.packageGroupsPerDomainMax) return
  throw overQuota('packageGroupsPerDomainMax', limits, { resourceId: domain.name })
}

function groupExists({ domain, pattern }: PackageGroupAddress, cause?: unknown): RegistryError {
  const message = `Package group '${pattern}' in domain '${domain}' already exists.`
  return new RegistryError('conflict', message, { resourceId: `${domain}${pattern}`, cause })
}
