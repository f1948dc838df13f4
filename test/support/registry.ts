import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TestContext } from 'node:test'
import { randomBytes, randomUUID } from 'node:crypto'
import { createAuthorizer } from '../../src/access/authorize.ts'
import { openKeyring } from '../../src/access/keyring.ts'
import type { Caller } from '../../src/access/principal.ts'
import { parseConfig } from '../../src/config.ts'
import { administratorGrants } from './grants.ts'
import { createGates } from '../../src/governance/gates.ts'
import { createConnections } from '../../src/formats/connections.ts'
import { parseConnectionSettings } from '../../src/formats/connection-settings.ts'
import { formats } from '../../src/formats/index.ts'
import { createKnownAdvisories } from '../../src/governance/advisories/known-advisories.ts'
import { createDomain } from '../../src/registry/domains.ts'
import { associateConnection } from '../../src/registry/external-connections.ts'
import { orderedIds } from '../../src/journal/ordered-ids.ts'
import type { FormatId } from '../../src/registry/names.ts'
import { parseAccountId, parseDomainName, parseRepositoryName } from '../../src/registry/names.ts'
import { createSessions, type Sessions } from '../../src/registry/open-session.ts'
import { newRegistryCounts } from '../../src/registry/counts.ts'
import type { RegistryParts } from '../../src/registry/parts.ts'
import { createRepository, updateRepository } from '../../src/registry/repositories.ts'
import type { RepositorySession, VersionDraft } from '../../src/registry/session.ts'
import type { BlobStore } from '../../src/storage/blobs/blob-store.ts'
import { memoryLocks } from '../../src/storage/locks/memory.ts'
import type { Metadata } from '../../src/storage/metadata/metadata.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { openSqlite } from '../../src/storage/metadata/sqlite/open.ts'
import { openBlobs } from '../../src/wire/blobs.ts'

export const account = parseAccountId('111122223333')
export const domain = parseDomainName('acme')

export const administrator: Caller = {
  principal: {
    kind: 'user',
    accountId: account,
    arn: `arn:aws:iam::${account}:user/admin`,
    principalId: 'AIDAQ3EXAMPLE7USER2AB',
    userName: 'admin',
    accessKeyId: 'AKIAQ3EXAMPLE7KEY2AB',
    roleArn: undefined,
    tags: new Map(),
    grants: administratorGrants,
    session: undefined,
  },
  requestId: '00000000-0000-4000-8000-000000000000',
  remoteAddress: '127.0.0.1',
  userAgent: 'test',
  isSecure: false,
}

export interface RegistryOptions {
  /** Undefined: SQLite. */
  readonly databaseUrl?: string
  /** Addresses of external connections. */
  readonly connections?: Readonly<Record<string, string>>
  /** Joins another registry's database and blobs, as a second process would. */
  readonly beside?: TestRegistry
}

/** The registry with its real storage, without HTTP: domain `acme`, the clock in the test's hand. */
export class TestRegistry {
  readonly parts: RegistryParts
  readonly sessions: Sessions
  /** What is stored, decrypted, without the cache before it. */
  readonly stored: BlobStore
  readonly folder: string
  /** Unit: ms since 1970. */
  now = Date.UTC(2026, 0, 31)

  constructor(folder: string, stored: BlobStore, makeParts: (clock: () => number) => RegistryParts) {
    this.folder = folder
    this.stored = stored
    this.parts = makeParts(() => this.now)
    this.sessions = createSessions(this.parts)
  }

  /** Repositories by name, each with its upstreams and, after `+`, an external connection: `['store+public:npmjs']`. */
  async setUp(...repositories: readonly string[]): Promise<void> {
    await this.parts.metadata.write(async ({ tx }) => {
      await tx.insertInto('accounts').values({ id: account, name: 'test', created_at: this.now }).execute()
    })
    await createDomain(this.parts, administrator, { domain, tags: [] })
    for (const text of repositories) {
      const [head = '', connection] = text.split('+')
      const [name = '', upstreams = ''] = head.split('→')
      await createRepository(this.parts, administrator, {
        address: this.#address(name),
        description: '',
        upstreams: upstreams
          .split(',')
          .filter(Boolean)
          .map((upstream) => parseRepositoryName(upstream)),
        tags: [],
      })
      if (connection) await associateConnection(this.parts, administrator, { address: this.#address(name), connection })
    }
  }

  async setUpstreams(name: string, ...upstreams: readonly string[]): Promise<void> {
    const names = upstreams.map((upstream) => parseRepositoryName(upstream))
    await updateRepository(this.parts, administrator, {
      address: this.#address(name),
      upstreams: names,
      description: undefined,
    })
  }

  async session(repository: string, format: FormatId = 'npm'): Promise<RepositorySession> {
    const found = this.parts.formats.get(format)
    if (!found) throw new Error(`format ${format} is not served`)
    return this.sessions.open(administrator, this.#address(repository), found)
  }

  /** Publishes a version whose one asset holds `text`. */
  async publish(repository: string, name: string, version: string, text = `${name} ${version}`, tags = ['latest']) {
    const session = await this.session(repository)
    await using staged = await session.stageAsset()
    await pipeline(Readable.from([Buffer.from(text)]), staged.writable)
    const format = this.parts.formats.get('npm')!
    const document = { name, version }
    const draft: VersionDraft = {
      name: format.names.parsePackage(name),
      version,
      status: 'Published',
      document,
      facts: format.facts(document),
      readme: undefined,
      assets: [{ name: 'package.tgz', staged }],
      tags,
      tagsIfAbsent: [],
    }
    await session.authorizePublish(draft.name)
    return await session.publish(draft)
  }

  /** The bytes of a version's asset as this repository gives them. */
  async download(repository: string, name: string, version: string): Promise<Buffer> {
    const session = await this.session(repository)
    const opened = await session.openAsset(this.parse(name), version, 'package.tgz')
    const body = await opened.read()
    return Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray())
  }

  /** `1.0.0 Published INTERNAL team` for each version that the repository itself holds. */
  async held(repository: string, name: string): Promise<string[]> {
    const { name: packageName, namespace } = this.parse(name)
    const rows = await this.parts.metadata.db
      .selectFrom('repository_versions as held')
      .innerJoin('packages', 'packages.id', 'held.package_id')
      .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
      .select(['held.version', 'held.status', 'held.origin_type', 'held.entry_point'])
      .where('repositories.name', '=', repository)
      .where('packages.namespace', '=', namespace)
      .where('packages.name', '=', packageName)
      .orderBy('held.version')
      .execute()
    return rows.map((row) => `${row.version} ${row.status} ${row.origin_type} ${row.entry_point}`)
  }

  /** What a client is shown: Published versions and tags. */
  async shown(repository: string, name: string): Promise<{ versions: string[]; tags: Record<string, string> }> {
    const view = await (await this.session(repository)).view(this.parse(name))
    const published = view.versions.filter((version) => version.status === 'Published')
    return { versions: published.map((version) => version.version), tags: Object.fromEntries(view.tags) }
  }

  parse(name: string) {
    return this.parts.formats.get('npm')!.names.parsePackage(name)
  }

  #address(repository: string) {
    return { owner: account, domain, repository: parseRepositoryName(repository) }
  }
}

export async function openRegistry(t: TestContext, options: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = options.beside?.folder ?? (await mkdtemp(join(tmpdir(), 'packyard-registry-')))
  const metadata = await openMetadata(folder, options.databaseUrl)
  const { blobs, stored } = await openEncrypted(folder, metadata)
  const registry = new TestRegistry(folder, stored, (clock) => makeParts(metadata, blobs, clock, options))
  t.after(async () => {
    await registry.sessions.flush()
    await metadata.close()
    if (!options.beside) await rm(folder, { recursive: true, force: true })
  })
  return registry
}

/** As a server has them: encrypted on the disk, the small ones in memory. */
async function openEncrypted(folder: string, metadata: Metadata) {
  const config = parseConfig({ flags: {}, env: { PACKYARD_DATA_DIR: folder }, file: undefined })
  const keyring = await openKeyring(join(folder, 'keys'), randomBytes)
  return openBlobs(config, { metadata, keyring, onDamaged: () => {} })
}

function openMetadata(folder: string, databaseUrl: string | undefined): Promise<Metadata> {
  return databaseUrl ? openPostgres({ url: databaseUrl }) : openSqlite({ file: join(folder, 'packyard.db') })
}

function makeParts(
  metadata: Metadata,
  blobs: RegistryParts['blobs'],
  clock: () => number,
  options: RegistryOptions,
): RegistryParts {
  const settings = Object.entries(options.connections ?? {}).map(([name, url]) => [name, { url }])
  const randomId = orderedIds(Date.now, randomUUID)
  return {
    metadata,
    blobs,
    locks: options.beside?.parts.locks ?? memoryLocks(),
    authorizer: createAuthorizer({ metadata, arns: { partition: 'aws', region: 'us-east-1' }, clock }),
    formats: new Map(formats.map((format) => [format.id, format])),
    connections: createConnections(parseConnectionSettings(Object.fromEntries(settings)), {
      proxy: {},
      userAgent: 'packyard-test',
      clock,
      random: Math.random,
    }),
    gates: createGates({ metadata, arns: { partition: 'aws', region: 'us-east-1' }, clock, randomId }),
    advisories: createKnownAdvisories(metadata),
    arns: { partition: 'aws', region: 'us-east-1' },
    clock,
    randomId,
    finishQuietMs: 60_000,
    limits: {
      assetBytesMax: 5_000_000_000,
      assetsPerVersionMax: 350,
      domainsPerAccountMax: 100,
      // Property tests make five of them for each history.
      repositoriesPerDomainMax: 100_000,
      packageGroupsPerDomainMax: 1000,
      directUpstreamsMax: 10,
      searchedUpstreamsMax: 25,
      tagsPerResourceMax: 50,
    },
    caches: { indexBytesMax: 16_000_000, upstreamBytesMax: 4_000_000, missingTtlMs: 60_000 },
    counts: newRegistryCounts(),
  }
}
