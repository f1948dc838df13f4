import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'
import { CodeartifactClient } from '@aws-sdk/client-codeartifact'
import { createAuthorizer } from '../../src/access/authorize.ts'
import { createIdentity, type Identity } from '../../src/access/identity.ts'
import { openKeyring } from '../../src/access/keyring.ts'
import { createTokens, type Tokens } from '../../src/access/tokens.ts'
import { createPageTokens } from '../../src/aws/page-token.ts'
import { serverLimits } from '../../src/http/limits.ts'
import { startServer } from '../../src/http/server.ts'
import { createUpstreamSource } from '../../src/http/upstream/upstream-source.ts'
import type { FormatId } from '../../src/registry/names.ts'
import type { KnownConnection, RegistryLimits, RegistryParts } from '../../src/registry/parts.ts'
import { createCodeArtifactService } from '../../src/services/codeartifact/service.ts'
import { createAwsPlane } from '../../src/services/plane.ts'
import { diskBlobStore } from '../../src/storage/blobs/disk.ts'
import { memoryLocks } from '../../src/storage/locks/memory.ts'
import type { Metadata } from '../../src/storage/metadata/metadata.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { openSqlite } from '../../src/storage/metadata/sqlite/open.ts'
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
    await body((options) => startOn(t, folder, () => openSqlite({ file: join(folder, 'packyard.db') }), options), t)
  })
  test(`${title} (PostgreSQL)`, async (t) => {
    await withPostgres(t, async (url) => {
      const folder = await temporaryFolder(t)
      await body((options) => startOn(t, folder, () => openPostgres({ url }), options), t)
    })
  })
}

async function startOn(
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
  const tokens = createTokens({ identity, keyring, clock, randomId: randomUUID })
  const registry: RegistryParts = {
    metadata,
    blobs: await diskBlobStore({ directory: join(folder, 'blobs') }),
    locks: memoryLocks(),
    authorizer: createAuthorizer(),
    formats: new Map(),
    connections: knownConnections(clock),
    gates: [],
    arns: { partition: 'aws', region: REGION },
    clock,
    randomId: randomUUID,
    limits: { ...registryLimits, ...limits },
    caches: { indexBytesMax: 1e6, upstreamBytesMax: 1e6, missingTtlMs: 1000 },
  }
  const service = createCodeArtifactService({
    registry,
    tokens,
    pageTokens: createPageTokens(keyring.derive('page token')),
    domainSuffix,
  })
  const server = await startServer({
    planes: [createAwsPlane({ services: [service], identity, clock: Date.now })],
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
  return { url: server.url, client: clients[0]!, stranger: clients[1]!, registry, tokens, identity, time }
}

const registryLimits: RegistryLimits = {
  assetBytesMax: 5 * 1024 ** 3,
  assetsPerVersionMax: 350,
  domainsPerAccountMax: 100,
  repositoriesPerDomainMax: 1000,
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
  readonly status?: string
  readonly publishedAt?: number
  readonly assets?: Readonly<Record<string, string>>
  readonly facts?: object
  readonly readme?: string
  readonly tags?: readonly string[]
}

/**
 * A version put straight into the store, as publishing would leave it. Answers its revision. The same content in another
 * repository is a reference to the same rows.
 */
export async function storeVersion({ registry, time }: ControlPlane, given: FixtureVersion): Promise<string> {
  const { namespace = '', name, format, version, assets = { 'package.tgz': `${given.name} ${version}` } } = given
  const { db } = registry.metadata
  const repository = await db
    .selectFrom('repositories')
    .innerJoin('domains', 'domains.id', 'repositories.domain_id')
    .select(['repositories.id', 'repositories.domain_id'])
    .where('domains.name', '=', given.domain)
    .where('repositories.name', '=', given.repository)
    .executeTakeFirstOrThrow()
  const domain_id = repository.domain_id
  const stored = await Promise.all(
    Object.entries(assets).map(async ([asset, text]) => ({ asset, ...(await storeBlob(registry, domain_id, text)) })),
  )
  const identity = { format, namespace, name, version }
  const revision = digest('sha256', 'base64', JSON.stringify([identity, assets, given.facts]))
  await registry.metadata.write(async ({ tx }) => {
    const coordinates = { format, namespace, name }
    const packageRow = await tx
      .insertInto('packages')
      .values({
        ...coordinates,
        id: randomUUID(),
        domain_id,
        repository_id: repository.id,
        publish_restriction: 'ALLOW',
        upstream_restriction: 'BLOCK',
        event_sequence: 0,
        created_at: time.now,
        updated_at: time.now,
      })
      .onConflict((conflict) =>
        conflict.columns(['repository_id', 'format', 'namespace', 'name']).doUpdateSet({ updated_at: time.now }),
      )
      .returning('id')
      .executeTakeFirstOrThrow()
    const content = await tx
      .insertInto('version_contents')
      .values({
        ...identity,
        id: randomUUID(),
        domain_id,
        revision,
        document: '{}',
        facts: JSON.stringify({ displayName: name, licenses: [], dependencies: [], ...given.facts }),
        readme: given.readme ?? null,
        is_inspected: 1,
        created_at: time.now,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['domain_id', 'format', 'namespace', 'name', 'version', 'revision'])
          .doUpdateSet((eb) => ({ is_inspected: eb.ref('version_contents.is_inspected') })),
      )
      .returning('id')
      .executeTakeFirstOrThrow()
    for (const { asset, ...digests } of stored) {
      const { size_bytes, sha256 } = digests
      const added = await tx
        .insertInto('blobs')
        .values({ domain_id, sha256, size_bytes, created_at: time.now })
        .onConflict((conflict) => conflict.doNothing())
        .returning('sha256')
        .executeTakeFirst()
      const domain = tx.updateTable('domains').where('id', '=', domain_id)
      if (added) await domain.set((eb) => ({ asset_size_bytes: eb('asset_size_bytes', '+', size_bytes) })).execute()
      await tx
        .insertInto('version_assets')
        .values({ content_id: content.id, name: asset, domain_id, ...digests })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
    await tx
      .insertInto('repository_versions')
      .values({
        id: randomUUID(),
        package_id: packageRow.id,
        content_id: content.id,
        version,
        status: given.status ?? 'Published',
        origin_type: 'INTERNAL',
        entry_point: given.repository,
        published_at: given.publishedAt ?? time.now,
        created_at: time.now,
      })
      .execute()
    for (const tag of given.tags ?? []) {
      await tx
        .insertInto('package_tags')
        .values({ package_id: packageRow.id, tag, version })
        .onConflict((conflict) => conflict.columns(['package_id', 'tag']).doUpdateSet({ version }))
        .execute()
    }
  })
  return revision
}

async function storeBlob(registry: RegistryParts, domainId: string, text: string) {
  await using staging = await registry.blobs.stage(domainId)
  await pipeline([text], staging.writable)
  const { sizeBytes, ...digests } = await staging.sealed()
  await staging.commit()
  return { ...digests, size_bytes: sizeBytes }
}

function digest(algorithm: string, encoding: 'hex' | 'base64', text: string): string {
  return createHash(algorithm).update(text).digest(encoding)
}
