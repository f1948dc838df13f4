import { RegistryError } from './errors.ts'
import type { RegistryFormat } from './format.ts'
import { type HeldPackage, type HeldVersion, readHeldPackages, readHeldVersions, readTags } from './held-versions.ts'
import type { PackageName } from './names.ts'
import { openRestrictions } from './origin.ts'
import { controlsOf, describeRefusal, type NameControls, type Refusal } from './origin-control.ts'
import type { RegistryParts } from './parts.ts'
import { searchOrder, type SearchStep } from './search-order.ts'
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
  /** Where the walk was stopped, though there would have been something to ask. */
  readonly blocks: readonly Block[]
  /** Every repository that was looked into, the nearest first. */
  readonly repositories: readonly RepositoryNode[]
  /** When to walk again at the latest, as an external index grows old. Unit: ms since 1970. */
  readonly freshUntil: number
}

/** An origin control, of package or group, or the ownership of the name, that ended the walk at a repository. */
export interface Block {
  readonly node: RepositoryNode
  readonly towards: 'upstream' | 'external'
  readonly refusal: Refusal
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
  readonly source: UpstreamSource
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
 * Walks the search order for one name, as far as origin controls let it. `since`: an external index must have been
 * checked after this (ms since 1970).
 */
export async function walk(
  parts: RegistryParts,
  indexes: UpstreamIndexes,
  place: Place,
  name: PackageName,
  since = 0,
): Promise<Path> {
  const { topology, format } = place
  const packages = await readHeldPackages(parts.metadata.db, topology.domain.id, name)
  const heldBy = new Map(packages.map((held) => [held.repositoryId, held]))
  const { steps, blocks } = findSteps(parts, place, name, heldBy)
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
      const content = answer.content ?? (format.upstream.offer && emptyPackage)
      return content && { kind: 'external', depth, node: at, source, content, answer }
    } catch (error) {
      if (!(error instanceof RegistryError) || error.kind !== 'unavailable') throw error
      freshUntil = Math.min(freshUntil, parts.clock() + OUTAGE_RETRY_MS)
      return { kind: 'outage', depth, node: at, source, failure: error }
    }
  })
  const settled = await Promise.all(stops)
  const repositories = steps.flatMap((step) => (step.look === 'held' ? [step.node] : []))
  return { place, name, stops: settled.filter((stop) => stop !== undefined), blocks, repositories, freshUntil }
}

/**
 * The package's own control is asked at every repository on the way, the group's where a version would be kept: for
 * upstreams at the repository asked, for a connection at the repository that has it. A name that is the domain's own is
 * not looked for outside, unless somebody allowed that on the way. Source: User Guide, "Package origin controls"; for
 * the last, docs/decisions/0007-owned-names.md.
 */
function findSteps(
  parts: RegistryParts,
  place: Place,
  name: PackageName,
  heldBy: ReadonlyMap<string, HeldPackage>,
): { steps: SearchStep<RepositoryNode>[]; blocks: Block[] } {
  const { topology, node, format } = place
  const controls = controlsOf(topology, name)
  const blocks: Block[] = []
  const isThere = (at: RepositoryNode, towards: Block['towards']) =>
    towards === 'upstream' ? at.upstreamIds.length > 0 : sourceOf(parts, at, format) !== undefined
  const goesOn = (at: RepositoryNode, towards: Block['towards']) => {
    if (format.upstreams === 'ignored' || !isThere(at, towards)) return false
    const isKeptHere = towards === 'external' || at.id === node.id
    const refusal =
      controls.packageRefusal(heldBy.get(at.id)?.restrictions ?? openRestrictions, towards) ??
      (isKeptHere ? controls.groupRefusal(at, towards) : undefined)
    if (refusal) blocks.push({ node: at, towards, refusal })
    return !refusal
  }
  const steps = searchOrder(node, (id) => topology.byId.get(id), goesOn, parts.limits.searchedUpstreamsMax)
  const owner = findOwner(controls, steps, heldBy)
  if (!owner) return { steps, blocks }
  const outside = steps.filter((step) => step.look === 'external')
  const refusal: Refusal = { by: 'owner', repository: owner.repository.name }
  return {
    steps: steps.filter((step) => step.look === 'held'),
    blocks: [...blocks, ...outside.map((step) => ({ node: step.node, towards: 'external', refusal }) as const)],
  }
}

/** The repository that makes the name the domain's own; undefined when none does, or somebody allowed to mix. */
function findOwner(
  controls: NameControls,
  steps: readonly SearchStep<RepositoryNode>[],
  heldBy: ReadonlyMap<string, HeldPackage>,
): RepositoryNode | undefined {
  const records = steps.flatMap(({ node, look }) => {
    const held = look === 'held' ? heldBy.get(node.id) : undefined
    return held ? [{ node, held }] : []
  })
  const isMixed = records.some(({ held }) => held.isDecided && held.restrictions.upstream === 'ALLOW')
  if (isMixed) return undefined
  const owners = records.filter(({ held }) => controls.isOwned(held))
  // Whoever published it says more to people than whoever kept a copy.
  return (owners.find(({ held }) => held.restrictions.upstream === 'BLOCK') ?? owners[0])?.node
}

/** Why more is not seen here, in one line for people; undefined when nothing stopped the walk. */
export function explainBlocks(blocks: readonly Block[], format: RegistryFormat): string | undefined {
  const sentences = blocks.map(({ node, towards, refusal }) => {
    const { name } = node.repository
    const what = towards === 'upstream' ? 'upstream repositories' : (node.connections.get(format.id) ?? 'connection')
    return `${what} of '${name}' not asked: ${describeRefusal(refusal, name)}`
  })
  return sentences.length === 0 ? undefined : sentences.join('; ')
}

/** What is known of a package without an index, where that does not mean that there is none. */
const emptyPackage: UpstreamPackage = { versions: new Map(), tags: new Map(), document: undefined }

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
