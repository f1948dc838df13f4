import type { VersionAddress } from './addresses.ts'
import { invalid } from './errors.ts'
import type { Dependency } from './model.ts'
import type { Page, PageKey } from './pages.ts'
import type { RegistryParts } from './parts.ts'
import { describeVersion, type DescribedVersion } from './versions.ts'

export interface DependencyList extends Page<Dependency> {
  readonly held: DescribedVersion
}

/** The operation has no page size of its own. Unit: dependencies. Unverified: the service's number is not documented. */
const PAGE_SIZE = 1000

/** The direct dependencies that the version's own metadata names, in their order there. Throws `missing`. */
export async function listDependencies(
  parts: RegistryParts,
  address: VersionAddress,
  after: PageKey | undefined,
): Promise<DependencyList> {
  const held = await describeVersion(parts, address)
  const [revision = held.revision, from = 0] = after ?? []
  if (revision !== held.revision) {
    throw invalid('nextToken', String(revision), 'is of a revision that is not the current one; start again')
  }
  const end = Number(from) + PAGE_SIZE
  const { dependencies } = held.facts
  const next = end < dependencies.length ? [held.revision, end] : undefined
  return { items: dependencies.slice(Number(from), end), next, held }
}
