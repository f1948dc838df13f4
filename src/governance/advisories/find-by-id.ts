import type { Kysely } from 'kysely'
import type { Advisory } from '../../registry/advisories.ts'
import type { FormatId, PackageName } from '../../registry/names.ts'
import type { Schema } from '../../storage/metadata/schema.ts'

export interface NamedAdvisory {
  readonly feed: string
  readonly package: PackageName
  readonly advisory: Advisory
}

/** Packages of one advisory that are shown. Ours. */
const SHOWN_MAX = 1000

/** By its own id or by any that others gave it: once for each package and feed. */
export async function findAdvisoryById(db: Kysely<Schema>, id: string): Promise<readonly NamedAdvisory[]> {
  const rows = await db
    .selectFrom('advisory_names as n')
    .innerJoin('advisory_feeds as f', (join) => {
      return join.onRef('f.id', '=', 'n.feed_id').onRef('f.generation', '=', 'n.generation')
    })
    .innerJoin('advisories as a', (join) =>
      join
        .onRef('a.feed_id', '=', 'n.feed_id')
        .onRef('a.generation', '=', 'n.generation')
        .onRef('a.format', '=', 'n.format')
        .onRef('a.namespace', '=', 'n.namespace')
        .onRef('a.name', '=', 'n.name')
        .onRef('a.advisory_id', '=', 'n.advisory_id'),
    )
    .select(['a.feed_id', 'a.format', 'a.namespace', 'a.name', 'a.body'])
    .where('n.alias', '=', id)
    .orderBy('n.feed_id')
    .orderBy('a.format')
    .orderBy('a.namespace')
    .orderBy('a.name')
    .limit(SHOWN_MAX)
    .execute()
  return rows.map(({ feed_id: feed, format, namespace, name, body }) => {
    return { feed, package: { format: format as FormatId, namespace, name }, advisory: JSON.parse(body) as Advisory }
  })
}
