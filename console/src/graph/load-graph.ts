import type { Client } from '../api/client.ts'
import type { InDomain } from '../api/codeartifact.ts'

/** A repository, or an external connection that one has. */
export interface GraphNode {
  readonly id: string
  readonly kind: 'repository' | 'connection'
  readonly name: string
  /** Ids of the nodes that are asked after this one, in their order. */
  readonly upstreams: readonly string[]
}

export interface Graph {
  readonly nodes: readonly GraphNode[]
  /** Whether there are more repositories than are drawn. */
  readonly isCut: boolean
}

/** How many repositories are drawn at most: more would not be a picture. Unit: repositories. Ours. */
const REPOSITORIES_MAX = 150

/** How many are asked for at once. Unit: requests. Ours. */
const AT_ONCE = 6

/** All repositories of a domain, or one with everything upstream of it. */
export async function loadGraph(
  client: Client,
  place: InDomain,
  root: string | undefined,
  signal: AbortSignal,
): Promise<Graph> {
  const names = root === undefined ? await listNames(client, place, signal) : [root]
  const found = new Map<string, GraphNode>()
  let wanted = names.slice(0, REPOSITORIES_MAX)
  while (wanted.length > 0 && found.size < REPOSITORIES_MAX) {
    const some = wanted.slice(0, AT_ONCE)
    const nodes = await Promise.all(some.map((name) => loadRepository(client, place, name, signal)))
    for (const node of nodes.flat()) found.set(node.id, node)
    const upstreams = nodes.flat().flatMap((node) => node.upstreams)
    const isNew = (name: string) => !found.has(repositoryId(name))
    const further = upstreams.filter((id) => id.startsWith('repository ')).map((id) => id.slice('repository '.length))
    wanted = [...new Set([...wanted.slice(AT_ONCE), ...further])].filter(isNew)
  }
  return { nodes: [...found.values()], isCut: names.length > REPOSITORIES_MAX || wanted.length > 0 }
}

async function listNames(client: Client, place: InDomain, signal: AbortSignal): Promise<string[]> {
  const { repositories } = await client.codeartifact('ListRepositoriesInDomain', { ...place, maxResults: 1000 }, signal)
  return repositories.map(({ name }) => name)
}

/** With its external connections. One that the caller may not describe stands alone. */
async function loadRepository(
  client: Client,
  place: InDomain,
  name: string,
  signal: AbortSignal,
): Promise<readonly GraphNode[]> {
  const input = { ...place, repository: name }
  const found = await client.codeartifact('DescribeRepository', input, signal).catch(() => undefined)
  const connections = (found?.repository.externalConnections ?? []).map(({ externalConnectionName }) => ({
    id: `connection ${externalConnectionName}`,
    kind: 'connection' as const,
    name: externalConnectionName,
    upstreams: [],
  }))
  const upstreams = (found?.repository.upstreams ?? []).map(({ repositoryName }) => repositoryId(repositoryName))
  return [
    { id: repositoryId(name), kind: 'repository', name, upstreams: [...upstreams, ...connections.map(({ id }) => id)] },
    ...connections,
  ]
}

function repositoryId(name: string): string {
  return `repository ${name}`
}
