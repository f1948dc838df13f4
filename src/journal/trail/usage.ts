import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Write } from '../../storage/metadata/metadata.ts'
import type { AskedPackage, AskedRepository } from './package-facts.ts'

/** Requests for the same thing by the same principal, within one hour. */
export interface UsageEntry {
  /** Of the first. Unit: ms since 1970. */
  readonly at: number
  readonly requests: number
  /** Of the answers' bodies. */
  readonly bytes: number
  readonly account: string
  readonly principal: string
  readonly repository: AskedRepository
  readonly package: AskedPackage | undefined
  /** Of an asset that was asked for. */
  readonly version: string | undefined
}

const DAY_MS = 86_400_000
/** How exactly the last use of a version is known. Unit: ms. Ours. */
export const USE_MS = 3_600_000

/** A few milliseconds' work. Ours. */
const ROWS_AT_ONCE = 250

export type UsageKind = 'account' | 'domain' | 'repository' | 'package' | 'principal'

/** Adds requests to the counts of their day, and notes which versions were used. */
export async function addUsage(write: Write, entries: readonly UsageEntry[]): Promise<void> {
  await addCounts(write, entries)
  await noteUses(write, entries)
}

interface Count {
  readonly day: number
  readonly kind: UsageKind
  readonly name: string
  requests: number
  bytes: number
}

async function addCounts({ tx }: Write, entries: readonly UsageEntry[]): Promise<void> {
  const counts = new Map<string, Count>()
  for (const entry of entries) {
    const day = Math.floor(entry.at / DAY_MS)
    for (const [kind, name] of namesOf(entry)) {
      const key = `${day} ${kind} ${name}`
      const count = counts.get(key) ?? { day, kind, name, requests: 0, bytes: 0 }
      count.requests += entry.requests
      count.bytes += entry.bytes
      counts.set(key, count)
    }
  }
  const rows = inOrder(counts)
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    // A database in this process answers at once; requests are not to wait for all of it.
    if (at > 0) await nextTurn()
    await tx
      .insertInto('usage_counts')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .onConflict((conflict) =>
        conflict.columns(['day', 'kind', 'name']).doUpdateSet((eb) => ({
          requests: sql<number>`${eb.ref('usage_counts.requests')} + ${eb.ref('excluded.requests')}`,
          bytes: sql<number>`${eb.ref('usage_counts.bytes')} + ${eb.ref('excluded.bytes')}`,
        })),
      )
      .execute()
  }
}

function namesOf({ account, principal, repository, package: name }: UsageEntry): (readonly [UsageKind, string])[] {
  const { domain } = repository
  const path = `${domain.owner}/${domain.name}`
  const names: (readonly [UsageKind, string])[] = [
    ['account', account],
    ['domain', path],
    ['repository', `${path}/${repository.name}`],
    ['principal', principal],
  ]
  if (name) {
    const namespace = name.namespace === '' ? '' : `${name.namespace}/`
    names.push(['package', `${path}/${name.format}/${namespace}${name.name}`])
  }
  return names
}

async function noteUses({ tx }: Write, entries: readonly UsageEntry[]): Promise<void> {
  const uses = new Map<
    string,
    { repository_id: string; format: string; namespace: string; name: string; version: string; used_at: number }
  >()
  for (const { repository, package: name, version, at } of entries) {
    if (!name || version === undefined) continue
    const row = {
      repository_id: repository.id,
      format: name.format,
      namespace: name.namespace,
      name: name.name,
      version,
    }
    uses.set(Object.values(row).join('\0'), { ...row, used_at: Math.floor(at / USE_MS) * USE_MS })
  }
  if (uses.size === 0) return
  // A repository may have been deleted since.
  const ids = [...new Set([...uses.values()].map(({ repository_id: id }) => id))]
  const there = await tx.selectFrom('repositories').select('id').where('id', 'in', ids).execute()
  const known = new Set(there.map(({ id }) => id))
  const rows = inOrder(uses).filter(({ repository_id: id }) => known.has(id))
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    // A database in this process answers at once; requests are not to wait for all of it.
    if (at > 0) await nextTurn()
    await tx
      .insertInto('version_uses')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .onConflict((conflict) =>
        conflict
          .columns(['repository_id', 'format', 'namespace', 'name', 'version'])
          .doUpdateSet((eb) => ({ used_at: eb.ref('excluded.used_at') }))
          .whereRef('version_uses.used_at', '<', 'excluded.used_at'),
      )
      .execute()
  }
}

/** The same order in every process, so that none waits for another in a circle. */
function inOrder<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row)
}
