import type { InDomain } from '../api/codeartifact.ts'
import { repositoryPath } from '../routing/paths.ts'
import type { GraphNode } from './load-graph.ts'

interface GraphListProps {
  readonly place: InDomain
  readonly nodes: readonly GraphNode[]
}

/** The graph for those who read rather than look. */
export function GraphList({ place, nodes }: GraphListProps) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return (
    <ul>
      {nodes
        .filter(({ kind }) => kind === 'repository')
        .map((node) => (
          <li key={node.id}>
            <NodeName place={place} node={node} />
            {node.upstreams.length === 0 ? ' asks nobody' : ' asks'}
            <ol>
              {node.upstreams.map((id) => {
                const upstream = byId.get(id)
                return upstream ? (
                  <li key={id}>
                    <NodeName place={place} node={upstream} />
                  </li>
                ) : null
              })}
            </ol>
          </li>
        ))}
    </ul>
  )
}

function NodeName({ place, node }: { readonly place: InDomain; readonly node: GraphNode }) {
  if (node.kind === 'connection') return <span>{node.name} (external)</span>
  return <a href={repositoryPath({ ...place, repository: node.name })}>{node.name}</a>
}
