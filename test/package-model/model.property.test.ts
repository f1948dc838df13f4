import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { associateConnection } from '../../src/registry/external-connections.ts'
import { RegistryError } from '../../src/registry/errors.ts'
import type { CopyRequest } from '../../src/registry/copy.ts'
import { createGroup, deleteGroup } from '../../src/registry/groups.ts'
import { configureGroup } from '../../src/registry/group-configuration.ts'
import type { GroupRestriction } from '../../src/registry/group-settings.ts'
import { parseRepositoryName } from '../../src/registry/names.ts'
import { putOriginRestrictions } from '../../src/registry/packages.ts'
import { createRepository } from '../../src/registry/repositories.ts'
import { deleteVersions, disposeVersions, updateVersionsStatus } from '../../src/registry/version-changes.ts'
import { account, administrator, domain, openRegistry, type TestRegistry } from '../support/registry.ts'
import { withPostgres } from '../support/setups.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { type GroupMode, type LookIn, type Mode, NaiveModel, type Status } from './naive-model.ts'

/** Time for each database. Unit: ms. */
const TIME_MS = 8_000
const REPOSITORIES = 5

test('whatever is done, clients see what the naive model says (SQLite)', (t) => run(t, undefined))

test('whatever is done, clients see what the naive model says (PostgreSQL)', (t) =>
  withPostgres(t, (databaseUrl) => run(t, databaseUrl)))

async function run(t: TestContext, databaseUrl: string | undefined): Promise<void> {
  const upstream = await startUpstream(t)
  const connections = { 'public:npmjs': upstream.url }
  const registry = await openRegistry(t, { connections, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
  await registry.setUp()
  let runs = 0
  const property = fc.asyncProperty(
    fc.array(fc.boolean(), { minLength: REPOSITORIES, maxLength: REPOSITORIES }),
    deeds,
    async (connected, done) => {
      runs += 1
      const world = await World.create(registry, upstream, connected, runs)
      for (const deed of done) await world.do(deed)
      for (let at = 0; at < REPOSITORIES; at++) await world.compare(at)
    },
  )
  await fc.assert(property, { numRuns: 10_000, interruptAfterTimeLimit: TIME_MS, markInterruptAsFailure: false })
  t.diagnostic(`${runs} histories`)
}

const at = fc.nat(REPOSITORIES - 1)
const version = fc.constantFrom('1.0.0', '1.1.0', '2.0.0')
const mode = fc.constantFrom<Mode>('ALLOW', 'BLOCK')
const deed = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), at, version, bytes: fc.constantFrom('x', 'y') }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fetch' as const), at, version }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('outside' as const), version }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('status' as const),
      at,
      version,
      status: fc.constantFrom<Status>('Published', 'Unlisted', 'Archived', 'Disposed'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), at, version }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('decide' as const), at, publish: mode, upstream: mode }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('group' as const),
      restriction: fc.constantFrom<GroupRestriction>('PUBLISH', 'EXTERNAL_UPSTREAM', 'INTERNAL_UPSTREAM'),
      mode: fc.oneof<fc.Arbitrary<GroupMode>[]>(mode, fc.subarray([0, 1, 2, 3, 4])),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look-alike' as const), isThere: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('copy' as const),
      at,
      to: at,
      version,
      lookIn: fc.constantFrom<LookIn>('source', 'source and upstreams'),
      onDifferent: fc.constantFrom('refuse' as const, 'overwrite' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('link' as const), at, order: fc.shuffledSubarray([0, 1, 2, 3]) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('look' as const), at }) },
)
const deeds = fc.array(deed, { minLength: 4, maxLength: 30 })
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

/** One history: repositories and a package name of its own, in the registry and in the model. */
class World {
  readonly #registry: TestRegistry
  readonly #upstream: Upstream
  readonly #model: NaiveModel
  readonly #number: number
  readonly #name: string

  private constructor(registry: TestRegistry, upstream: Upstream, connected: readonly boolean[], number: number) {
    this.#registry = registry
    this.#upstream = upstream
    this.#model = new NaiveModel(connected)
    this.#number = number
    this.#name = `p${number}`
  }

  static async create(registry: TestRegistry, upstream: Upstream, connected: readonly boolean[], number: number) {
    const world = new World(registry, upstream, connected, number)
    for (const restriction of ['PUBLISH', 'EXTERNAL_UPSTREAM', 'INTERNAL_UPSTREAM'] as const) {
      await world.do({ kind: 'group', restriction, mode: 'ALLOW' })
    }
    for (const [index, isConnected] of connected.entries()) {
      const address = world.#address(index)
      await createRepository(registry.parts, administrator, { address, description: '', upstreams: [], tags: [] })
      const connection = 'public:npmjs'
      if (isConnected) await associateConnection(registry.parts, administrator, { address, connection })
    }
    return world
  }

  async do(deed: Deed): Promise<void> {
    const { parts } = this.#registry
    switch (deed.kind) {
      case 'publish': {
        const expected = this.#model.publish(deed.at, deed.version, deed.bytes)
        const found = await kindOf(
          this.#registry
            .publish(this.#repository(deed.at), this.#name, deed.version, deed.bytes)
            .then(({ kind }) => kind),
        )
        return assert.equal(found, expected)
      }
      case 'fetch': {
        const expected = this.#model.fetch(deed.at, deed.version)
        const found = await kindOf(this.#registry.download(this.#repository(deed.at), this.#name, deed.version))
        return assert.equal(typeof found === 'string' ? undefined : found.toString('latin1'), expected)
      }
      case 'outside':
        await this.#upstream.add(`${this.#name}@${deed.version}`)
        this.#model.outside.set(
          deed.version,
          (await this.#upstream.tarball(this.#name, deed.version)).toString('latin1'),
        )
        // Whatever was known of the outside has grown old.
        this.#registry.now += 3_600_000
        return
      case 'status':
        return this.#move(deed)
      case 'delete':
        this.#model.delete(deed.at, deed.version)
        return void (await kindOf(
          deleteVersions(parts, administrator, { address: this.#package(deed.at), versions: [deed.version] }),
        ))
      case 'decide': {
        const { publish, upstream } = deed
        this.#model.decide(deed.at, publish, upstream)
        const address = this.#package(deed.at)
        return void (await putOriginRestrictions(parts, administrator, {
          address,
          restrictions: { publish, upstream },
        }))
      }
      case 'group':
        return this.#configure(deed)
      case 'look-alike':
        return this.#resemble(deed)
      case 'copy':
        return this.#copy(deed)
      case 'link': {
        // Only to those before, so that there is no circle.
        const upstreams = deed.order.filter((other) => other < deed.at)
        this.#model.repositories[deed.at]!.upstreams = upstreams
        return this.#registry.setUpstreams(
          this.#repository(deed.at),
          ...upstreams.map((other) => this.#repository(other)),
        )
      }
      case 'look':
        return this.compare(deed.at)
    }
  }

  async #move({ at: place, version: wanted, status }: Deed & { readonly kind: 'status' }): Promise<void> {
    const { parts } = this.#registry
    this.#model.setStatus(place, wanted, status)
    const change = { address: this.#package(place), versions: [wanted] }
    const done =
      status === 'Disposed'
        ? disposeVersions(parts, administrator, change)
        : updateVersionsStatus(parts, administrator, { ...change, target: status })
    await kindOf(done)
  }

  async #resemble({ isThere }: Deed & { readonly kind: 'look-alike' }): Promise<void> {
    const { parts } = this.#registry
    this.#model.isLookAlike = isThere
    const address = { owner: account, domain, pattern: `/npm//P${this.#number}$` }
    const made = { address, description: '', contactInfo: '', tags: [] }
    await kindOf(isThere ? createGroup(parts, administrator, made) : deleteGroup(parts, administrator, address))
  }

  async #configure({ restriction, mode: wanted }: Deed & { readonly kind: 'group' }): Promise<void> {
    this.#model.group[restriction] = wanted
    const address = { owner: account, domain, pattern: '/*' }
    const isList = typeof wanted !== 'string'
    const modes = new Map([[restriction, isList ? 'ALLOW_SPECIFIC_REPOSITORIES' : wanted]] as const)
    const all = Array.from({ length: REPOSITORIES }, (_, index) => index)
    const listOf = (numbers: readonly number[]) =>
      numbers.map((index) => ({ repository: this.#address(index).repository, restriction }))
    const added = listOf(isList ? wanted : [])
    const removed = listOf(isList ? all.filter((index) => !wanted.includes(index)) : [])
    await configureGroup(this.#registry.parts, administrator, { address, modes, added, removed })
  }

  async #copy({ at: from, to, version: wanted, lookIn, onDifferent }: Deed & { readonly kind: 'copy' }): Promise<void> {
    if (from === to) return
    const expected = this.#model.copy(from, to, wanted, lookIn, onDifferent)
    const request: CopyRequest = {
      address: this.#package(to),
      source: this.#address(from).repository,
      versions: [wanted],
      revisions: undefined,
      lookIn,
      onDifferent,
    }
    const found = await kindOf(this.#registry.sessions.copyVersions(administrator, request))
    if (typeof found === 'string') return assert.equal(found, expected)
    const what = found.failed.get(wanted)?.code ?? (found.successful.has(wanted) ? 'copied' : 'unchanged')
    assert.equal(what, expected)
  }

  async compare(at: number): Promise<void> {
    const repository = this.#repository(at)
    const found = await kindOf(this.#registry.shown(repository, this.#name))
    const shown = typeof found === 'string' ? undefined : found.versions
    assert.deepEqual(shown?.toSorted(), this.#model.shown(at)?.toSorted())
    const held = (await this.#registry.held(repository, this.#name)).map((line) =>
      line.split(' ').slice(0, 3).join(' '),
    )
    assert.deepEqual(held.toSorted(), this.#model.held(at).toSorted())
  }

  #repository(index: number): string {
    return `h${this.#number}-${index}`
  }

  #address(index: number) {
    return { owner: account, domain, repository: parseRepositoryName(this.#repository(index)) }
  }

  #package(index: number) {
    return { ...this.#address(index), package: { format: 'npm', namespace: '', name: this.#name } as const }
  }
}

/** What came of it, or the kind of the refusal. */
async function kindOf<T>(doing: Promise<T>): Promise<T | string> {
  try {
    return await doing
  } catch (error) {
    if (error instanceof RegistryError) return error.kind
    throw error
  }
}
