import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'
import type { PackageName } from '../src/registry/names.ts'
import { finishQuietVersions } from '../src/registry/quiet-versions.ts'
import type { VersionDraft } from '../src/registry/session.ts'
import { openRegistry, type TestRegistry } from './support/registry.ts'
import { withPostgres } from './support/setups.ts'

type Open = (beside?: TestRegistry) => Promise<TestRegistry>

/** Each on SQLite and on PostgreSQL. */
function registryTest(title: string, body: (t: TestContext, open: Open) => Promise<void>): void {
  const opener = (t: TestContext, databaseUrl?: string): Open => {
    const place = databaseUrl === undefined ? {} : { databaseUrl }
    return (beside) => openRegistry(t, { ...place, ...(beside && { beside }) })
  }
  test(`${title} (SQLite)`, (t) => body(t, opener(t)))
  test(`${title} (PostgreSQL)`, (t) => withPostgres(t, (databaseUrl) => body(t, opener(t, databaseUrl))))
}

const name: PackageName = { format: 'maven', namespace: 'com.acme', name: 'widget' }

async function put(registry: TestRegistry, version: string, asset: string, more: Partial<VersionDraft> = {}) {
  const session = await registry.session('team', 'maven')
  await using staged = await session.stageAsset()
  await pipeline(Readable.from([Buffer.from(`${version} ${asset}`)]), staged.writable)
  const document = { artifactId: 'widget' }
  return await session.publish({
    name,
    version,
    status: 'Unfinished',
    document,
    facts: { licenses: [], dependencies: [] },
    readme: undefined,
    assets: [{ name: asset, staged }],
    tags: [],
    tagsIfAbsent: [],
    ...more,
  })
}

async function held(registry: TestRegistry): Promise<string[]> {
  const rows = await registry.parts.metadata.db
    .selectFrom('repository_versions as held')
    .leftJoin('version_assets as asset', 'asset.content_id', 'held.content_id')
    .select(['held.version', 'held.status', 'asset.name'])
    .orderBy('held.version')
    .orderBy('asset.name')
    .execute()
  return rows.map((row) => `${row.version} ${row.status} ${row.name}`)
}

async function eventCount(registry: TestRegistry): Promise<number> {
  return (await registry.parts.metadata.db.selectFrom('events').select('id').execute()).length
}

registryTest('a quiet version is finished once, however many processes look', async (_t, open) => {
  const one = await open()
  await one.setUp('team')
  await put(one, '1.0', 'a.jar', { finish: 'when quiet' })
  const two = await open(one)
  two.now = one.now
  assert.equal(await finishQuietVersions(one.parts), 0)
  one.now += 59_000
  await put(one, '1.0', 'b.jar', { finish: 'when quiet' })
  two.now = one.now + 59_000
  assert.equal(await finishQuietVersions(two.parts), 0, 'each asset puts it off')
  one.now += 61_000
  two.now = one.now
  const before = await eventCount(one)
  const found = await Promise.all([one, two, one, two].map(({ parts }) => finishQuietVersions(parts)))
  assert.equal(
    found.reduce((sum, count) => sum + count, 0),
    1,
  )
  assert.deepEqual(await held(two), ['1.0 Published a.jar', '1.0 Published b.jar'])
  assert.equal(await eventCount(one), before + 1)
})

registryTest('a fault keeps a version from being finished, by itself and by others', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  const session = await registry.session('team', 'maven')
  await put(registry, '1.0', 'a.jar', { finish: 'when quiet' })
  const fault = { name, version: '1.0', asset: 'a.jar' }
  await session.reportFault({ ...fault, message: 'a.jar is not what it should be' })
  await put(registry, '1.0', 'b.jar', { finish: 'when quiet' })
  registry.now += 120_000
  assert.equal(await finishQuietVersions(registry.parts), 0)
  await assert.rejects(session.finishVersions(name, ['0.9', '1.0']), /1\.0 cannot be finished: a\.jar is not/)
  await session.clearFault(fault, 'when quiet')
  registry.now += 61_000
  assert.equal(await finishQuietVersions(registry.parts), 1)
  await session.reportFault({ ...fault, message: 'too late' })
  assert.deepEqual(await registry.parts.metadata.db.selectFrom('version_faults').select('asset').execute(), [])
})

registryTest('finishing leaves alone what is not Unfinished here', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  const session = await registry.session('team', 'maven')
  await put(registry, '1.0', 'a.jar')
  await put(registry, '2.0', 'a.jar')
  const many = Array.from({ length: 1200 }, (_, index) => `9.${index}`)
  assert.equal((await session.finishVersions(name, [...many, '1.0'])).length, 1)
  const before = await eventCount(registry)
  assert.deepEqual(await session.finishVersions(name, [...many, '1.0']), [])
  assert.equal(await eventCount(registry), before)
  assert.deepEqual(await held(registry), ['1.0 Published a.jar', '2.0 Unfinished a.jar'])
})

registryTest('one version stands for another, and takes over what it becomes', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  const session = await registry.session('team', 'maven')
  await put(registry, '1.0-1', 'one.jar')
  await put(registry, '1.0-2', 'two.jar')
  const stand = { version: '1.0-SNAPSHOT', document: { build: 1 } }
  assert.deepEqual(await session.standFor(name, { ...stand, for: '1.0-1' }), { artifactId: 'widget', build: 1 })
  await session.standFor(name, { ...stand, for: '1.0-2' })
  const expected = ['1.0-1 Unlisted one.jar', '1.0-2 Unlisted two.jar', '1.0-SNAPSHOT Published two.jar']
  assert.deepEqual(await held(registry), expected)
  await assert.rejects(session.standFor(name, { ...stand, for: '1.0-3' }), { kind: 'missing' })
})

registryTest('of several changes of a note at once none is lost', async (_t, open) => {
  const one = await open()
  await one.setUp('team')
  const two = await open(one)
  const sessions = await Promise.all([one, two].map((registry) => registry.session('team', 'maven')))
  const changes = Array.from({ length: 10 }, (_, index) => {
    const change = (before: unknown) => [...((before ?? []) as number[]), index]
    return sessions[index % 2]!.changeNote({ name, key: 'list', change, about: [name] })
  })
  await Promise.all(changes)
  const noted = (await sessions[0]!.note(name, 'list')) as number[]
  assert.deepEqual(
    noted.toSorted((left, right) => left - right),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  assert.equal(await sessions[0]!.note(name, 'other'), undefined)
})
