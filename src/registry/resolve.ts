import { RegistryError } from './errors.ts'
import type { RegistryFormat } from './format.ts'
import { type HeldPackage, type HeldVersion, readHeldPackages, readHeldVersions, readTags } from './held-versions.ts'
import type { PackageName } from './names.ts'
import { openRestrictions } from './origin.ts'
import type { RegistryParts } from './parts.ts'
import { searchOrder } from './search-order.ts'
import type { RepositoryNode, Topology } from './topology.ts'
import type { UpstreamPackage, UpstreamSource, UpstreamVersion } from './upstream.ts'
import type { ExternalPackage, UpstreamIndexes } from './upstream-index.ts'

/** What resolution needs to know of the repository asked. */
export interface Place {
  readonly topology: Topology
  readonly node: RepositoryNode
  readonly format: RegistryFormat
}

/** One name along the search order: everybody who may be asked, the nearest first, and what each answers. */
export interface Path {
  readonly place: Place
  readonly name: PackageName
  readonly stops: readonly Stop[]
  /** When to walk again at the latest, as an external index grows old. Unit: ms since 1970. */
  readonly freshUntil: number
}

export type Stop = HeldStop | ExternalStop | OutageStop

/** A repository of the domain that has a record of the package. */
export interface HeldStop {
  readonly kind: 'held'
  readonly depth: number
  readonly node: RepositoryNode
  readonly held: HeldPackage
}

/** An external connection that knows the package, and the repository by which it is reached. */
export interface ExternalStop {
  readonly kind: 'external'
  readonly depth: number
  readonly node: RepositoryNode
  readonly source: UpstreamSource
  readonly content: UpstreamPackage
  readonly answer: ExternalPackage
}

/** An external connection that could not be asked. */
export interface OutageStop {
  readonly kind: 'outage'
  readonly depth: number
  readonly node: RepositoryNode
  readonly failure: RegistryError
}

/** The nearest holder of a version decides everything about it. */
export type Found =
  | { readonly kind: 'held'; readonly stop: HeldStop; readonly version: HeldVersion }
  | { readonly kind: 'external'; readonly stop: ExternalStop; readonly version: UpstreamVersion }
  | { readonly kind: 'missing' }

/** How soon a path that misses an upstream's answer is walked again. Unit: ms. Ours. */
const OUTAGE_RETRY_MS = 5_000

/**
 * Walks the search order for one name. A package whose origin control blocks upstreams ends the walk behind its
 * repository. `since`: an external index must have been checked after this (ms since 1970).
 */
export async function walk(
  parts: RegistryParts,
  indexes: UpstreamIndexes,
  place: Place,
  name: PackageName,
  since = 0,
): Promise<Path> {
  const { topology, node, format } = place
  const packages = await readHeldPackages(parts.metadata.db, topology.domain.id, name)
  const heldBy = new Map(packages.map((held) => [held.repositoryId, held]))
  const goesOn = (at: RepositoryNode) =>
    format.upstreams !== 'ignored' && (heldBy.get(at.id)?.restrictions ?? openRestrictions).upstream === 'ALLOW'
  const steps = searchOrder(node, (id) => topology.byId.get(id), goesOn, parts.limits.searchedUpstreamsMax)
  const asked = new Set<string>()
  let freshUntil = Number.POSITIVE_INFINITY
  const stops = steps.map(async ({ node: at, look, depth }): Promise<Stop | undefined> => {
    if (look === 'held') {
      const held = heldBy.get(at.id)
      return held && { kind: 'held', depth, node: at, held }
    }
    const source = sourceOf(parts, at, format)
    // Two repositories may have the same connection: the first one answers for both.
    if (!source || !format.upstream || asked.has(source.name)) return undefined
    asked.add(source.name)
    try {
      const answer = await indexes.read(source, format.upstream, name, since)
      freshUntil = Math.min(freshUntil, answer.freshUntil)
      return answer.content && { kind: 'external', depth, node: at, source, content: answer.content, answer }
    } catch (error) {
      if (!(error instanceof RegistryError) || error.kind !== 'unavailable') throw error
      freshUntil = Math.min(freshUntil, parts.clock() + OUTAGE_RETRY_MS)
      return { kind: 'outage', depth, node: at, failure: error }
    }
  })
  const settled = await Promise.all(stops)
  return { place, name, stops: settled.filter((stop) => stop !== undefined), freshUntil }
}

/** The external connection of this format that a repository has, if it has one that points anywhere. */
export function sourceOf(parts: RegistryParts, at: RepositoryNode, format: RegistryFormat): UpstreamSource | undefined {
  const connection = at.connections.get(format.id)
  return connection === undefined ? undefined : parts.connections.get(connection)?.source
}

/** The first upstream on the path that could not be asked: what is missing may be there. */
export function outageOf(path: Path): RegistryError | undefined {
  return path.stops.find((stop) => stop.kind === 'outage')?.failure
}

/** Of every package on the path, by the package's id: all versions held, or one of them. */
export async function readPathVersions(
  parts: RegistryParts,
  path: Path,
  version?: string,
): Promise<Map<string, HeldVersion[]>> {
  const versions = await readHeldVersions(parts.metadata.db, heldIds(path), version)
  return Map.groupBy(versions, (held) => held.packageId)
}

/** Of every package on the path, by the package's id. */
export async function readPathTags(parts: RegistryParts, path: Path): Promise<Map<string, Map<string, string>>> {
  return readTags(parts.metadata.db, heldIds(path))
}

function heldIds(path: Path): string[] {
  return path.stops.flatMap((stop) => (stop.kind === 'held' ? [stop.held.id] : []))
}

export async function findVersion(parts: RegistryParts, path: Path, version: string): Promise<Found> {
  const held = await readPathVersions(parts, path, version)
  for (const stop of path.stops) {
    if (stop.kind === 'held') {
      const found = held.get(stop.held.id)?.[0]
      if (found) return { kind: 'held', stop, version: found }
    } else if (stop.kind === 'external') {
      const found = stop.content.versions.get(version)
      if (found) return { kind: 'external', stop, version: found }
    }
  }
  return { kind: 'missing' }
}
