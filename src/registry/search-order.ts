/** A repository as resolution walks over it. */
export interface GraphNode {
  readonly id: string
  /** Ids of direct upstreams, in order of priority. */
  readonly upstreamIds: readonly string[]
}

/** One place to look: what a repository holds, or what its external connection offers. */
export interface SearchStep<Node extends GraphNode> {
  readonly node: Node
  readonly look: 'held' | 'external'
  /** 0 for the start; one more for whatever stands behind a repository, its connection included. */
  readonly depth: number
}

/**
 * Depth first: a repository's own, then each upstream with everything behind it before the next sibling, then its own
 * external connection. A repository that is reached twice is visited at its first place only; the limit does not count
 * the start. `goesOn` says whether resolution may look beyond a node: to its upstreams, and by its connection.
 * Source: CodeArtifact User Guide, "Upstream repository priority order".
 */
export function searchOrder<Node extends GraphNode>(
  start: Node,
  find: (id: string) => Node | undefined,
  goesOn: (node: Node, towards: 'upstream' | 'external') => boolean,
  upstreamsMax: number,
): SearchStep<Node>[] {
  const steps: SearchStep<Node>[] = []
  const seen = new Set<string>()
  // As deep as the limit at most, as every level counts a repository.
  const visit = (node: Node, depth: number) => {
    if (seen.has(node.id) || seen.size > upstreamsMax) return
    seen.add(node.id)
    steps.push({ node, look: 'held', depth })
    const upstreams = goesOn(node, 'upstream') ? node.upstreamIds.map(find) : []
    for (const upstream of upstreams) if (upstream) visit(upstream, depth + 1)
    if (goesOn(node, 'external')) steps.push({ node, look: 'external', depth: depth + 1 })
  }
  visit(start, 0)
  return steps
}

/** The same places with everything that stands behind a repository before the repository itself. */
export function fromBehind<Step extends { readonly depth: number }>(steps: readonly Step[]): Step[] {
  const order: Step[] = []
  const open: Step[] = []
  for (const step of steps) {
    while ((open.at(-1)?.depth ?? -1) >= step.depth) order.push(open.pop()!)
    open.push(step)
  }
  return [...order, ...open.toReversed()]
}
