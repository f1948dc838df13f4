import { packageKey, type PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { Place } from './resolve.ts'

/** Names per query; well below what either database takes. Ours. */
const CHUNK = 200

/** Of these names, by `packageKey`: those under which something was published anywhere in the domain. */
export async function findInternalNames(
  parts: RegistryParts,
  { topology, format }: Pick<Place, 'topology' | 'format'>,
  names: readonly PackageName[],
): Promise<Set<string>> {
  const found = new Set<string>()
  for (let start = 0; start < names.length; start += CHUNK) {
    const chunk = names.slice(start, start + CHUNK)
    const rows = await parts.metadata.db
      .selectFrom('packages as package')
      .select(['package.namespace', 'package.name'])
      .where('package.domain_id', '=', topology.domain.id)
      .where('package.format', '=', format.id)
      .where((eb) =>
        eb(
          eb.refTuple('package.namespace', 'package.name'),
          'in',
          chunk.map(({ namespace, name }) => eb.tuple(namespace, name)),
        ),
      )
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('repository_versions as held')
            .select('held.id')
            .whereRef('held.package_id', '=', 'package.id')
            .where('held.origin_type', '=', 'INTERNAL'),
        ),
      )
      .execute()
    for (const { namespace, name } of rows) found.add(packageKey({ format: format.id, namespace, name }))
  }
  return found
}
