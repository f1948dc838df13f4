import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { viewHeld } from './make-view.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { Place } from './resolve.ts'
import { searchOrder } from './search-order.ts'
import type { PackageView, ViewVersion } from './view.ts'

/** Names per query; well below what either database takes. Ours. */
const CHUNK = 200

/** What repositories hold of a package, without asking anybody outside. */
export interface HeldView {
  readonly view: PackageView
  readonly updatedAt: number
}

/** The repository and those behind it, the nearest first. */
function holdersOf(parts: RegistryParts, { topology, node }: Place): string[] {
  const find = (id: string) => topology.byId.get(id)
  const steps = searchOrder(node, find, () => true, parts.limits.searchedUpstreamsMax)
  return steps.filter((step) => step.look === 'held').map((step) => step.node.id)
}

/** Packages that changed at `since` or later (ms since 1970), by their index; those that changed first at the beginning. */
export async function readChangedNames(parts: RegistryParts, place: Place, since: number): Promise<PackageName[]> {
  const pages = holdersOf(parts, place).map((repositoryId) => {
    return parts.metadata.db
      .selectFrom('packages')
      .select(['namespace', 'name', 'updated_at'])
      .where('repository_id', '=', repositoryId)
      .where('format', '=', place.format.id)
      .where('updated_at', '>=', since)
      .execute()
  })
  const rows = (await Promise.all(pages)).flat()
  const found = new Map<string, PackageName>()
  for (const { namespace, name } of rows.sort(byChange)) {
    found.set(`${namespace}/${name}`, { format: place.format.id, namespace, name })
  }
  return [...found.values()]
}

type ChangedRow = { readonly namespace: string; readonly name: string; readonly updated_at: number }

function byChange(left: ChangedRow, right: ChangedRow): number {
  const [one, other] = [`${left.namespace}/${left.name}`, `${right.namespace}/${right.name}`]
  return left.updated_at - right.updated_at || (one < other ? -1 : one > other ? 1 : 0)
}

/** Of each of these packages that somebody holds, what there is; the nearest holder of a version decides. */
export async function* readHeldViews(
  parts: RegistryParts,
  place: Place,
  names: readonly PackageName[],
): AsyncGenerator<HeldView> {
  const holders = holdersOf(parts, place)
  for (let start = 0; start < names.length; start += CHUNK) {
    yield* await readChunk(parts, place, holders, names.slice(start, start + CHUNK))
  }
}

async function readChunk(
  parts: RegistryParts,
  place: Place,
  holders: readonly string[],
  names: readonly PackageName[],
): Promise<HeldView[]> {
  const rows = await readRows(parts, place, holders, names)
  const ids = rows.map((row) => row.id)
  const versions = Map.groupBy(await readHeldVersions(parts.metadata.db, ids), (held) => held.packageId)
  const byName = Map.groupBy(rows, (row) => `${row.namespace}/${row.name}`)
  return names.flatMap((name) => {
    const held = byName.get(`${name.namespace}/${name.name}`)
    if (!held) return []
    const nearestFirst = held.sort((a, b) => holders.indexOf(a.repository_id) - holders.indexOf(b.repository_id))
    const updatedAt = Math.max(...held.map((row) => row.updated_at))
    return { updatedAt, view: viewOf(place, name, updatedAt, nearestFirst, versions) }
  })
}

/** By namespace: a list of pairs would be compared with every row of the table, a list of names is looked up. */
async function readRows(parts: RegistryParts, place: Place, holders: readonly string[], names: readonly PackageName[]) {
  const byNamespace = Map.groupBy(names, ({ namespace }) => namespace)
  const queries = Array.from(byNamespace, ([namespace, some]) =>
    parts.metadata.db
      .selectFrom('packages')
      .select(['id', 'repository_id', 'namespace', 'name', 'updated_at'])
      .where('domain_id', '=', place.topology.domain.id)
      .where('format', '=', place.format.id)
      .where('namespace', '=', namespace)
      .where(
        'name',
        'in',
        some.map(({ name }) => name),
      )
      .where('repository_id', 'in', holders)
      .execute(),
  )
  return (await Promise.all(queries)).flat()
}

function viewOf(
  place: Place,
  name: PackageName,
  changedAt: number,
  rows: readonly { readonly id: string; readonly repository_id: string }[],
  held: ReadonlyMap<string, HeldVersion[]>,
): PackageView {
  const versions = new Map<string, ViewVersion>()
  for (const row of rows) {
    const holder = row.repository_id === place.node.id ? 'own' : 'upstream'
    for (const version of viewHeld(held.get(row.id) ?? [], holder)) {
      if (!versions.has(version.version)) versions.set(version.version, version)
    }
  }
  const { compareVersions } = place.format.names
  return {
    name,
    versions: [...versions.values()].sort((left, right) => compareVersions(left.version, right.version)),
    tags: new Map(),
    changedAt,
    restrictions: undefined,
    upstreamDocument: undefined,
    upstreamDocuments: [],
    notes: new Map(),
    isStale: false,
  }
}
