import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { topologyScope } from '../storage/metadata/scopes.ts'
import { isUniqueViolation } from '../storage/metadata/unique-violation.ts'
import type { DomainAddress, PackageAddress, PackageGroupAddress } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { RegistryError, refused } from './errors.ts'
import type { Association } from './group-association.ts'
import { packagePath, parseGroupPattern } from './group-pattern.ts'
import { newGroupRow, readGroups } from './group-rows.ts'
import type { PackageGroup, PackageGroups } from './group-settings.ts'
import { type Database, type DomainRow, requireDomain } from './lookup.ts'
import { groupMissing } from './missing.ts'
import { type Page, type PageRequest, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'
import { overQuota } from './quotas.ts'
import { checkTags, type ResourceTags, writeTags } from './resource-tags.ts'

/** A group and the others of its domain, of which it may inherit. */
export interface DescribedGroup {
  readonly group: PackageGroup
  readonly groups: PackageGroups
}

export interface NewGroup {
  readonly address: PackageGroupAddress
  readonly description: string
  readonly contactInfo: string
  readonly tags: ResourceTags
}

/** Inherits everything at first. Throws `missing`, `conflict`, `quota` or `invalid`. */
export async function createGroup(parts: RegistryParts, caller: Caller, input: NewGroup): Promise<DescribedGroup> {
  const { address, description, contactInfo, tags } = input
  const { text: pattern } = parseGroupPattern(address.pattern)
  checkTags(tags, parts.limits)
  try {
    return await parts.metadata.write(async (write) => {
      const domain = await requireDomain(write.tx, address)
      const groups = await readGroups(write.tx, domain.id)
      if (groups.find(pattern)) throw groupExists(address)
      checkQuota(parts, groups, address)
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
export async function describeGroup(parts: RegistryParts, address: PackageGroupAddress): Promise<DescribedGroup> {
  const { group, groups } = await requireGroup(parts.metadata.db, address)
  return { group, groups }
}

export interface GroupChange {
  readonly address: PackageGroupAddress
  /** Undefined: as it was; so for `contactInfo`. */
  readonly description: string | undefined
  readonly contactInfo: string | undefined
}

/** Throws `missing`. */
export async function updateGroup(parts: RegistryParts, caller: Caller, change: GroupChange): Promise<DescribedGroup> {
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
): Promise<DescribedGroup> {
  return parts.metadata.write(async (write) => {
    const { domain, group, groups } = await requireGroup(write.tx, address)
    if (group.pattern.text === '/*')
      throw refused(`Package group '/*' is the root of its domain and cannot be deleted.`)
    await write.tx.deleteFrom('resource_tags').where('resource_id', '=', group.id).execute()
    await write.tx.deleteFrom('package_groups').where('id', '=', group.id).execute()
    await announceGroups(write, parts, caller, { operation: 'DeletePackageGroup', address, domain })
    return { group, groups }
  })
}

export interface GroupList extends Page<PackageGroup> {
  readonly groups: PackageGroups
}

/** Those whose pattern starts with `prefix`, by pattern. Throws `missing`. */
export async function listGroups(
  parts: RegistryParts,
  address: DomainAddress,
  prefix: string,
  page: PageRequest,
): Promise<GroupList> {
  const { db } = parts.metadata
  const groups = await readGroups(db, (await requireDomain(db, address)).id)
  const found = groups.all.filter((group) => group.pattern.text.startsWith(prefix))
  return { ...pageOf(found, page), groups }
}

/** The groups directly below one, by pattern. Throws `missing`. */
export async function listSubGroups(
  parts: RegistryParts,
  address: PackageGroupAddress,
  page: PageRequest,
): Promise<GroupList> {
  const { group, groups } = await requireGroup(parts.metadata.db, address)
  return { ...pageOf(groups.childrenOf(group), page), groups }
}

export interface AssociatedGroup extends Association<PackageGroup> {
  readonly groups: PackageGroups
}

/** The group that speaks for a package, which need not exist. Throws `missing` for the domain. */
export async function findAssociatedGroup(
  parts: RegistryParts,
  address: DomainAddress & Pick<PackageAddress, 'package'>,
): Promise<AssociatedGroup> {
  const { db } = parts.metadata
  const groups = await readGroups(db, (await requireDomain(db, address)).id)
  return { ...groups.associate(packagePath(address.package)), groups }
}

export interface FoundGroup extends DescribedGroup {
  readonly domain: DomainRow
}

/** Throws `missing`. */
export async function requireGroup(db: Database, address: PackageGroupAddress): Promise<FoundGroup> {
  const domain = await requireDomain(db, address)
  const groups = await readGroups(db, domain.id)
  const group = groups.find(address.pattern)
  if (!group) throw groupMissing(address)
  return { domain, group, groups }
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
}

async function finishChange(write: Write, parts: RegistryParts, caller: Caller, call: GroupCall) {
  await announceGroups(write, parts, caller, call)
  const { group, groups } = await requireGroup(write.tx, call.address)
  return { group, groups }
}

function pageOf(found: readonly PackageGroup[], page: PageRequest): Page<PackageGroup> {
  const [after] = page.after ?? []
  const rest = after === undefined ? found : found.filter((group) => group.pattern.text > String(after))
  const shape = { keyOf: (group: PackageGroup) => [group.pattern.text], itemOf: (group: PackageGroup) => group }
  return toPage(rest.slice(0, page.size + 1), page.size, shape)
}

function checkQuota({ limits }: RegistryParts, groups: PackageGroups, { domain }: PackageGroupAddress): void {
  if (groups.all.length < limits.packageGroupsPerDomainMax) return
  throw overQuota('packageGroupsPerDomainMax', limits, { resourceId: domain })
}

function groupExists({ domain, pattern }: PackageGroupAddress, cause?: unknown): RegistryError {
  const message = `Package group '${pattern}' in domain '${domain}' already exists.`
  return new RegistryError('conflict', message, { resourceId: `${domain}${pattern}`, cause })
}
