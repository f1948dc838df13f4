import type { Database } from '../bus/rules.ts'
import type { UsageKind } from './usage.ts'

export interface UsageRow {
  readonly name: string
  readonly requests: number
  readonly bytes: number
}

/** Days, both included. */
export interface UsageSpan {
  readonly fromDay: number
  readonly toDay: number
}

/** Most bytes first. */
export async function readUsage(db: Database, kind: UsageKind, { fromDay, toDay }: UsageSpan): Promise<UsageRow[]> {
  const rows = await db
    .selectFrom('usage_counts')
    .select([
      'name',
      (eb) => eb.fn.sum<number>('requests').as('requests'),
      (eb) => eb.fn.sum<number>('bytes').as('bytes'),
    ])
    .where('day', '>=', fromDay)
    .where('day', '<=', toDay)
    .where('kind', '=', kind)
    .groupBy('name')
    .execute()
  return rows
    .map(({ name, requests, bytes }) => ({ name, requests: Number(requests), bytes: Number(bytes) }))
    .toSorted((left, right) => right.bytes - left.bytes || (left.name < right.name ? -1 : 1))
}

export interface VersionUse {
  readonly name: string
  readonly usedAt: number
}

/** When each version was last asked for, to the hour, by name. */
export async function readVersionUses(db: Database): Promise<VersionUse[]> {
  const rows = await db
    .selectFrom('version_uses')
    .innerJoin('repositories', 'repositories.id', 'version_uses.repository_id')
    .innerJoin('domains', 'domains.id', 'repositories.domain_id')
    .selectAll('version_uses')
    .select(['repositories.name as repository', 'domains.name as domain', 'domains.owner'])
    .execute()
  return rows
    .map((row) => {
      const namespace = row.namespace === '' ? '' : `${row.namespace}/`
      const place = `${row.owner}/${row.domain}/${row.repository}`
      return { name: `${place}/${row.format}/${namespace}${row.name}@${row.version}`, usedAt: row.used_at }
    })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

export interface SavedRow {
  readonly name: string
  /** What all repositories together hold. */
  readonly heldBytes: number
  /** What is stored of that. */
  readonly storedBytes: number
}

/** What it saves that content is stored once in a domain, however many repositories hold it. Reads every version. */
export async function readSaved(db: Database): Promise<SavedRow[]> {
  const held = await db
    .selectFrom('repository_versions')
    .innerJoin('version_assets', 'version_assets.content_id', 'repository_versions.content_id')
    .select(['version_assets.domain_id as id', (eb) => eb.fn.sum<number>('version_assets.size_bytes').as('bytes')])
    .groupBy('version_assets.domain_id')
    .execute()
  const bytes = new Map(held.map((row) => [row.id, Number(row.bytes)]))
  const domains = await db.selectFrom('domains').select(['id', 'owner', 'name', 'asset_size_bytes']).execute()
  return domains.map(({ id, owner, name, asset_size_bytes: storedBytes }) => {
    return { name: `${owner}/${name}`, heldBytes: bytes.get(id) ?? 0, storedBytes }
  })
}
