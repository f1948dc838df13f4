import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageGroupAddress } from './addresses.ts'
import { refused } from './errors.ts'
import { modeColumns } from './group-rows.ts'
import {
  type GroupMode,
  type GroupRestriction,
  groupRestrictions,
  type PackageGroup,
  type PlacedGroup,
} from './group-settings.ts'
import { announceGroups, requireGroup } from './groups.ts'
import { findRepository } from './lookup.ts'
import { repositoryMissing } from './missing.ts'
import type { RepositoryName } from './names.ts'
import { type Page, type PageRequest, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'

/** One repository in one of a group's lists. */
export interface AllowedRepository {
  readonly repository: RepositoryName
  readonly restriction: GroupRestriction
}

export interface GroupConfigurationChange {
  readonly address: PackageGroupAddress
  /** Those left out stay. */
  readonly modes: ReadonlyMap<GroupRestriction, GroupMode>
  readonly added: readonly AllowedRepository[]
  readonly removed: readonly AllowedRepository[]
}

export interface GroupConfigurationOutcome extends PlacedGroup {
  /** What really changed in the lists, in the order of the request. */
  readonly added: readonly AllowedRepository[]
  readonly removed: readonly AllowedRepository[]
}

/** Repositories added and removed by one call. Source: CloudFormation, `AWS::CodeArtifact::PackageGroup`. */
const CHANGES_MAX = 100

/**
 * First the modes, then what is added, then what is removed. A list is kept while its mode does not ask for it.
 * Throws `missing` or `invalid`.
 */
export async function configureGroup(
  parts: RegistryParts,
  caller: Caller,
  change: GroupConfigurationChange,
): Promise<GroupConfigurationOutcome> {
  const { address, modes } = change
  if (change.added.length + change.removed.length > CHANGES_MAX) {
    throw refused(`addAllowedRepositories and removeAllowedRepositories may name ${CHANGES_MAX} repositories at most`)
  }
  return parts.metadata.write(async (write) => {
    const { domain, group } = await requireGroup(write.tx, address)
    await setModes(write, group, modes)
    const added = await addRepositories(write, domain.id, group, change)
    const removed = await removeRepositories(write, domain.id, group, change.removed)
    const details = { restrictions: Object.fromEntries(modes), allowedRepositoryUpdates: { added, removed } }
    await announceGroups(write, parts, caller, {
      operation: 'UpdatePackageGroupOriginConfiguration',
      address,
      domain,
      details,
    })
    const { group: configured, above } = await requireGroup(write.tx, address)
    return { group: configured, above, added, removed }
  })
}

/** The group's own list, whether or not its mode asks for it; by name. Throws `missing`. */
export async function listAllowedRepositories(
  parts: RegistryParts,
  address: PackageGroupAddress,
  restriction: GroupRestriction,
  page: PageRequest,
): Promise<Page<RepositoryName>> {
  const { db } = parts.metadata
  const { group } = await requireGroup(db, address)
  const rows = await db
    .selectFrom('package_group_repositories as allowed')
    .innerJoin('repositories as repository', 'repository.id', 'allowed.repository_id')
    .select('repository.name')
    .where('allowed.group_id', '=', group.id)
    .where('allowed.restriction', '=', restriction)
    .$if(page.after !== undefined, (query) => query.where('repository.name', '>', String(page.after![0])))
    .orderBy('repository.name')
    .limit(page.size + 1)
    .execute()
  return toPage(rows, page.size, { keyOf: (row) => [row.name], itemOf: (row) => row.name as RepositoryName })
}

async function setModes(write: Write, group: PackageGroup, modes: GroupConfigurationChange['modes']): Promise<void> {
  for (const restriction of groupRestrictions) {
    const mode = modes.get(restriction)
    if (mode === undefined) continue
    if (mode === 'INHERIT' && group.pattern.text === '/*') {
      throw refused(`restrictions: ${restriction} of package group '/*' cannot be INHERIT, as nothing is above it`)
    }
    const row = write.tx.updateTable('package_groups').set({ [modeColumns[restriction]]: mode })
    await row.where('id', '=', group.id).execute()
  }
}

async function addRepositories(
  write: Write,
  domainId: string,
  group: PackageGroup,
  { address, added }: GroupConfigurationChange,
): Promise<AllowedRepository[]> {
  const done: AllowedRepository[] = []
  for (const allowed of added) {
    const { repository, restriction } = allowed
    const found = await findRepository(write.tx, domainId, repository)
    if (!found) throw repositoryMissing({ owner: address.owner, domain: address.domain, repository })
    const inserted = await write.tx
      .insertInto('package_group_repositories')
      .values({ group_id: group.id, restriction, repository_id: found.id })
      .onConflict((conflict) => conflict.doNothing())
      .returning('repository_id')
      .executeTakeFirst()
    if (inserted) done.push(allowed)
  }
  return done
}

async function removeRepositories(
  write: Write,
  domainId: string,
  group: PackageGroup,
  removed: readonly AllowedRepository[],
): Promise<AllowedRepository[]> {
  const done: AllowedRepository[] = []
  for (const allowed of removed) {
    const found = await findRepository(write.tx, domainId, allowed.repository)
    if (!found) continue
    const deleted = await write.tx
      .deleteFrom('package_group_repositories')
      .where('group_id', '=', group.id)
      .where('restriction', '=', allowed.restriction)
      .where('repository_id', '=', found.id)
      .returning('repository_id')
      .executeTakeFirst()
    if (deleted) done.push(allowed)
  }
  return done
}
