import type { Caller } from '../access/principal.ts'
import type { DomainAddress } from './addresses.ts'
import { copyInto, type VersionsCopy } from './copy-versions.ts'
import { readSource, readSourceWithUpstreams, type UpstreamReading } from './copy-sources.ts'
import { refused } from './errors.ts'
import { domainMissing, repositoryMissing } from './missing.ts'
import type { RepositoryName } from './names.ts'
import type { Topologies, Topology } from './topology.ts'
import type { VersionsOutcome } from './version-checks.ts'

export interface CopyRequest extends Omit<VersionsCopy, 'versions'> {
  readonly source: RepositoryName
  /** Exactly one of these is given; revisions name the versions too. */
  readonly versions: readonly string[] | undefined
  /** Where to look: in the source itself, or also in what stands behind it. */
  readonly lookIn: 'source' | 'source and upstreams'
}

/** Throws `missing` for a repository or a package that is not there, and `invalid`. */
export async function copyVersions(
  reading: UpstreamReading & { readonly topologies: Topologies },
  caller: Caller,
  request: CopyRequest,
): Promise<VersionsOutcome> {
  const { address, source, revisions, lookIn } = request
  const { parts } = reading
  const versions = chooseVersions(request)
  const topology = await reading.topologies.find(address.owner, address.domain)
  if (!topology) throw domainMissing(address)
  const from = { topology, node: nodeOf(topology, address, source) }
  const to = { topology, node: nodeOf(topology, address, address.repository) }
  const name = address.package
  const format = parts.formats.get(name.format)
  const isDeep = lookIn === 'source and upstreams' && format !== undefined
  const found = isDeep
    ? await readSourceWithUpstreams(reading, { ...from, format }, name, versions)
    : await readSource(parts, from, name, versions)
  return copyInto(parts, caller, to, found, { ...request, versions, revisions })
}

function chooseVersions({ versions, revisions }: CopyRequest): readonly string[] {
  if ((versions === undefined) === (revisions === undefined)) {
    throw refused('exactly one of versions and versionRevisions must be given')
  }
  return versions ?? [...(revisions?.keys() ?? [])]
}

function nodeOf(topology: Topology, address: DomainAddress, repository: RepositoryName) {
  const node = topology.byName.get(repository)
  if (!node) throw repositoryMissing({ ...address, repository })
  return node
}
