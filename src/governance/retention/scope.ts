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
export function packageFilter({ groups }: Topology, rule: RetentionRule): (name: PackageName) => boolean {
  const { group, parameters } = rule
  const only = parameters.only?.map(keyOf)
  const except = parameters.except?.map(keyOf) ?? []
  return (name) => {
    const path = packagePath(name)
    const key = pathKey(path)
    if (only && !only.some((prefix) => key.startsWith(prefix))) return false
    if (except.some((prefix) => key.startsWith(prefix))) return false
    if (group === undefined) return true
    const association = groups.associate(path).group
    return [association, ...groups.above(association)].some(({ pattern }) => pattern.text === group)
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
