import type { GraphNode } from './load-graph.ts'

/** Lengths in pixels. */
export interface PlacedNode extends GraphNode {
  readonly x: number
  readonly y: number
}

export interface PlacedEdge {
  readonly key: string
  /** In which order its upstreams are asked, from 1; undefined where there is only one. */
  readonly order: number | undefined
  readonly from: PlacedNode
  readonly to: PlacedNode
}

export interface Layout {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
  readonly width: number
  readonly height: number
}

/** Width and height of a node, and the gaps between two. Unit: pixels. Ours. */
export const nodeSize = { width: 200, height: 40, gapX: 90, gapY: 18, margin: 12 } as const

/** In columns: whom nobody has upstream at the left, everyone else right of all who ask it. */
export function layoutGraph(nodes: readonly GraphNode[]): Layout {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const columns = sortColumns(toColumns(nodes, depthsOf(nodes, byId)))
  const placed = new Map(columns.flatMap((column, x) => column.map((node, y) => [node.id, place(node, x, y)])))
  const edges = [...placed.values()].flatMap((from) =>
    from.upstreams.flatMap((id, index) => {
      const to = placed.get(id)
      const order = from.upstreams.length > 1 ? index + 1 : undefined
      return to ? [{ key: `${from.id} ${id}`, order, from, to }] : []
    }),
  )
  const rows = Math.max(0, ...columns.map(({ length }) => length))
  const { width, height, gapX, gapY, margin } = nodeSize
  return {
    nodes: [...placed.values()],
    edges,
    width: columns.length * (width + gapX) - gapX + 2 * margin,
    height: rows * (height + gapY) - gapY + 2 * margin,
  }
}

/** The longest way from a node that nobody has upstream. A circle, which the server refuses, is cut where it closes. */
function depthsOf(nodes: readonly GraphNode[], byId: ReadonlyMap<string, GraphNode>): Map<string, number> {
  const depths = new Map<string, number>()
  const descend = (node: GraphNode, depth: number, above: ReadonlySet<string>) => {
    if (above.has(node.id) || (depths.get(node.id) ?? -1) >= depth) return
    depths.set(node.id, depth)
    const here = new Set([...above, node.id])
    for (const id of node.upstreams) {
      const upstream = byId.get(id)
      if (upstream) descend(upstream, depth + 1, here)
    }
  }
  const asked = new Set(nodes.flatMap(({ upstreams }) => upstreams))
  for (const node of nodes) if (!asked.has(node.id)) descend(node, 0, new Set())
  for (const node of nodes) if (!depths.has(node.id)) descend(node, 0, new Set())
  return depths
}

/** External connections all stand at the right end: beyond them is the world. */
function toColumns(nodes: readonly GraphNode[], depths: ReadonlyMap<string, number>): GraphNode[][] {
  const last = Math.max(0, ...depths.values())
  const columns: GraphNode[][] = Array.from({ length: last + 1 }, () => [])
  for (const node of nodes) columns[node.kind === 'connection' ? last : (depths.get(node.id) ?? 0)]?.push(node)
  return columns.filter(({ length }) => length > 0)
}

/** Each node beside those that ask it, so that few edges cross. */
function sortColumns(columns: readonly GraphNode[][]): GraphNode[][] {
  const rows = new Map<string, number>()
  return columns.map((column, index) => {
    const before = index === 0 ? [] : columns.slice(0, index).flat()
    const weight = (node: GraphNode) => {
      const askers = before.flatMap((other) => {
        const order = other.upstreams.indexOf(node.id)
        return order < 0 ? [] : [(rows.get(other.id) ?? 0) + order / 100]
      })
      return askers.length === 0 ? Number.MAX_SAFE_INTEGER : askers.reduce((sum, row) => sum + row, 0) / askers.length
    }
    const weights = new Map(column.map((node) => [node.id, weight(node)]))
    const sorted = column.toSorted((left, right) => (weights.get(left.id) ?? 0) - (weights.get(right.id) ?? 0))
    for (const [row, node] of sorted.entries()) rows.set(node.id, row)
    return sorted
  })
}

function place(node: GraphNode, column: number, row: number): PlacedNode {
  const { width, height, gapX, gapY, margin } = nodeSize
  return { ...node, x: margin + column * (width + gapX), y: margin + row * (height + gapY) }
}
