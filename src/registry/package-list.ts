import type { RepositoryAddress } from './addresses.ts'
import { refused } from './errors.ts'
import { type Database, type PackageRow, requireReadable } from './lookup.ts'
import type { Package, Restriction } from './model.ts'
import type { FormatId } from './names.ts'
import { toPackage } from './packages.ts'
import { type Page, type PageKey, type PageRequest, prefixEnd, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'

export interface PackageFilter {
  readonly format?: FormatId | undefined
  /** A prefix, despite its name; needs `format`. Source: CodeArtifact User Guide, "List package names". */
  readonly namespace?: string | undefined
  readonly packagePrefix?: string | undefined
  readonly publish?: Restriction | undefined
  readonly upstream?: Restriction | undefined
}

/** As many names with one prefix are looked at one by one before a listing by namespace is better. Ours. */
const FEW_NAMES = 1000

type Column = 'format' | 'namespace' | 'name'

/** What a repository holds itself; also packages without versions. Throws `missing`. */
export async function listPackages(
  parts: RegistryParts,
  address: RepositoryAddress,
  filter: PackageFilter,
  page: PageRequest,
): Promise<Page<Package>> {
  if (filter.namespace !== undefined && !filter.format) {
    throw refused('namespace can only be given together with format')
  }
  const { db } = parts.metadata
  const { repository } = await requireReadable(db, address)
  const order = orderOf(filter)
  const rows =
    (await readFewNames(db, repository.id, filter, page)) ?? (await read(db, repository.id, filter, page, order))
  return toPage(rows, page.size, { keyOf: (row) => order.map((column) => row[column]), itemOf: toPackage })
}

/**
 * Always an order in which an index has the packages that are asked for together, so that nothing is read that is not
 * shown: by format, namespace and name, or by name first where that is what is asked for.
 */
function orderOf({ format, namespace, packagePrefix }: PackageFilter): readonly [Column, Column, Column] {
  if (packagePrefix === undefined || namespace !== undefined) return ['format', 'namespace', 'name']
  return format === undefined ? ['name', 'format', 'namespace'] : ['format', 'name', 'namespace']
}

async function read(
  db: Database,
  repositoryId: string,
  filter: PackageFilter,
  page: PageRequest,
  order: readonly [Column, Column, Column],
): Promise<PackageRow[]> {
  const [first, ...others] = restrictionsOf(filter).map((restrictions) => {
    return selectPackages(db, repositoryId, { ...filter, ...restrictions }, page, order)
  })
  if (!first) return []
  const [second] = others
  if (!second) return first.execute()
  // Each half is read in order from an index, and no further than the page goes.
  const both = db
    .selectFrom(first.as('left'))
    .selectAll()
    .unionAll(db.selectFrom(second.as('right')).selectAll())
  const merged = db.selectFrom(both.as('packages')).selectAll()
  return merged
    .orderBy(order[0])
    .orderBy(order[1])
    .orderBy(order[2])
    .limit(page.size + 1)
    .execute()
}

type Restrictions = Pick<PackageFilter, 'publish' | 'upstream'>

/** With one restriction given, both values of the other: an index knows pairs. None: whatever they are. */
function restrictionsOf({ publish, upstream }: PackageFilter): readonly Restrictions[] {
  if ((publish === undefined) === (upstream === undefined)) return [{ publish, upstream }]
  return (['ALLOW', 'BLOCK'] as const).map((other) => ({ publish: publish ?? other, upstream: upstream ?? other }))
}

function selectPackages(
  db: Database,
  repositoryId: string,
  { format, namespace, packagePrefix, publish, upstream }: PackageFilter,
  { after, size }: PageRequest,
  order: readonly [Column, Column, Column],
) {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .$if(format !== undefined, (query) => query.where('format', '=', format!))
    .$if(namespace !== undefined, (query) =>
      query.where('namespace', '>=', namespace!).where('namespace', '<', prefixEnd(namespace!)),
    )
    .$if(packagePrefix !== undefined, (query) =>
      query.where('name', '>=', packagePrefix!).where('name', '<', prefixEnd(packagePrefix!)),
    )
    .$if(publish !== undefined, (query) => query.where('publish_restriction', '=', publish!))
    .$if(upstream !== undefined, (query) => query.where('upstream_restriction', '=', upstream!))
    .$if(after !== undefined, (query) => {
      const [first = '', second = '', third = ''] = after!.map(String)
      return query.where((eb) => eb(eb.refTuple(...order), '>', eb.tuple(first, second, third)))
    })
    .orderBy(order[0])
    .orderBy(order[1])
    .orderBy(order[2])
    .limit(size + 1)
}

/**
 * Namespaces and names with a prefix each: where few names have theirs, these are all looked at, as many namespaces may
 * have theirs. Undefined where it is the other way round.
 */
async function readFewNames(
  db: Database,
  repositoryId: string,
  { format, namespace, packagePrefix, publish, upstream }: PackageFilter,
  { after, size }: PageRequest,
): Promise<PackageRow[] | undefined> {
  if (namespace === undefined || packagePrefix === undefined) return undefined
  const byName = { format, packagePrefix }
  const rows = await selectPackages(db, repositoryId, byName, { size: FEW_NAMES }, orderOf(byName)).execute()
  if (rows.length > FEW_NAMES) return undefined
  const fits = (row: PackageRow) =>
    row.namespace.startsWith(namespace) &&
    (publish === undefined || row.publish_restriction === publish) &&
    (upstream === undefined || row.upstream_restriction === upstream) &&
    (after === undefined || compareKeys(keyOf(row), after) > 0)
  return rows
    .filter(fits)
    .sort((left, right) => compareKeys(keyOf(left), keyOf(right)))
    .slice(0, size + 1)
}

function keyOf({ format, namespace, name }: PackageRow): PageKey {
  return [format, namespace, name]
}

/** By bytes, as the databases do. */
function compareKeys(left: PageKey, right: PageKey): number {
  for (const [index, text] of left.entries()) {
    const order = Buffer.compare(Buffer.from(String(text)), Buffer.from(String(right[index])))
    if (order !== 0) return order
  }
  return 0
}
