import { keyPrefixes, pathKey } from '../group-keys.ts'
import { packagePath } from '../group-pattern.ts'
import type { Database } from '../lookup.ts'
import type { PackageName } from '../names.ts'
import { type Hold, versionMatcher } from './hold.ts'
import { toHold } from './hold-rows.ts'

/** Keys that one statement looks up; either database takes far more. Ours. */
const KEYS_AT_ONCE = 5_000

/** Which hold keeps a version of one package, if any. */
export type HoldOf = (version: string) => Hold | undefined

/**
 * The holds on packages of one repository, by package. By as many index look-ups as the packages' paths have different
 * beginnings, however many holds there are; a single one where the domain has none. Undefined: nothing holds the package.
 */
export async function findHolds(
  db: Database,
  { domainId, repositoryId }: { readonly domainId: string; readonly repositoryId: string },
  names: readonly PackageName[],
  now: number,
): Promise<(name: PackageName) => HoldOf | undefined> {
  const any = await db.selectFrom('holds').select('id').where('domain_id', '=', domainId).limit(1).executeTakeFirst()
  if (!any) return () => undefined
  const keys = [...new Set(names.flatMap((name) => keyPrefixes(pathKey(packagePath(name)))))]
  const byKey = new Map<string, Hold[]>()
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    const rows = await db
      .selectFrom('holds')
      .leftJoin('repositories', 'repositories.id', 'holds.repository_id')
      .selectAll('holds')
      .select('repositories.name as repository')
      .where('holds.domain_id', '=', domainId)
      .where('holds.spelling_key', 'in', keys.slice(start, start + KEYS_AT_ONCE))
      .where((eb) => eb.or([eb('holds.repository_id', 'is', null), eb('holds.repository_id', '=', repositoryId)]))
      .where((eb) => eb.or([eb('holds.ends_at', 'is', null), eb('holds.ends_at', '>', now)]))
      .orderBy('holds.created_at')
      .execute()
    for (const row of rows) byKey.set(row.spelling_key, [...(byKey.get(row.spelling_key) ?? []), toHold(row)])
  }
  return (name) => holdOf(keyPrefixes(pathKey(packagePath(name))).flatMap((key) => byKey.get(key) ?? []))
}

/** Of several the one that keeps from more. */
function holdOf(holds: readonly Hold[]): HoldOf | undefined {
  if (holds.length === 0) return undefined
  const matchers = holds
    .toSorted((left, right) => Number(right.against === 'removal') - Number(left.against === 'removal'))
    .map((hold) => ({ hold, matches: versionMatcher(hold.version) }))
  return (version) => matchers.find(({ matches }) => matches(version))?.hold
}
