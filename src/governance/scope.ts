import type { Place } from '../registry/resolve.ts'
import type { RepositoryNode, Topology } from '../registry/topology.ts'
import type { RuleScope } from './rule.ts'

/** `domain acme`, `repository team`, `package group /npm/*`. */
export function showScope(topology: Topology, scope: RuleScope): string {
  switch (scope.type) {
    case 'domain':
      return `domain ${topology.domain.name}`
    case 'group':
      return `package group ${scope.pattern.text}`
    case 'repository':
      return `repository ${topology.byId.get(scope.repositoryId)?.repository.name ?? '(deleted)'}`
  }
}

/**
 * Whether a version that `holder` has passes a repository on its way to the one asked. Where there are several ways it
 * counts as on all of them: the strictest wins.
 */
export function isOnTheWay({ topology, node }: Place, repositoryId: string, holder: RepositoryNode): boolean {
  if (node.id === repositoryId) return true
  if (node.id === holder.id) return false
  return reaches(topology, node.id, repositoryId) && reaches(topology, repositoryId, holder.id)
}

/** Whether a repository is another one, or has it behind it. */
function reaches({ byId }: Topology, from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true
    if (seen.has(id)) continue
    seen.add(id)
    open.push(...(byId.get(id)?.upstreamIds ?? []))
  }
  return false
}
