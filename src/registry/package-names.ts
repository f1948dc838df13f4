import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { Place } from './resolve.ts'
import { searchOrder } from './search-order.ts'

/** Names in one answer. Unit: names. Ours. */
const NAMES_PAGE = 1000

/**
 * The next names, in order, of packages with a Published version in this repository or in a repository behind it. What
 * external connections have is not listed. Each repository is read by its index, from where the last answer ended.
 */
export async function listNames(
  parts: RegistryParts,
  { topology, node, format }: Place,
  after: PackageName | undefined,
): Promise<PackageName[]> {
  const find = (id: string) => topology.byId.get(id)
  const steps = searchOrder(node, find, () => true, parts.limits.searchedUpstreamsMax)
  const holders = steps.filter((step) => step.look === 'held')
  const pages = await Promise.all(holders.map((step) => readPage(parts, step.node.id, format.id, after)))
  const names = new Map(pages.flat().map((row) => [`${row.namespace}/${row.name}`, row]))
  const sorted = [...names.values()].sort(compareNames)
  return sorted.slice(0, NAMES_PAGE).map(({ namespace, name }) => ({ format: format.id, namespace, name }))
}

type NameRow = Pick<PackageName, 'namespace' | 'name'>

function readPage(
  { metadata }: RegistryParts,
  repositoryId: string,
  format: PackageName['format'],
  after: PackageName | undefined,
): Promise<NameRow[]> {
  const query = metadata.db
    .selectFrom('packages as package')
    .select(['package.namespace', 'package.name'])
    .where('package.repository_id', '=', repositoryId)
    .where('package.format', '=', format)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('repository_versions as held')
          .select('held.id')
          .whereRef('held.package_id', '=', 'package.id')
          .where('held.status', '=', 'Published'),
      ),
    )
    .orderBy('package.namespace')
    .orderBy('package.name')
    .limit(NAMES_PAGE)
  if (!after) return query.execute()
  const { namespace, name } = after
  return query
    .where((eb) => eb(eb.refTuple('package.namespace', 'package.name'), '>', eb.tuple(namespace, name)))
    .execute()
}

/** Byte-wise, as both databases sort. */
function compareNames(left: NameRow, right: NameRow): number {
  const byNamespace = Buffer.compare(Buffer.from(left.namespace), Buffer.from(right.namespace))
  return byNamespace || Buffer.compare(Buffer.from(left.name), Buffer.from(right.name))
}
