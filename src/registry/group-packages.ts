import { type RawBuilder, sql } from 'kysely'
import type { PackageGroupAddress } from './addresses.ts'
import { type AssociationStrength, type PatternHolder, pickClaimant } from './group-association.ts'
import { keyPrefixes, keysEnd, pathAppearanceKey } from './group-keys.ts'
import { type GroupPattern, packagePath, parseGroupPattern } from './group-pattern.ts'
import { readClaimants } from './group-rows.ts'
import { requireGroup } from './groups.ts'
import { type Database, requireDomain } from './lookup.ts'
import type { FormatId, PackageName } from './names.ts'
import type { Page, PageRequest } from './pages.ts'
import type { RegistryParts } from './parts.ts'

export interface AssociatedPackage {
  readonly name: PackageName
  readonly strength: AssociationStrength
}

/** Stretches between narrower groups that one statement looks into: few at first, as one often fills a page. Ours. */
const STRETCHES_MIN = 4
const STRETCHES_MAX = 1000
/** Ranges that one statement reads. Source: SQLite, SQLITE_MAX_COMPOUND_SELECT, which is 500. */
const SELECTS_MAX = 250
/**
 * Packages looked at for one page, where groups look alike and share what looks like them by its spelling: then a page
 * may have fewer than it could. Ours.
 */
const LOOKED_AT_MAX = 5000

/**
 * The packages of a domain, in whichever repositories, that a group speaks for. `preview`: that it would speak for if it
 * were there. In the order of what they look like: there all that a pattern can claim stands together, and so does, in
 * it, all that narrower groups claim, which is stepped over. Throws `missing` or `invalid`.
 */
export async function listAssociatedPackages(
  parts: RegistryParts,
  address: PackageGroupAddress,
  wanted: 'existing' | 'preview',
  page: PageRequest,
): Promise<Page<AssociatedPackage>> {
  const { db } = parts.metadata
  const sought = await (wanted === 'preview' ? previewGroup(parts, address) : existingGroup(parts, address))
  const claimants = await claimantsOf(db, sought)
  const found: (Position & { readonly strength: AssociationStrength })[] = []
  let after = toPosition(page.after) ?? { key: sought.pattern.appearanceKey, format: '', namespace: '', name: '' }
  let from = page.after ? await startIn(db, sought, after.key) : after.key
  for (let count = STRETCHES_MIN, lookedAt = 0; ; count = Math.min(count * 16, STRETCHES_MAX)) {
    const { stretches, next } = await findStretches(db, sought, { from, count })
    const size = page.size + 1 - found.length
    const rows = await readPackages(db, sought.domainId, { stretches, after, size })
    for (const row of rows) {
      const { group, strength } = pickClaimant(claimants, packagePath(nameOf(row)))
      if (group.pattern.text === sought.pattern.text) found.push({ ...row, strength })
    }
    lookedAt += rows.length
    if (found.length > page.size) return toPage(found.slice(0, page.size), found[page.size - 1])
    after = rows.at(-1) ?? after
    if (rows.length === size) {
      if (lookedAt >= LOOKED_AT_MAX) return toPage(found, after)
      from = after.key
    } else {
      if (next === undefined) return toPage(found, undefined)
      from = next
    }
  }
}

interface Sought {
  readonly domainId: string
  readonly pattern: GroupPattern
}

async function existingGroup(parts: RegistryParts, address: PackageGroupAddress): Promise<Sought> {
  const { domain, group } = await requireGroup(parts.metadata.db, address)
  return { domainId: domain.id, pattern: group.pattern }
}

async function previewGroup(parts: RegistryParts, address: PackageGroupAddress): Promise<Sought> {
  const pattern = parseGroupPattern(address.pattern)
  const { id: domainId } = await requireDomain(parts.metadata.db, address)
  return { domainId, pattern }
}

/** The group among those that look as it does, itself too where it is not there yet. */
async function claimantsOf(db: Database, { domainId, pattern }: Sought): Promise<readonly PatternHolder[]> {
  const claimants = await readClaimants(db, domainId, pattern)
  return claimants.some((holder) => holder.pattern.text === pattern.text) ? claimants : [...claimants, { pattern }]
}

/** A place in the order of the listing. */
interface Position {
  readonly key: string
  readonly format: string
  readonly namespace: string
  readonly name: string
}

function toPosition(key: PageRequest['after']): Position | undefined {
  if (!key) return undefined
  const [format = '', namespace = '', name = ''] = key.map(String)
  const path = packagePath({ format: format as FormatId, namespace, name })
  return { key: pathAppearanceKey(path), format, namespace, name }
}

function toPage(
  found: readonly (Position & { readonly strength: AssociationStrength })[],
  last: Position | undefined,
): Page<AssociatedPackage> {
  const items = found.map((row) => ({ name: nameOf(row), strength: row.strength }))
  return { items, next: last && [last.format, last.namespace, last.name] }
}

function nameOf({ format, namespace, name }: Position): PackageName {
  return { format: format as FormatId, namespace, name }
}

/** A part of a group's range in which no narrower group claims anything. Keys; the second is not in it. */
interface Stretch {
  readonly from: string
  readonly to: string
}

/** Where a listing goes on: behind a narrower group that was made since around the package where it stopped. */
async function startIn(db: Database, { domainId, pattern }: Sought, key: string): Promise<string> {
  const narrower = keyPrefixes(key).filter((prefix) => prefix.length > pattern.appearanceKey.length)
  if (narrower.length === 0) return key
  const around = await db
    .selectFrom('package_groups')
    .select('appearance_key')
    .where('domain_id', '=', domainId)
    .where('appearance_key', 'in', narrower)
    .orderBy('appearance_key')
    .limit(1)
    .executeTakeFirst()
  return around ? keysEnd(around.appearance_key ?? '') : key
}

/** The next stretches, and where those after them begin; undefined when there are none. */
async function findStretches(
  db: Database,
  { domainId, pattern: { appearanceKey } }: Sought,
  { from, count }: { readonly from: string; readonly count: number },
): Promise<{ stretches: Stretch[]; next: string | undefined }> {
  const end = keysEnd(appearanceKey)
  const rows = await db
    .selectFrom('package_groups')
    .select('appearance_key')
    .distinct()
    .where('domain_id', '=', domainId)
    .where('appearance_key', '>', from)
    .where('appearance_key', '<', end)
    .orderBy('appearance_key')
    .limit(count)
    .execute()
  const stretches: Stretch[] = []
  let start = from
  let around: string | undefined
  for (const { appearance_key: key } of rows) {
    if (key === null || (around !== undefined && key.startsWith(around))) continue
    stretches.push({ from: start, to: key })
    around = key
    start = keysEnd(key)
  }
  if (rows.length === count) return { stretches, next: start }
  return { stretches: [...stretches, { from: start, to: end }], next: undefined }
}

interface Reading {
  readonly domainId: string
  readonly after: Position
  readonly size: number
}

/**
 * The next packages in these stretches. The first one often fills a page; of the others first how many each has, as far
 * as it matters, and then those that fill it. Each by an index range of its own, which leaves the database no choice.
 */
async function readPackages(
  db: Database,
  domainId: string,
  { stretches, after, size }: Omit<Reading, 'domainId'> & { readonly stretches: readonly Stretch[] },
): Promise<Position[]> {
  const reading = { domainId, after, size }
  const [first, ...others] = stretches
  if (!first) return []
  const found = await readStretches(db, reading, [first])
  if (found.length === size || others.length === 0) return found
  const counts = await countPackages(db, reading, others)
  const filled: Stretch[] = []
  for (let total = found.length, index = 0; total < size && index < others.length; index++) {
    total += counts[index] ?? 0
    if (counts[index]) filled.push(others[index]!)
  }
  for (let start = 0; start < filled.length; start += SELECTS_MAX) {
    found.push(...(await readStretches(db, reading, filled.slice(start, start + SELECTS_MAX))))
  }
  return found.slice(0, size)
}

async function readStretches(db: Database, reading: Reading, stretches: readonly Stretch[]): Promise<Position[]> {
  const selects = stretches.map((stretch) => {
    const after = stretch.from === reading.after.key ? reading.after : undefined
    return sql`select * from (${selectPackages(reading, sql`${stretch.from}`, sql`${stretch.to}`, after)}) as stretch`
  })
  const { rows } = await sql<Position>`${sql.join(selects, sql` union all `)} order by 1, 2, 3, 4`.execute(db)
  return rows
}

/** Of stretches behind the place where the listing stands. */
async function countPackages(db: Database, reading: Reading, stretches: readonly Stretch[]): Promise<number[]> {
  const ranges = sql.join(stretches.map(({ from, to }, index) => sql`(${sql.lit(index)}, ${from}, ${to})`))
  const select = selectPackages(reading, sql.ref('given.low'), sql.ref('given.high'))
  const { rows } = await sql<{ number: number; count: number }>`
    with given (number, low, high) as (values ${ranges})
    select number, (select count(*) from (${select}) as stretch) as count from given`.execute(db)
  const counts = new Map(rows.map((row) => [row.number, Number(row.count)]))
  return stretches.map((_, index) => counts.get(index) ?? 0)
}

/**
 * A name counts once, in however many repositories it is. `after` is for the stretch that begins there: PostgreSQL would
 * start every other one there too.
 */
function selectPackages(
  { domainId, size }: Reading,
  from: RawBuilder<unknown>,
  to: RawBuilder<unknown>,
  after?: Position,
): RawBuilder<unknown> {
  const isBehind = after
    ? sql`and (package.appearance_key, package.format, package.namespace, package.name)
        > (${after.key}, ${after.format}, ${after.namespace}, ${after.name})`
    : sql``
  return sql`
    select distinct package.appearance_key as key, package.format, package.namespace, package.name
    from packages as package
    where package.domain_id = ${domainId}
      and package.appearance_key >= ${from} and package.appearance_key < ${to} ${isBehind}
    order by 1, 2, 3, 4
    limit ${size}`
}
