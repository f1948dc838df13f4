import type { DomainAddress, PackageGroupAddress } from './addresses.ts'
import { afterKey, type GroupPatternEnd, keysEnd, patternKey, prefixKey } from './group-keys.ts'
import { completeGroups, type GroupRow, readLineage } from './group-rows.ts'
import { parseGroupPattern } from './group-pattern.ts'
import type { PlacedGroup } from './group-settings.ts'
import { requireGroup } from './groups.ts'
import { type Database, requireDomain } from './lookup.ts'
import { type Page, type PageRequest, prefixEnd, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'

/** Groups read at a time, where others may stand between those that are shown. Ours. */
const BATCH_MAX = 500

/** Those whose pattern starts with `prefix`; each before all that it holds. Throws `missing`. */
export async function listGroups(
  parts: RegistryParts,
  address: DomainAddress,
  prefix: string,
  page: PageRequest,
): Promise<Page<PlacedGroup>> {
  const { db } = parts.metadata
  const domain = await requireDomain(db, address)
  const range = rangeOf(prefix)
  const last = lastKey(page)
  const from = last === undefined ? range.from : afterKey(last)
  const rows = await selectGroups(db, domain.id, { ...range, from, size: page.size + 1 })
    .where('pattern', '>=', prefix)
    .where('pattern', '<', prefixEnd(prefix))
    .execute()
  const { items, next } = toPage(rows, page.size, pageShape)
  return { items: await placeInOrder(db, domain.id, items), next }
}

/** The groups directly below one; in the order of `listGroups`. Throws `missing`. */
export async function listSubGroups(
  parts: RegistryParts,
  address: PackageGroupAddress,
  page: PageRequest,
): Promise<Page<PlacedGroup>> {
  const { db } = parts.metadata
  const { domain, group, above } = await requireGroup(db, address)
  const { spellingKey } = group.pattern
  const end = keysEnd(spellingKey)
  const children: GroupRow[] = []
  const shown = lastKey(page)
  let from = shown === undefined ? afterKey(spellingKey) : keysEnd(shown)
  for (let size = page.size + 1; children.length <= page.size; size = Math.max(size, BATCH_MAX)) {
    const rows = await selectGroups(db, domain.id, { from, end, size }).execute()
    for (const row of rows) if (!isBelow(children.at(-1), row)) children.push(row)
    const last = children.at(-1)
    if (!last || rows.length < size) break
    from = keysEnd(keyOf(last))
  }
  const { items, next } = toPage(children, page.size, pageShape)
  const groups = await completeGroups(db, items)
  return { items: groups.map((child) => ({ group: child, above: [group, ...above] })), next }
}

const pageShape = { keyOf: (row: GroupRow) => [row.pattern], itemOf: (row: GroupRow) => row }

/** Of the group that the page before ended with. */
function lastKey({ after }: PageRequest): string | undefined {
  return after && parseGroupPattern(String(after[0])).spellingKey
}

/** By their keys. */
interface GroupRange {
  /** The first that may be in it. */
  readonly from: string
  /** The first that is not. */
  readonly end: string
}

function selectGroups(db: Database, domainId: string, { from, end, size }: GroupRange & { readonly size: number }) {
  return db
    .selectFrom('package_groups')
    .selectAll()
    .where('domain_id', '=', domainId)
    .where('spelling_key', '>=', from)
    .where('spelling_key', '<', end)
    .orderBy('spelling_key')
    .limit(size)
}

/** Where the keys of patterns stand that start so; "~" may be the end of a pattern, and stand within one. */
function rangeOf(prefix: string): GroupRange {
  const [, body = '', end] = /^(.*)([*$~])$/su.exec(prefix) ?? []
  if (end === undefined) return { from: prefixKey(prefix), end: keysEnd(prefixKey(prefix)) }
  const from = patternKey(body, end as GroupPatternEnd)
  return { from, end: end === '~' ? keysEnd(prefixKey(prefix)) : afterKey(from) }
}

/** What a group holds follows it at once. */
function isBelow(child: GroupRow | undefined, row: GroupRow): boolean {
  return child !== undefined && keyOf(row).startsWith(keyOf(child))
}

function keyOf({ spelling_key: key }: GroupRow): string {
  return key ?? ''
}

/** Rows in their order: what is above one of them is above the first of them too, or it stands in between. */
async function placeInOrder(db: Database, domainId: string, rows: readonly GroupRow[]): Promise<PlacedGroup[]> {
  const [first] = rows
  if (!first) return []
  const lineage = await readLineage(db, domainId, parseGroupPattern(first.pattern))
  const open = lineage.filter(({ id }) => id !== first.id).reverse()
  const groups = await completeGroups(db, rows)
  return groups.map((group) => {
    while (open.length > 0 && !group.pattern.spellingKey.startsWith(open.at(-1)!.pattern.spellingKey)) open.pop()
    const above = open.toReversed()
    open.push(group)
    return { group, above }
  })
}
