import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Kysely, type KyselyPlugin, sql } from 'kysely'
import type { CatalogueRules } from '../../src/registry/catalogue.ts'
import { createGroup, describeGroup, findAssociatedGroup } from '../../src/registry/groups.ts'
import { listGroups, listSubGroups } from '../../src/registry/group-lists.ts'
import { parseGroupPattern } from '../../src/registry/group-pattern.ts'
import { newGroupRow } from '../../src/registry/group-rows.ts'
import { readHeldPackages, readHeldVersions } from '../../src/registry/held-versions.ts'
import { listAssociatedPackages } from '../../src/registry/group-packages.ts'
import { pathAppearanceKey } from '../../src/registry/group-keys.ts'
import type { Schema } from '../../src/storage/metadata/schema.ts'
import type { Metadata } from '../../src/storage/metadata/metadata.ts'
import { account, administrator, domain, openRegistry, type TestRegistry } from '../support/registry.ts'
import { withPostgres } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

/** Packages in the database, so that a scan would show. */
const PACKAGES = 20_000

function onEachDatabase(title: string, body: (t: TestContext, databaseUrl: string | undefined) => Promise<void>) {
  test(`${title} (SQLite)`, (t) => body(t, undefined))
  test(`${title} (PostgreSQL)`, (t) => withPostgres(t, (databaseUrl) => body(t, databaseUrl)))
}

async function open(t: TestContext, databaseUrl: string | undefined, connections: Record<string, string> = {}) {
  return openRegistry(t, { connections, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
}

/** Counts statements that go to the database, and rows that come back. */
function counting(metadata: Metadata): { count: number; rows: number } {
  const seen = { count: 0, rows: 0 }
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      seen.count += 1
      return node
    },
    transformResult: async ({ result }) => {
      seen.rows += result.rows.length
      return result
    },
  }
  Object.assign(metadata, { db: metadata.db.withPlugin(plugin) })
  return seen
}

onEachDatabase(
  'through 25 repositories a warm index, a warm view and a warm asset ask the database nothing',
  async (t, databaseUrl) => {
    const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
    const registry = await open(t, databaseUrl, { 'public:npmjs': upstream.url })
    const chain = Array.from({ length: 25 }, (_, index) =>
      index === 0 ? 'u0+public:npmjs' : `u${index}→u${index - 1}`,
    )
    await registry.setUp(...chain, 'main→u24')
    await registry.publish('u3', '@acme/own', '1.0.0')
    const render = () => ({ contentType: 'text/plain', body: 'x' })
    const read = async (name: string, version: string) => {
      const session = await registry.session('main')
      await session.index(registry.parse(name), 'test', render)
      await session.view(registry.parse(name))
      await session.openAsset(registry.parse(name), version, 'package.tgz')
    }
    await read('@acme/own', '1.0.0')
    await registry.download('main', 'tiny', '1.3.0')
    await read('tiny', '1.3.0')
    const seen = counting(registry.parts.metadata)
    await read('@acme/own', '1.0.0')
    await read('tiny', '1.3.0')
    assert.equal(seen.count, 0)
    await registry.publish('u3', '@acme/own', '1.1.0')
    assert.deepEqual((await registry.shown('main', '@acme/own')).versions, ['1.0.0', '1.1.0'])
  },
)

onEachDatabase('neither resolution nor the packages of a group scan', async (t, databaseUrl) => {
  const registry = await open(t, databaseUrl)
  await registry.setUp('team')
  await registry.publish('team', 'tiny', '1.0.0')
  // More than a domain may have, as a planner reads a small table whole.
  await addGroups(registry, { from: 0, to: 5000 })
  await fill(registry)
  const { db } = registry.parts.metadata
  const { id } = await db.selectFrom('domains').select('id').executeTakeFirstOrThrow()
  const [held] = await readHeldPackages(db, id, registry.parse('tiny'))
  assert.ok(held)
  const queries = await recorded(registry, async (parts) => {
    await readHeldPackages(parts.metadata.db, id, registry.parse('tiny'))
    await readHeldVersions(parts.metadata.db, [held.id], '1.0.0')
    const address = { owner: account, domain, pattern: '/npm//tin~' }
    await listAssociatedPackages(parts, { ...address, pattern: '/npm//tiny$' }, 'preview', { size: 10 })
    await listAssociatedPackages(parts, address, 'preview', { size: 10 })
    await listAssociatedPackages(parts, { ...address, pattern: '/*' }, 'existing', { size: 10 })
    await findAssociatedGroup(parts, { owner: account, domain, package: registry.parse('tiny') })
    await listGroups(parts, { owner: account, domain }, '/npm/', { size: 10 })
    await listSubGroups(parts, { ...address, pattern: '/*' }, { size: 10 })
  })
  assert.ok(queries.length >= 20)
  for (const plan of queries) {
    assert.doesNotMatch(
      plan,
      /SCAN (packages|package_groups|package|held|content|asset|repository_versions|version_contents)\b(?!.*USING)/,
      plan,
    )
    assert.doesNotMatch(
      plan,
      /Seq Scan on (packages|package_groups|repository_versions|version_contents|version_assets)/,
      plan,
    )
  }
})

onEachDatabase(
  'what package groups ask of the database does not grow with groups and packages',
  async (t, databaseUrl) => {
    const registry = await open(t, databaseUrl)
    await registry.setUp('team')
    const { parts } = registry
    const at = (pattern: string) => ({ owner: account, domain, pattern })
    const make = { address: at('/npm/*'), description: '', contactInfo: '', tags: [] }
    await createGroup(parts, administrator, make)
    const page = { size: 5 }
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      describe: () => describeGroup(parts, at('/npm//p-3~')),
      associate: () => findAssociatedGroup(parts, { owner: account, domain, package: registry.parse('p-3') }),
      'list groups': () => listGroups(parts, { owner: account, domain }, '', page),
      'list sub-groups': () => listSubGroups(parts, at('/npm/*'), page),
      'list packages': () => listAssociatedPackages(parts, at('/npm//p-3~'), 'existing', page),
      preview: () => listAssociatedPackages(parts, at('/npm//p*'), 'preview', page),
    }
    const seen = counting(parts.metadata)
    const costs = async () => {
      const found: Record<string, { statements: number; rows: number }> = {}
      for (const [title, call] of Object.entries(calls)) {
        Object.assign(seen, { count: 0, rows: 0 })
        await call()
        found[title] = { statements: seen.count, rows: seen.rows }
      }
      return found
    }
    await fill(registry, { from: 0, to: 100 })
    await addGroups(registry, { from: 0, to: 20 })
    const small = await costs()
    await fill(registry, { from: 100, to: PACKAGES })
    await addGroups(registry, { from: 20, to: 998 })
    const large = await costs()
    for (const title of Object.keys(calls)) {
      assert.equal(large[title]?.statements, small[title]?.statements, title)
      assert.ok(large[title]!.rows <= small[title]!.rows + 5, `${title}: ${JSON.stringify([small, large])}`)
    }
  },
)

onEachDatabase('the packages of a group are found without reading those of others', async (t, databaseUrl) => {
  const registry = await open(t, databaseUrl)
  await registry.setUp('team')
  await fill(registry)
  await registry.publish('team', 'zebra', '1.0.0')
  const address = { owner: account, domain, pattern: '/npm/*' }
  await createGroup(registry.parts, administrator, { address, description: '', contactInfo: '', tags: [] })
  await addGroups(registry, { from: 1, to: 999 })
  await addGroups(registry, { from: 0, to: 1, pattern: () => '/npm//p~' })
  const list = (pattern: string) =>
    listAssociatedPackages(registry.parts, { owner: account, domain, pattern }, 'existing', { size: 10 })
  const seen = counting(registry.parts.metadata)
  assert.deepEqual((await list('/*')).items, [])
  assert.deepEqual(
    (await list('/npm/*')).items.map(({ name }) => name.name),
    ['zebra'],
  )
  assert.ok(seen.count < 30 && seen.rows < 30, `${seen.count} statements, ${seen.rows} rows`)
  Object.assign(seen, { count: 0, rows: 0 })
  const { items, next } = await list('/npm//p~')
  assert.equal(items.length, 10)
  assert.ok(next)
  assert.ok(seen.count < 20 && seen.rows < 2000, `${seen.count} statements, ${seen.rows} rows`)
})

interface Numbers {
  readonly from: number
  readonly to: number
}

/** `/npm//p-3~` and on, each of which some of the packages belong to. */
async function addGroups(
  { parts }: TestRegistry,
  { from, to, pattern = (number) => `/npm//p-${number}~` }: Numbers & { readonly pattern?: (number: number) => string },
): Promise<void> {
  await parts.metadata.write(async ({ tx }) => {
    const { id } = await tx.selectFrom('domains').select('id').executeTakeFirstOrThrow()
    const groups = Array.from({ length: to - from }, (_, index) => {
      return newGroupRow(parts, id, { pattern: parseGroupPattern(pattern(from + index)), mode: 'INHERIT' })
    })
    for (let start = 0; start < groups.length; start += 1000) {
      await tx
        .insertInto('package_groups')
        .values(groups.slice(start, start + 1000))
        .execute()
    }
  })
}

const catalogueRules: CatalogueRules = {
  outside: { format: 'npm', namespace: '-', name: 'catalogue' },
  head: '---\n',
  describe: ({ versions }) => ({ items: versions.map(({ version }) => version), digest: '' }),
  renderChange: ({ name }, before, { items }) => `${name} ${items.slice(before.items.length).join()}\n`,
  readLines: () => Buffer.alloc(0),
}

onEachDatabase('among many packages a catalogue reads what changed, and an index what it is of', async (t, url) => {
  const registry = await open(t, url)
  await registry.setUp('team')
  await registry.publish('team', 'tiny', '1.0.0')
  await fill(registry)
  const read = async () => (await registry.session('team')).catalogue(catalogueRules)
  const before = await read()
  assert.equal(before.body.toString('latin1').match(/\n/g)?.length, PACKAGES + 2)
  // What changed just before is looked at again.
  registry.now += 3_600_000
  await registry.publish('team', 'tiny', '1.1.0')
  const seen = counting(registry.parts.metadata)
  const after = await read()
  assert.equal(after.body.subarray(before.body.length).toString(), 'tiny 1.1.0\n')
  assert.equal(after.md5At(before.body.length), before.md5, 'whoever has the earlier state is told that it is one')
  assert.ok(seen.rows < 20, `the line took ${seen.rows} rows`)
  seen.rows = 0
  const session = await registry.session('team')
  await session.index(registry.parse('p-7'), 'test', () => ({ contentType: 'text/plain', body: 'x' }))
  assert.ok(seen.rows < 20, `an index took ${seen.rows} rows`)
})

/** Packages with a version each, as an import would leave them. */
async function fill(registry: TestRegistry, { from, to }: Numbers = { from: 0, to: PACKAGES }): Promise<void> {
  await registry.parts.metadata.write(async ({ tx }) => {
    const team = await tx.selectFrom('repositories').selectAll().executeTakeFirstOrThrow()
    const numbers = Array.from({ length: to - from }, (_, index) => from + index)
    for (let start = 0; start < numbers.length; start += 1000) {
      const some = numbers.slice(start, start + 1000)
      await tx
        .insertInto('packages')
        .values(some.map((number) => packageRow(team, number)))
        .execute()
      await tx
        .insertInto('version_contents')
        .values(some.map((number) => contentRow(team, number)))
        .execute()
      await tx
        .insertInto('version_assets')
        .values(some.map((number) => assetRow(team, number)))
        .execute()
      await tx.insertInto('repository_versions').values(some.map(referenceRow)).execute()
    }
  })
  // The planner of PostgreSQL is told of it only after a while.
  const { kind } = registry.parts.metadata
  if (kind === 'postgres') await registry.parts.metadata.write(async ({ tx }) => void (await sql`analyze`.execute(tx)))
}

type Team = { readonly id: string; readonly domain_id: string }

const coordinates = (team: Team, number: number) => {
  return { domain_id: team.domain_id, format: 'npm', namespace: '', name: `p-${number}` }
}

const packageRow = (team: Team, number: number) => ({
  ...coordinates(team, number),
  id: `p-${number}`,
  repository_id: team.id,
  publish_restriction: 'ALLOW',
  upstream_restriction: 'BLOCK',
  is_decided: 0,
  appearance_key: pathAppearanceKey(`/npm//p-${number}`),
  event_sequence: 0,
  created_at: 0,
  updated_at: 0,
})

const contentRow = (team: Team, number: number) => ({
  ...coordinates(team, number),
  id: `c-${number}`,
  version: '1.0.0',
  revision: 'r',
  document: '{}',
  facts: '{}',
  readme: null,
  is_inspected: 1,
  created_at: 0,
})

const assetRow = (team: Team, number: number) => {
  const digest = `digest-${number}`
  const digests = { sha256: digest, sha512: digest, sha1: digest, md5: digest }
  return { ...digests, content_id: `c-${number}`, name: 'package.tgz', domain_id: team.domain_id, size_bytes: 1 }
}

const referenceRow = (number: number) => ({
  id: `v-${number}`,
  package_id: `p-${number}`,
  content_id: `c-${number}`,
  version: '1.0.0',
  status: 'Published',
  origin_type: 'INTERNAL',
  entry_point: 'team',
  published_at: 0,
  created_at: 0,
})

/** The plans of all statements that some work makes. */
async function recorded(
  registry: TestRegistry,
  work: (parts: TestRegistry['parts']) => Promise<void>,
): Promise<string[]> {
  const { metadata } = registry.parts
  const plain = metadata.db
  const made: { sql: string; parameters: readonly unknown[] }[] = []
  const executor = plain.getExecutor()
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      made.push(executor.compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  }
  await work({
    ...registry.parts,
    metadata: Object.create(metadata, { db: { value: plain.withPlugin(plugin) } }) as Metadata,
  })
  return Promise.all(made.map((query) => explain(plain, metadata.kind, query)))
}

async function explain(
  db: Kysely<Schema>,
  kind: Metadata['kind'],
  query: { readonly sql: string; readonly parameters: readonly unknown[] },
): Promise<string> {
  const prefix = kind === 'sqlite' ? 'explain query plan ' : 'explain '
  const { rows } = await db.executeQuery({
    ...sql`select 1`.compile(db),
    sql: `${prefix}${query.sql}`,
    parameters: query.parameters,
  })
  return `${query.sql}\n${rows.map((row) => JSON.stringify(row)).join('\n')}`
}
