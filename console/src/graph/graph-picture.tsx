import type { InDomain } from '../api/codeartifact.ts'
import { repositoryPath } from '../routing/paths.ts'
import { layoutGraph, nodeSize, type PlacedEdge, type PlacedNode } from './layout.ts'
import type { GraphNode } from './load-graph.ts'
import './graph-picture.css'

/** Longest name that fits. Unit: characters. */
const NAME_CHARACTERS_MAX = 24

interface GraphPictureProps {
  readonly place: InDomain
  readonly nodes: readonly GraphNode[]
  /** The name of the repository that stands out. */
  readonly current?: string
}

export function GraphPicture({ place, nodes, current }: GraphPictureProps) {
  const layout = layoutGraph(nodes)
  return (
    <div className="graph">
      <svg
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="group"
        aria-label="Upstream graph; the list says the same in words"
      >
        {layout.edges.map((edge) => (
          <Edge key={edge.key} edge={edge} />
        ))}
        {layout.nodes.map((node) => (
          <Node key={node.id} place={place} node={node} isCurrent={node.name === current} />
        ))}
      </svg>
    </div>
  )
}

function Edge({ edge: { from, to, order } }: { readonly edge: PlacedEdge }) {
  const [x1, y1] = [from.x + nodeSize.width, from.y + nodeSize.height / 2]
  const [x2, y2] = [to.x, to.y + nodeSize.height / 2]
  const bend = Math.max(30, (x2 - x1) / 2)
  return (
    <g aria-hidden="true">
      <path className="graph-edge" d={`M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`} />
      {order === undefined ? null : (
        <text className="graph-order" x={x2 - 14} y={y2 - 5}>
          {order}
        </text>
      )}
    </g>
  )
}

interface NodeProps {
  readonly place: InDomain
  readonly node: PlacedNode
  readonly isCurrent: boolean
}

function Node({ place, node, isCurrent }: NodeProps) {
  const { kind, name, x, y } = node
  const box = (
    <>
      <title>{name}</title>
      <rect className={`graph-${kind}`} x={x} y={y} width={nodeSize.width} height={nodeSize.height} rx={8} />
      <text className="graph-name" x={x + 12} y={y + nodeSize.height / 2 + 5}>
        {name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX - 1)}…` : name}
      </text>
    </>
  )
  if (kind === 'connection') return <g>{box}</g>
  return (
    <a
      className={isCurrent ? 'graph-current' : undefined}
      href={repositoryPath({ ...place, repository: name })}
      aria-label={`Repository ${name}`}
    >
      {box}
    </a>
  )
}
