import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'
import { CodeartifactClient } from '@aws-sdk/client-codeartifact'
import { createAuthorizer } from '../../src/access/authorize.ts'
import { createIdentity, type Identity } from '../../src/access/identity.ts'
import { openKeyring } from '../../src/access/keyring.ts'
import { createSessionStore } from '../../src/access/sessions.ts'
import { createTokens, type Tokens } from '../../src/access/tokens.ts'
import { createPageTokens } from '../../src/aws/page-token.ts'
import { createGates } from '../../src/governance/gates.ts'
import { createKnownAdvisories } from '../../src/governance/advisories/known-advisories.ts'
import { formats } from '../../src/formats/index.ts'
import { serverLimits } from '../../src/http/limits.ts'
import { startServer } from '../../src/http/server.ts'
import { createUpstreamSource } from '../../src/http/upstream/upstream-source.ts'
import type { Asset, VersionFacts, VersionStatus } from '../../src/registry/model.ts'
import { type FormatId, parseAccountId, parseDomainName } from '../../src/registry/names.ts'
import { internalOrigin, publishedRestrictions } from '../../src/registry/origin.ts'
import { createSessions } from '../../src/registry/open-session.ts'
import { newRegistryCounts } from '../../src/registry/counts.ts'
import type { KnownConnection, RegistryLimits, RegistryParts } from '../../src/registry/parts.ts'
import { ensureContent, ensurePackage, insertReference } from '../../src/registry/record-version.ts'
import { revisionOf } from '../../src/registry/revision.ts'
import { createTopologies, type RepositoryNode } from '../../src/registry/topology.ts'
import { createCodeArtifactService } from '../../src/services/codeartifact/service.ts'
import { createKmsService } from '../../src/services/kms/service.ts'
import { createAwsPlane } from '../../src/services/plane.ts'
import { diskBlobStore } from '../../src/storage/blobs/disk.ts'
import { memoryLocks } from '../../src/storage/locks/memory.ts'
import type { Metadata } from '../../src/storage/metadata/metadata.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { openSqlite } from '../../src/storage/metadata/sqlite/open.ts'
import { type Json11Answer, sendJson11 } from './json11.ts'
import { withPostgres } from './setups.ts'

export const OWNER = '111122223333'
export const STRANGER = '444455556666'
const REGION = 'eu-west-1'

/** The control plane behind a real listener, and what stands under it. */
export interface ControlPlane {
  readonly url: string
  /** An administrator of account OWNER. */
  readonly client: CodeartifactClient
  /** An administrator of account STRANGER, who has been granted nothing. */
  readonly stranger: CodeartifactClient
  /** A call of the Key Management Service by the administrator of OWNER. */
  kms(operation: string, input?: object): Promise<Json11Answer>
  readonly registry: RegistryParts
  readonly tokens: Tokens
  readonly identity: Identity
  /** ms since 1970; stands still until the test moves it. */
  readonly time: { now: number }
}

export interface ControlPlaneOptions {
  readonly limits?: Partial<RegistryLimits>
  readonly domainSuffix?: string
}

/** One test on SQLite, one on PostgreSQL. */
export function testOnEachDatabase(
  title: string,
  body: (start: (options?: ControlPlaneOptions) => Promise<ControlPlane>, t: TestContext) => Promise<void>,
): void {
  test(`${title} (SQLite)`, async (t) => {
    const folder = await temporaryFolder(t)
    await body(
      (options) => startControlPlane(t, folder, () => openSqlite({ file: join(folder, 'packyard.db') }), options),
      t,
    )
  })
  test(`${title} (PostgreSQL)`, async (t) => {
    await withPostgres(t, async (url) => {
      const folder = await temporaryFolder(t)
      await body((options) => startControlPlane(t, folder, () => openPostgres({ url }), options), t)
    })
  })
}

export async function startControlPlane(
  t: TestContext,
  folder: string,
  open: () => Promise<Metadata>,
  { limits = {}, domainSuffix }: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const metadata = await open()
  t.after(() => metadata.close())
  const time = { now: Date.now() }
  const clock = () => time.now
  const keyring = await openKeyring(join(folder, 'keys'), randomBytes)
  const identity = createIdentity({ metadata, keyring, arns: { partition: 'aws' }, clock, randomBytes })
  const sessions = createSessionStore({ metadata, keyring, identity, arns: { partition: 'aws' }, clock, randomBytes })
  const tokens = createTokens({ metadata, identity, sessions, keyring, clock, randomId: randomUUID })
  const registry: RegistryParts = {
    metadata,
    blobs: await diskBlobStore({ directory: join(folder, 'blobs') }),
    locks: memoryLocks(),
    authorizer: createAuthorizer({ metadata, arns: { partition: 'aws', region: REGION }, clock }),
    formats: new Map(formats.map((format) => [format.id, format])),
    connections: knownConnections(clock),
    gates: createGates({ metadata, arns: { partition: 'aws', region: REGION }, clock, randomId: randomUUID }),
    advisories: createKnownAdvisories(metadata),
    arns: { partition: 'aws', region: REGION },
    clock,
    randomId: randomUUID,
    finishQuietMs: undefined,
    limits: { ...registryLimits, ...limits },
    caches: { indexBytesMax: 1e6, upstreamBytesMax: 1e6, missingTtlMs: 1000 },
    counts: newRegistryCounts(),
  }
  const pageTokens = createPageTokens(keyring.derive('page token'))
  const service = createCodeArtifactService({
    registry,
    tokens,
    sessions: createSessions(registry),
    pageTokens,
    domainSuffix,
  })
  const server = await startServer({
    planes: [
      createAwsPlane({
        services: [service, createKmsService({ registry, pageTokens, seals: keyring })],
        identity,
        sessions,
        clock: Date.now,
      }),
    ],
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    limits: { ...serverLimits, drainMs: 1000 },
    newId: randomUUID,
    clock: () => performance.now(),
    observer: () => {},
  })
  t.after(() => server.drain())
  const clients = await Promise.all([OWNER, STRANGER].map((account) => clientOf(t, identity, server.url, account)))
  const [client, stranger] = clients as [CodeartifactClient, CodeartifactClient]
  const kms = async (operation: string, input: object = {}) => {
    const signer = { url: server.url, region: REGION, credentials: await client.config.credentials() }
    return sendJson11(signer, 'kms', `TrentService.${operation}`, input)
  }
  return { url: server.url, client, stranger, kms, registry, tokens, identity, time }
}

const registryLimits: RegistryLimits = {
  assetBytesMax: 5 * 1024 ** 3,
  assetsPerVersionMax: 350,
  domainsPerAccountMax: 100,
  repositoriesPerDomainMax: 1000,
  packageGroupsPerDomainMax: 1000,
  directUpstreamsMax: 10,
  searchedUpstreamsMax: 25,
  tagsPerResourceMax: 50,
}

async function clientOf(
  t: TestContext,
  identity: Identity,
  endpoint: string,
  account: string,
): Promise<CodeartifactClient> {
  const key = await identity.createAccountWithAdministrator({ id: account, name: 'test', userName: 'admin' })
  const client = new CodeartifactClient({ endpoint, region: REGION, credentials: key!, maxAttempts: 1 })
  t.after(() => client.destroy())
  return client
}

/** Two of one format, so that it can be seen that a repository takes one. Nobody reads from them here. */
function knownConnections(clock: () => number): Map<string, KnownConnection> {
  const known: readonly [string, FormatId][] = [
    ['public:npmjs', 'npm'],
    ['public:pypi', 'pypi'],
    ['public:maven-central', 'maven'],
    ['public:maven-clojars', 'maven'],
  ]
  return new Map(
    known.map(([name, format]) => {
      const url = new URL('http://127.0.0.1:9/')
      const source = createUpstreamSource({ name, url, indexTtlMs: 1000, clock, random: Math.random })
      return [name, { format, source }]
    }),
  )
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

export interface FixtureVersion {
  readonly domain: string
  readonly repository: string
  readonly format: FormatId
  readonly namespace?: string
  readonly name: string
  readonly version: string
  readonly status?: VersionStatus
  readonly publishedAt?: number
  readonly assets?: Readonly<Record<string, string | Buffer>>
  readonly facts?: Partial<VersionFacts>
  readonly readme?: string
  /** `on demand`: as what came from outside. */
  readonly inspected?: 'inspected' | 'on demand'
  readonly tags?: readonly string[]
}

/**
 * A version put straight into the store, as publishing would leave it. Answers its revision. The same content in another
 * repository is a reference to the same rows.
 */
export async function storeVersion({ registry, time }: ControlPlane, given: FixtureVersion): Promise<string> {
  const { version, assets: texts = { 'package.tgz': `${given.name} ${given.version}` }, publishedAt = time.now } = given
  const name = { format: given.format, namespace: given.namespace ?? '', name: given.name }
  const node = await findNode(registry, given)
  const domainId = node.repository.domain.id
  const assets = await Promise.all(
    Object.entries(texts).map(([asset, text]) => storeAsset(registry, domainId, asset, text)),
  )
  const facts = { displayName: given.name, licenses: [], dependencies: [], ...given.facts }
  const revision = revisionOf(name, version, assets, facts)
  await registry.metadata.write(async (write) => {
    const { readme, inspected = 'inspected' } = given
    const content = { name, version, revision, document: facts, facts, readme, inspected, assets }
    const contentId = await ensureContent(write, registry, domainId, content)
    const record = await ensurePackage(write, registry, node, name, publishedRestrictions)
    const origin = internalOrigin(given.repository)
    const status = given.status ?? 'Published'
    const reference = { contentId, version, revision, status, origin, publishedAt, assetCount: assets.length }
    await insertReference(write, registry, node, record.id, name, reference)
    for (const tag of given.tags ?? []) {
      await write.tx.insertInto('package_tags').values({ package_id: record.id, tag, version }).execute()
    }
  })
  return revision
}

async function findNode({ metadata }: RegistryParts, { domain, repository }: FixtureVersion): Promise<RepositoryNode> {
  const topology = await createTopologies(metadata).find(parseAccountId(OWNER), parseDomainName(domain))
  return topology!.byName.get(repository)!
}

async function storeAsset(
  registry: RegistryParts,
  domainId: string,
  name: string,
  bytes: string | Buffer,
): Promise<Asset> {
  await using staging = await registry.blobs.stage(domainId)
  await pipeline([bytes], staging.writable)
  const sealed = await staging.sealed()
  await staging.commit()
  return { name, ...sealed }
}
