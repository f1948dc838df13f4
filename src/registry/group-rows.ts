import type { Insertable, Selectable } from 'kysely'
import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageGroupTable } from '../storage/metadata/schema.ts'
import { createGroupDirectory } from './group-association.ts'
import { parseGroupPattern } from './group-pattern.ts'
import type { GroupMode, GroupRestriction, GroupSetting, PackageGroup, PackageGroups } from './group-settings.ts'
import type { Database, DomainRow } from './lookup.ts'
import type { RegistryParts } from './parts.ts'

type GroupRow = Selectable<PackageGroupTable>

/** The columns of the modes. */
export const modeColumns = {
  PUBLISH: 'publish_mode',
  EXTERNAL_UPSTREAM: 'external_upstream_mode',
  INTERNAL_UPSTREAM: 'internal_upstream_mode',
} as const satisfies Record<GroupRestriction, keyof GroupRow>

/** All groups of a domain: a quota bounds them, and each is needed to know what another one holds. */
export async function readGroups(db: Database, domainId: string): Promise<PackageGroups> {
  const rows = await db.selectFrom('package_groups').selectAll().where('domain_id', '=', domainId).execute()
  const allowed = await db
    .selectFrom('package_group_repositories as allowed')
    .innerJoin('package_groups as holder', 'holder.id', 'allowed.group_id')
    .select(['allowed.group_id', 'allowed.restriction', 'allowed.repository_id'])
    .where('holder.domain_id', '=', domainId)
    .execute()
  const repositoryIds = Map.groupBy(allowed, (row) => `${row.group_id} ${row.restriction}`)
  return createGroupDirectory(
    rows.map((row) =>
      toGroup(row, (restriction) =>
        (repositoryIds.get(`${row.id} ${restriction}`) ?? []).map((at) => at.repository_id),
      ),
    ),
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
  const root = newGroupRow(parts, domain.id, { pattern: '/*', mode: 'ALLOW' })
  await write.tx.insertInto('package_groups').values(root).execute()
}

export function newGroupRow(
  parts: RegistryParts,
  domainId: string,
  given: {
    readonly pattern: string
    readonly mode: GroupMode
    readonly description?: string
    readonly contactInfo?: string
  },
): Insertable<PackageGroupTable> {
  return {
    id: parts.randomId(),
    domain_id: domainId,
    pattern: given.pattern,
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
