import { sql } from 'kysely'
import { partOf } from './name-parts.ts'
import type { PackageName } from './names.ts'
import { prefixEnd } from './pages.ts'
import type { RegistryParts } from './parts.ts'
import type { Place } from './resolve.ts'
import type { SearchHit, SearchQuery, SearchResult } from './session.ts'

/** Packages that the repository holds itself and that have a Published version, by name. */
export async function search(parts: RegistryParts, place: Place, query: SearchQuery): Promise<SearchResult> {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean)
  const few = await findFew(parts, place, words)
  if (few?.length === 0) return { total: 0, packages: [] }
  const matching = matchingPackages(parts, place, words, few)
  const { total } = await matching.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await matching
    .select(['package.id', 'package.namespace', 'package.name'])
    .orderBy('package.namespace')
    .orderBy('package.name')
    .limit(query.size)
    .offset(query.from)
    .execute()
  const hits = rows.map((row) => newest(parts, place, row))
  return { total, packages: (await Promise.all(hits)).filter((hit) => hit !== undefined) }
}

/** As many names are taken from the index of names; what more have is found as soon by looking at all. Ours. */
const FEW_NAMES = 500

type Named = Pick<PackageName, 'namespace' | 'name'>

/** The domain's names that have the longest of the words, where they are few; undefined where they are not. */
async function findFew(
  { metadata: { db } }: RegistryParts,
  { topology, format }: Place,
  words: readonly string[],
): Promise<readonly Named[] | undefined> {
  const [longest] = words.toSorted((left, right) => right.length - left.length)
  if (longest === undefined) return undefined
  const begin = partOf(longest)
  const rows = await db
    .selectFrom('package_name_parts')
    .select(['namespace', 'name'])
    .where('domain_id', '=', topology.domain.id)
    .where('is_inner', 'in', [0, 1])
    .where('part', '>=', begin)
    .where('part', '<', prefixEnd(begin))
    .where('format', '=', format.id)
    .limit(FEW_NAMES + 1)
    .execute()
  return rows.length > FEW_NAMES ? undefined : rows
}

function matchingPackages(
  parts: RegistryParts,
  place: Place,
  words: readonly string[],
  few: readonly Named[] | undefined,
) {
  let matching = parts.metadata.db
    .selectFrom('packages as package')
    .where('package.repository_id', '=', place.node.id)
    .where('package.format', '=', place.format.id)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('repository_versions as held')
          .select('held.id')
          .whereRef('held.package_id', '=', 'package.id')
          .where('held.status', '=', 'Published'),
      ),
    )
  if (few) {
    matching = matching.where((eb) =>
      eb(
        eb.refTuple('package.namespace', 'package.name'),
        'in',
        few.map(({ namespace, name }) => eb.tuple(namespace, name)),
      ),
    )
  }
  for (const word of words) {
    const pattern = `%${word.replace(/[\\%_]/g, (special) => `\\${special}`)}%`
    matching = matching.where(sql<boolean>`lower(package.namespace || '/' || package.name) like ${pattern} escape '\\'`)
  }
  return matching
}

async function newest(
  parts: RegistryParts,
  place: Place,
  row: { readonly id: string; readonly namespace: string; readonly name: string },
): Promise<SearchHit | undefined> {
  const found = await parts.metadata.db
    .selectFrom('repository_versions as held')
    .innerJoin('version_contents as content', 'content.id', 'held.content_id')
    .select(['held.version', 'held.published_at', 'content.document'])
    .where('held.package_id', '=', row.id)
    .where('held.status', '=', 'Published')
    .orderBy('held.published_at', 'desc')
    .orderBy('held.version', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!found) return undefined
  const name: PackageName = { format: place.format.id, namespace: row.namespace, name: row.name }
  const { version, published_at: publishedAt } = found
  return { name, version, publishedAt, document: JSON.parse(found.document) as unknown }
}
