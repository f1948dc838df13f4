import { pathKey } from '../../registry/group-keys.ts'
import { packagePath, parseGroupPattern } from '../../registry/group-pattern.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositoryNode, Topology } from '../../registry/topology.ts'
import type { RetentionRule } from './run-model.ts'

/** The repositories that a rule is about, by name. */
export function repositoriesOf(topology: Topology, { repositoryId }: RetentionRule): RepositoryNode[] {
  const nodes = [...topology.byId.values()].filter(({ id }) => repositoryId === undefined || id === repositoryId)
  return nodes.toSorted((left, right) => (left.repository.name < right.repository.name ? -1 : 1))
}

/** Whether a rule is about a package. */
export function packageFilter({ group, parameters }: RetentionRule): (name: PackageName) => boolean {
  const within = [...(group === undefined ? [] : [[group]]), ...(parameters.only ? [parameters.only] : [])]
  const needed = within.map((patterns) => patterns.map(keyOf))
  const except = parameters.except?.map(keyOf) ?? []
  return (name) => {
    const key = pathKey(packagePath(name))
    const begins = (prefix: string) => key.startsWith(prefix)
    return needed.every((prefixes) => prefixes.some(begins)) && !except.some(begins)
  }
}

function keyOf(pattern: string): string {
  return parseGroupPattern(pattern).spellingKey
}

/** A repository and all whose clients may be given what it holds: those that have it upstream, directly or not. */
export function leadingTo({ byId }: Topology, repositoryId: string): string[] {
  const found = new Set([repositoryId])
  // A set goes on with what is added to it.
  for (const id of found) {
    for (const node of byId.values()) if (node.upstreamIds.includes(id)) found.add(node.id)
  }
  return [...found]
}
