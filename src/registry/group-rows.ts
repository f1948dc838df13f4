import type { Insertable, Selectable } from 'kysely'
import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageGroupRepositoryTable, PackageGroupTable } from '../storage/metadata/schema.ts'
import { createGroupDirectory, pickClaimant } from './group-association.ts'
import { keyPrefixes, pathAppearanceKey } from './group-keys.ts'
import { type GroupPattern, parseGroupPattern } from './group-pattern.ts'
import type {
  GroupMode,
  GroupRestriction,
  GroupSetting,
  PackageGroup,
  PackageGroups,
  PlacedGroup,
} from './group-settings.ts'
import type { Database, DomainRow } from './lookup.ts'
import type { RegistryParts } from './parts.ts'

export type GroupRow = Selectable<PackageGroupTable>

/** The columns of the modes. */
export const modeColumns = {
  PUBLISH: 'publish_mode',
  EXTERNAL_UPSTREAM: 'external_upstream_mode',
  INTERNAL_UPSTREAM: 'internal_upstream_mode',
} as const satisfies Record<GroupRestriction, keyof GroupRow>

/** All groups of a domain, for whoever keeps them in memory until one changes. */
export async function readGroups(db: Database, domainId: string): Promise<PackageGroups> {
  const rows = await db.selectFrom('package_groups').selectAll().where('domain_id', '=', domainId).execute()
  const allowed = await db
    .selectFrom('package_group_repositories as allowed')
    .innerJoin('package_groups as holder', 'holder.id', 'allowed.group_id')
    .selectAll('allowed')
    .where('holder.domain_id', '=', domainId)
    .execute()
  return createGroupDirectory(toGroups(rows, allowed))
}

/**
 * Of a pattern: the group that has it, if any, and those that hold all of it, the smallest first. By as many index
 * look-ups as the pattern has characters.
 */
export async function readLineage(db: Database, domainId: string, pattern: GroupPattern): Promise<PackageGroup[]> {
  const rows = await db
    .selectFrom('package_groups')
    .selectAll()
    .where('domain_id', '=', domainId)
    .where('spelling_key', 'in', keyPrefixes(pattern.spellingKey))
    .orderBy('spelling_key', 'desc')
    .execute()
  return completeGroups(db, rows)
}

/** Undefined: there is no group with this pattern. */
export async function readPlacedGroup(
  db: Database,
  domainId: string,
  pattern: GroupPattern,
): Promise<PlacedGroup | undefined> {
  const [group, ...above] = await readLineage(db, domainId, pattern)
  return group?.pattern.text === pattern.text ? { group, above } : undefined
}

/** The group that speaks for a package, by as many index look-ups as its path has characters. */
export async function readAssociation(db: Database, domainId: string, path: string) {
  const rows = await db
    .selectFrom('package_groups')
    .select(['pattern', 'appearance_key'])
    .where('domain_id', '=', domainId)
    .where('appearance_key', 'in', keyPrefixes(pathAppearanceKey(path)))
    .orderBy('appearance_key', 'desc')
    .execute()
  const claimants = rows.filter((row) => row.appearance_key === rows[0]?.appearance_key).map(toHolder)
  return pickClaimant(claimants, path)
}

/** Groups that look as this pattern does: those that share its packages, by their spelling. */
export async function readClaimants(db: Database, domainId: string, { appearanceKey }: GroupPattern) {
  const rows = await db
    .selectFrom('package_groups')
    .select('pattern')
    .where('domain_id', '=', domainId)
    .where('appearance_key', '=', appearanceKey)
    .execute()
  return rows.map(toHolder)
}

function toHolder({ pattern }: Pick<GroupRow, 'pattern'>) {
  return { pattern: parseGroupPattern(pattern) }
}

/** With who is allowed where; in the order of the rows. */
export async function completeGroups(db: Database, rows: readonly GroupRow[]): Promise<PackageGroup[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  return toGroups(
    rows,
    await db.selectFrom('package_group_repositories').selectAll().where('group_id', 'in', ids).execute(),
  )
}

function toGroups(rows: readonly GroupRow[], allowed: readonly PackageGroupRepositoryTable[]): PackageGroup[] {
  const repositoryIds = Map.groupBy(allowed, (row) => `${row.group_id} ${row.restriction}`)
  return rows.map((row) =>
    toGroup(row, (restriction) => (repositoryIds.get(`${row.id} ${restriction}`) ?? []).map((at) => at.repository_id)),
  )
}

function toGroup(row: GroupRow, listOf: (restriction: GroupRestriction) => string[]): PackageGroup {
  const settingOf = (restriction: GroupRestriction): GroupSetting => ({
    mode: row[modeColumns[restriction]] as GroupMode,
    repositoryIds: new Set(listOf(restriction)),
  })
  return {
    id: row.id,
    pattern: parseGroupPattern(row.pattern),
    description: row.description,
    contactInfo: row.contact_info,
    createdAt: row.created_at,
    settings: {
      PUBLISH: settingOf('PUBLISH'),
      EXTERNAL_UPSTREAM: settingOf('EXTERNAL_UPSTREAM'),
      INTERNAL_UPSTREAM: settingOf('INTERNAL_UPSTREAM'),
    },
  }
}

/** What every domain is born with. */
export async function insertRootGroup(write: Write, parts: RegistryParts, domain: DomainRow): Promise<void> {
  const root = newGroupRow(parts, domain.id, { pattern: parseGroupPattern('/*'), mode: 'ALLOW' })
  await write.tx.insertInto('package_groups').values(root).execute()
}

export function newGroupRow(
  parts: RegistryParts,
  domainId: string,
  given: {
    readonly pattern: GroupPattern
    readonly mode: GroupMode
    readonly description?: string
    readonly contactInfo?: string
  },
): Insertable<PackageGroupTable> {
  return {
    id: parts.randomId(),
    domain_id: domainId,
    pattern: given.pattern.text,
    spelling_key: given.pattern.spellingKey,
    appearance_key: given.pattern.appearanceKey,
    description: given.description ?? '',
    contact_info: given.contactInfo ?? '',
    publish_mode: given.mode,
    external_upstream_mode: given.mode,
    internal_upstream_mode: given.mode,
    created_at: parts.clock(),
  }
}

/** Before the groups of a domain go with it. */
export async function forgetGroupTags(write: Write, domainId: string): Promise<void> {
  const groups = write.tx.selectFrom('package_groups').select('id').where('domain_id', '=', domainId)
  await write.tx.deleteFrom('resource_tags').where('resource_id', 'in', groups).execute()
}
