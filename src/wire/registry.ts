import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthorizer } from '../access/authorize.ts'
import { createIdentity, type Identity } from '../access/identity.ts'
import { createSessionStore, type Sessions } from '../access/sessions.ts'
import { type Keyring, openKeyring } from '../access/keyring.ts'
import type { Config } from '../config.ts'
import { createConnections, publicConnections } from '../formats/connections.ts'
import { formats } from '../formats/index.ts'
import { createGates } from '../governance/gates.ts'
import type { JobKind } from '../jobs/job.ts'
import { createKnownAdvisories } from '../governance/advisories/known-advisories.ts'
import { jobKinds, type KindParts } from '../jobs/kinds.ts'
import { newRegistryCounts } from '../registry/counts.ts'
import { fillGroupKeys } from '../registry/fill-group-keys.ts'
import type { RegistryLimits, RegistryParts } from '../registry/parts.ts'
import { type UpstreamState, watchConnections } from '../registry/upstream-health.ts'
import type { UpstreamWatch } from '../http/upstream/watch.ts'
import type { BlobId, BlobStore } from '../storage/blobs/blob-store.ts'
import type { CacheCounts } from '../storage/cache-counts.ts'
import type { Locks } from '../storage/locks/locks.ts'
import { advisoryKind, type FeedObserver } from './advisory-feeds.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { retentionJobs } from './retention-jobs.ts'
import { openBlobs, type OpenedBlobs } from './blobs.ts'
import { orderedIds } from '../journal/ordered-ids.ts'

/** Everything below HTTP: identity, and the registry with what it stands on. */
export interface OpenedRegistry {
  readonly registry: RegistryParts
  readonly identity: Identity
  readonly sessions: Sessions
  readonly keyring: Keyring
  /** What is stored, without the cache before it. */
  readonly stored: BlobStore
  /** Of that cache. */
  readonly blobCounts: CacheCounts
  /** Background work that every server does. */
  readonly kinds: readonly JobKind[]
  /** How the external connections fare, as this process has seen them. */
  readonly upstreamHealth: () => readonly UpstreamState[]
  /** By which blobs are encrypted. */
  readonly keys: Pick<OpenedBlobs, 'keys' | 'wrappingKeys' | 'encryptPlain'>
  close(): Promise<void>
}

/** Who is told of what goes on below; nobody by default. */
export interface RegistryObservers {
  /** Of each blob that was found damaged. */
  readonly onDamaged?: (blob: BlobId, error: Error) => void
  readonly upstreams?: UpstreamWatch
  /** Of each time that a feed of advisories was asked. */
  readonly onFeed?: FeedObserver
}

/** Makes what is missing in the data folder, and brings the database's tables up to date. */
export async function openRegistry(
  config: Config,
  locks: Locks,
  { onDamaged = () => {}, onFeed = () => {}, upstreams }: RegistryObservers = {},
): Promise<OpenedRegistry> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const keyring = await openKeyring(join(config.dataDir, 'keys'), randomBytes)
  const metadata = await openMetadata(config)
  await fillGroupKeys(metadata)
  const arns = { partition: 'aws', region: config.region }
  const identity = createIdentity({ metadata, keyring, arns, clock: Date.now, randomBytes })
  const sessions = createSessionStore({ metadata, keyring, identity, arns, clock: Date.now, randomBytes })
  const { blobs, stored, blobCounts, ...keys } = await openBlobs(config, { metadata, keyring, onDamaged })
  const watched = watchConnections(openConnections(config, upstreams), Date.now)
  const randomId = orderedIds(Date.now, randomUUID)
  const registry: RegistryParts = {
    metadata,
    blobs,
    locks,
    authorizer: createAuthorizer({ metadata, arns, organizationId: config.organizationId, clock: Date.now }),
    formats: new Map(formats.map((format) => [format.id, format])),
    connections: watched.connections,
    gates: createGates({ metadata, arns, clock: Date.now, randomId }),
    advisories: createKnownAdvisories(metadata),
    arns,
    clock: Date.now,
    randomId,
    limits: limitsOf(config),
    finishQuietMs: config.finishQuietSeconds === 0 ? undefined : config.finishQuietSeconds * 1000,
    counts: newRegistryCounts(),
    caches: {
      indexBytesMax: config.indexCacheBytes,
      upstreamBytesMax: config.upstreamCacheBytes,
      missingTtlMs: config.missingTtlSeconds * 1000,
    },
  }
  const kinds = [
    ...jobKinds(kindParts(config, { registry, stored })),
    ...retentionJobs(registry, Math.random),
    advisoryKind(config, registry, onFeed),
  ]
  const upstreamHealth = watched.states
  const close = () => metadata.close()
  return { registry, identity, sessions, keyring, keys, stored, blobCounts, kinds, upstreamHealth, close }
}

export function kindParts(
  config: Config,
  { registry, stored }: Pick<OpenedRegistry, 'registry' | 'stored'>,
): KindParts {
  return { registry, stored, sweepGraceMs: config.gcGraceSeconds * 1000, random: Math.random }
}

/** A process that serves alone on a data folder shares it with commands only, which take longer than that to end. Unit: ms. Ours. */
const TRUST_ALONE_MS = 2

/** Each kind is loaded only where it is used. */
export async function openMetadata({ databaseUrl, dataDir, processes }: Config): Promise<Metadata> {
  if (databaseUrl !== undefined) {
    const { openPostgres } = await import('../storage/metadata/postgres/open.ts')
    return openPostgres({ url: databaseUrl })
  }
  const { openSqlite } = await import('../storage/metadata/sqlite/open.ts')
  const trust = { forMs: processes === 1 ? TRUST_ALONE_MS : 0, clock: () => performance.now() }
  return openSqlite({ file: join(dataDir, 'packyard.db'), trust })
}

function openConnections(config: Config, watch: UpstreamWatch | undefined): RegistryParts['connections'] {
  const names = new Set([...publicConnections.keys(), ...config.externalConnections.keys()])
  const settings = [...names].map((name) => {
    return [name, { ttlSeconds: config.indexTtlSeconds, ...config.externalConnections.get(name) }] as const
  })
  const proxy = { http: config.httpProxy, https: config.httpsProxy, none: config.noProxy }
  const tools = { proxy, userAgent: 'packyard', clock: Date.now, random: Math.random, watch }
  return createConnections(new Map(settings), tools)
}

function limitsOf(config: Config): RegistryLimits {
  return {
    assetBytesMax: config.assetBytesMax,
    assetsPerVersionMax: config.assetsPerVersionMax,
    domainsPerAccountMax: config.domainsPerAccountMax,
    repositoriesPerDomainMax: config.repositoriesPerDomainMax,
    packageGroupsPerDomainMax: config.packageGroupsPerDomainMax,
    directUpstreamsMax: config.directUpstreamsMax,
    searchedUpstreamsMax: config.searchedUpstreamsMax,
    tagsPerResourceMax: config.tagsPerResourceMax,
  }
}
