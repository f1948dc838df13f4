import { repositoryArn } from '../access/arns.ts'
import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { type DomainAddress, type RepositoryAddress, resourceIdOf } from './addresses.ts'
import { refused } from './errors.ts'
import type { Database, DomainRow, RepositoryRow } from './lookup.ts'
import { repositoryMissing } from './missing.ts'
import type { RepositoryName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { overQuota } from './quotas.ts'

/** In order of priority. */
export async function readUpstreams(db: Database, repositoryId: string): Promise<RepositoryName[]> {
  const rows = await db
    .selectFrom('repository_upstreams as link')
    .innerJoin('repositories as upstream', 'upstream.id', 'link.upstream_id')
    .select('upstream.name')
    .where('link.repository_id', '=', repositoryId)
    .orderBy('link.position')
    .execute()
  return rows.map((row) => row.name as RepositoryName)
}

/** Whoever takes packages from a repository needs its leave. Source: User Guide, "Upstream repositories". */
export async function authorizeUpstreams(
  { authorizer, arns }: RegistryParts,
  caller: Caller,
  { owner, domain }: DomainAddress,
  upstreams: readonly RepositoryName[],
): Promise<void> {
  for (const upstream of upstreams) {
    const resource = repositoryArn(arns, { owner, name: domain }, upstream)
    await authorizer.prepare(resource)
    authorizer.authorize(caller, 'codeartifact:AssociateWithDownstreamRepository', resource)
  }
}

export interface UpstreamsChange {
  readonly address: RepositoryAddress
  readonly domain: DomainRow
  readonly repository: RepositoryRow
  /** All there will be, in order of priority. */
  readonly upstreams: readonly RepositoryName[]
}

/** Throws `quota`, `missing` or `invalid`: more than allowed, unknown, itself, twice the same, a circle. */
export async function setUpstreams(write: Write, parts: RegistryParts, change: UpstreamsChange): Promise<void> {
  checkList(parts, change)
  const ids = await resolveNames(write.tx, change)
  await refuseCircle(write.tx, change, ids)
  await writeUpstreams(write, change.repository.id, ids)
}

/** Takes a repository out of everybody's upstreams; the others keep their order. */
export async function leaveDownstreams(write: Write, upstreamId: string): Promise<void> {
  const downstreams = await write.tx
    .selectFrom('repository_upstreams')
    .select('repository_id')
    .where('upstream_id', '=', upstreamId)
    .execute()
  for (const { repository_id } of downstreams) {
    const rows = await write.tx
      .selectFrom('repository_upstreams')
      .select('upstream_id')
      .where('repository_id', '=', repository_id)
      .orderBy('position')
      .execute()
    const left = rows.map((row) => row.upstream_id).filter((id) => id !== upstreamId)
    await writeUpstreams(write, repository_id, left)
  }
}

function checkList({ limits }: RegistryParts, { address, upstreams }: UpstreamsChange): void {
  const twice = upstreams.find((name, index) => upstreams.indexOf(name) !== index)
  if (twice) throw refused(`upstreams name repository '${twice}' more than once`)
  if (upstreams.includes(address.repository)) {
    throw refused(`Repository '${address.repository}' cannot be its own upstream.`)
  }
  if (upstreams.length <= limits.directUpstreamsMax) return
  throw overQuota('directUpstreamsMax', limits, { resourceType: 'repository', resourceId: resourceIdOf(address) })
}

async function resolveNames(db: Database, { address, domain, upstreams }: UpstreamsChange): Promise<string[]> {
  if (upstreams.length === 0) return []
  const rows = await db
    .selectFrom('repositories')
    .select(['id', 'name'])
    .where('domain_id', '=', domain.id)
    .where('name', 'in', upstreams)
    .execute()
  const idOf = new Map(rows.map((row) => [row.name, row.id]))
  return upstreams.map((name) => {
    const id = idOf.get(name)
    if (id === undefined) throw repositoryMissing({ ...address, repository: name })
    return id
  })
}

/** Walks upwards from the new upstreams, a level at a time. */
async function refuseCircle(db: Database, { repository }: UpstreamsChange, ids: readonly string[]): Promise<void> {
  const seen = new Set<string>(ids)
  let level = [...ids]
  while (level.length > 0) {
    if (level.includes(repository.id)) {
      throw refused(`upstreams would make repository '${repository.name}' an upstream of itself`)
    }
    const rows = await db
      .selectFrom('repository_upstreams')
      .select('upstream_id')
      .where('repository_id', 'in', level)
      .execute()
    level = [...new Set(rows.map((row) => row.upstream_id))].filter((id) => !seen.has(id))
    for (const id of level) seen.add(id)
  }
}

async function writeUpstreams(write: Write, repositoryId: string, upstreamIds: readonly string[]): Promise<void> {
  await write.tx.deleteFrom('repository_upstreams').where('repository_id', '=', repositoryId).execute()
  if (upstreamIds.length === 0) return
  const rows = upstreamIds.map((upstream_id, position) => ({ repository_id: repositoryId, position, upstream_id }))
  await write.tx.insertInto('repository_upstreams').values(rows).execute()
}
