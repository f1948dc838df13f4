import type { RepositoryAddress } from './addresses.ts'
import { RegistryError } from './errors.ts'
import { packagePath } from './group-pattern.ts'
import { domainMissing, repositoryMissing } from './missing.ts'
import type { OriginRestrictions } from './model.ts'
import type { FormatId, PackageName } from './names.ts'
import { describeRefusal } from './origin-control.ts'
import type { RegistryParts } from './parts.ts'
import { findVersion, type Path, type Place, readPathVersions, sourceOf, walk } from './resolve.ts'
import { explainRules } from './explain-rules.ts'
import { createTopologies, type RepositoryNode } from './topology.ts'
import { createUpstreamIndexes } from './upstream-index.ts'

/** Why a repository sees of a package what it sees, hop by hop. */
export interface PackageExplanation {
  readonly repository: string
  readonly package: PackageName
  /** The package group that speaks for the name. */
  readonly group: { readonly pattern: string; readonly associationType: 'STRONG' | 'WEAK' }
  /** In search order. */
  readonly hops: readonly Hop[]
  /** What rules say of each version, or of the one asked for: a line for each that is held, or only watched. */
  readonly governance: readonly string[]
  /** Only when a version was asked for. */
  readonly verdict: string | undefined
}

export interface Hop {
  readonly repository: string
  /** Undefined when the repository has no record of the package. */
  readonly restrictions: OriginRestrictions | undefined
  /** `1.0.0 Published INTERNAL team`; of all versions held, or of the one asked for. */
  readonly versions: readonly string[]
  /** What lies beyond: what an external connection said, and what was not asked and why. */
  readonly notes: readonly string[]
}

export interface PackageQuestion {
  readonly address: RepositoryAddress
  readonly format: FormatId
  /** As its own client writes it, `@acme/tools`, or taken apart. */
  readonly name: string | PackageName
  readonly version: string | undefined
}

/** For operators: nobody's permissions are asked. Throws `missing`, and `invalid` for a name that cannot be. */
export async function explainPackage(parts: RegistryParts, question: PackageQuestion): Promise<PackageExplanation> {
  const { address, version } = question
  const place = await findPlace(parts, question)
  const name = typeof question.name === 'string' ? place.format.names.parsePackage(question.name) : question.name
  const indexes = createUpstreamIndexes(parts)
  const path = await walk(parts, indexes, place, name)
  const held = await readPathVersions(parts, path, version)
  const { group, strength } = place.topology.groups.associate(packagePath(name))
  const hops = path.repositories.map((node): Hop => {
    const stop = path.stops.find((one) => one.kind === 'held' && one.node === node)
    const record = stop?.kind === 'held' ? stop.held : undefined
    const versions = (record && held.get(record.id)) ?? []
    return {
      repository: node.repository.name,
      restrictions: record?.restrictions,
      versions: versions.map((one) => `${one.version} ${one.status} ${one.origin.type} ${one.origin.entryPoint ?? ''}`),
      notes: [...notesOnOutside(parts, place, path, node, version), ...notesOnBlocks(parts, place, path, node)],
    }
  })
  const { holds, observed } = await explainRules(parts, path, version)
  return {
    repository: address.repository,
    package: name,
    group: { pattern: group.pattern.text, associationType: strength },
    hops,
    governance: [...holds, ...observed.map((line) => `in monitor mode: ${line}`)],
    verdict: version === undefined ? undefined : await judge(parts, path, version, holds[0]),
  }
}

async function findPlace(parts: RegistryParts, { address, format }: PackageQuestion): Promise<Place> {
  const served = parts.formats.get(format)
  if (!served) throw new RegistryError('missing', `format '${format}' is not served by this version of Packyard`)
  const topology = await createTopologies(parts.metadata).find(address.owner, address.domain)
  if (!topology) throw domainMissing(address)
  const node = topology.byName.get(address.repository)
  if (!node) throw repositoryMissing(address)
  return { topology, node, format: served }
}

function notesOnOutside(
  parts: RegistryParts,
  { format }: Place,
  path: Path,
  node: RepositoryNode,
  version: string | undefined,
): string[] {
  const connection = sourceOf(parts, node, format)?.name
  return path.stops.flatMap((stop) => {
    if (stop.node !== node || stop.kind === 'held') return []
    if (stop.kind === 'outage') return [`${connection} could not be asked: ${stop.failure.message}`]
    const { versions } = stop.content
    if (version === undefined) return [`${connection} has ${versions.size} versions`]
    return [`${connection} ${versions.has(version) ? 'has' : 'does not have'} ${version}`]
  })
}

function notesOnBlocks(parts: RegistryParts, { format }: Place, path: Path, node: RepositoryNode): string[] {
  return path.blocks
    .filter((block) => block.node === node)
    .map(({ towards, refusal }) => {
      const what =
        towards === 'upstream' ? 'upstream repositories' : (sourceOf(parts, node, format)?.name ?? 'connection')
      return `${what} not asked: ${describeRefusal(refusal, node.repository.name)}`
    })
}

async function judge(parts: RegistryParts, path: Path, version: string, hold: string | undefined): Promise<string> {
  const found = await findVersion(parts, path, version)
  if (hold !== undefined && found.kind !== 'missing') return `${version} is not given: ${hold}`
  switch (found.kind) {
    case 'missing':
      return `${version} is not visible: nobody who may be asked has it`
    case 'external':
      return `${version} is visible: ${found.stop.source.name} offers it, and a download keeps it`
    case 'held': {
      const { status } = found.version
      const where = `'${found.stop.node.repository.name}' decides, where it is ${status}`
      if (status === 'Published') return `${version} is visible: ${where}`
      return status === 'Unlisted'
        ? `${version} is in no index and can be downloaded: ${where}`
        : `${version} is not visible: ${where}`
    }
  }
}
