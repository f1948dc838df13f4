import { LRUCache } from 'lru-cache'
import { domainsScope, topologyScope } from '../storage/metadata/scopes.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { readGroups } from './group-rows.ts'
import type { PackageGroups } from './group-settings.ts'
import type { Domain, ExternalConnection, Repository } from './model.ts'
import type { AccountId, DomainName, FormatId, RepositoryName } from './names.ts'
import type { GraphNode } from './search-order.ts'

/** A domain's repositories, how they hang together, and its package groups: read whole and kept until something in it changes. */
export interface Topology {
  readonly domain: Domain
  readonly epoch: number
  readonly byName: ReadonlyMap<string, RepositoryNode>
  readonly byId: ReadonlyMap<string, RepositoryNode>
  readonly groups: PackageGroups
}

export interface RepositoryNode extends GraphNode {
  readonly repository: Repository
  /** The external connection's name, by format. */
  readonly connections: ReadonlyMap<FormatId, string>
}

/** Domains whose topology is kept in memory. Unit: domains. Ours. */
const TOPOLOGIES_MAX = 200

export interface Topologies {
  /** Undefined when there is no such domain. Answers at once, without a promise, when it is known. */
  find(owner: AccountId, name: DomainName): Topology | undefined | Promise<Topology | undefined>
}

export function createTopologies(metadata: Metadata): Topologies {
  const known = new LRUCache<string, { topology: Topology; slot: number; domainsEpoch: number }>({
    max: TOPOLOGIES_MAX,
  })
  const { epochs } = metadata
  const domainsSlot = epochs.slotOf(domainsScope)
  const load = async (owner: AccountId, name: DomainName, key: string) => {
    const domainsEpoch = epochs.at(domainsSlot)
    const topology = await readTopology(metadata, owner, name)
    if (topology) known.set(key, { topology, slot: epochs.slotOf(topologyScope(topology.domain.id)), domainsEpoch })
    return topology
  }
  return {
    find(owner, name) {
      const key = `${owner}/${name}`
      const entry = known.get(key)
      if (entry?.domainsEpoch === epochs.at(domainsSlot) && entry.topology.epoch === epochs.at(entry.slot)) {
        return entry.topology
      }
      return load(owner, name, key)
    },
  }
}

/** The epoch is read before the rows: a change in between makes the topology old at once, never wrongly fresh. */
async function readTopology(metadata: Metadata, owner: AccountId, name: DomainName): Promise<Topology | undefined> {
  const row = await metadata.db
    .selectFrom('domains')
    .selectAll()
    .where('owner', '=', owner)
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row) return undefined
  const domain: Domain = {
    id: row.id,
    owner,
    name,
    encryptionKey: row.encryption_key,
    isKeyUsable: row.is_key_usable === 1,
    repositoryCount: row.repository_count,
    assetSizeBytes: row.asset_size_bytes,
    createdAt: row.created_at,
  }
  const epoch = metadata.epochs.of(topologyScope(domain.id))
  const nodes = await readNodes(metadata, domain)
  return {
    domain,
    epoch,
    byName: new Map(nodes.map((node) => [node.repository.name, node])),
    byId: new Map(nodes.map((node) => [node.id, node])),
    groups: await readGroups(metadata.db, domain.id),
  }
}

async function readNodes(metadata: Metadata, domain: Domain): Promise<RepositoryNode[]> {
  const { db } = metadata
  const repositories = await db.selectFrom('repositories').selectAll().where('domain_id', '=', domain.id).execute()
  const upstreams = await db
    .selectFrom('repository_upstreams as link')
    .innerJoin('repositories', 'repositories.id', 'link.repository_id')
    .select(['link.repository_id', 'link.upstream_id'])
    .where('repositories.domain_id', '=', domain.id)
    .orderBy('link.repository_id')
    .orderBy('link.position')
    .execute()
  const connections = await db
    .selectFrom('repository_connections as link')
    .innerJoin('repositories', 'repositories.id', 'link.repository_id')
    .select(['link.repository_id', 'link.format', 'link.connection'])
    .where('repositories.domain_id', '=', domain.id)
    .orderBy('link.connection')
    .execute()
  const nameOf = new Map(repositories.map((row) => [row.id, row.name as RepositoryName]))
  const upstreamsOf = Map.groupBy(upstreams, (row) => row.repository_id)
  const connectionsOf = Map.groupBy(connections, (row) => row.repository_id)
  return repositories.map((row) => {
    const upstreamIds = (upstreamsOf.get(row.id) ?? []).map((link) => link.upstream_id)
    const external: ExternalConnection[] = (connectionsOf.get(row.id) ?? []).map((link) => ({
      name: link.connection,
      format: link.format as FormatId,
    }))
    return {
      id: row.id,
      upstreamIds,
      connections: new Map(external.map((connection) => [connection.format, connection.name])),
      repository: {
        id: row.id,
        domain,
        name: row.name as RepositoryName,
        administratorAccount: row.administrator_account as AccountId,
        description: row.description,
        upstreams: upstreamIds.map((id) => nameOf.get(id)).filter((name) => name !== undefined),
        connections: external,
        createdAt: row.created_at,
      },
    }
  })
}
