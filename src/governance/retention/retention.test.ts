import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type OpenRegistry, testOnEachDatabase } from '../../../test/support/each-registry.ts'
import { account, administrator, domain, type TestRegistry } from '../../../test/support/registry.ts'
import { startUpstream } from '../../../test/support/upstream.ts'
import { addHold, removeHold } from '../../registry/holds/change-holds.ts'
import { parseRepositoryName } from '../../registry/names.ts'
import { deletePackage } from '../../registry/packages.ts'
import { deleteRepository } from '../../registry/repositories.ts'
import { deleteVersions, disposeVersions } from '../../registry/version-changes.ts'
import type { RunnerParts } from './run.ts'
import { doRuns } from './run.ts'
import type { RetentionParameters } from './parameters.ts'
import type { RetentionRule, RetentionRun, RunPurpose } from './run-model.ts'
import { findRun, insertRun, readCandidates } from './run-rows.ts'

const DAY_MS = 86_400_000

const outside: RetentionParameters = { unusedDays: 90, keepNewest: 1, confirmAbovePercent: 100 }

function runner({ parts }: TestRegistry, inForce = true): RunnerParts {
  return {
    registry: parts,
    signal: new AbortController().signal,
    report: async () => {},
    isInForce: async () => inForce,
    announce: async () => {},
  }
}

async function start(
  registry: TestRegistry,
  purpose: RunPurpose,
  parameters: RetentionParameters,
  about: Partial<RetentionRule> = {},
): Promise<string> {
  const { metadata, randomId, clock } = registry.parts
  const { id: domainId } = await metadata.db.selectFrom('domains').select('id').executeTakeFirstOrThrow()
  const rule = {
    id: 'rule',
    name: 'clean',
    version: 1,
    repositoryId: undefined,
    group: undefined,
    parameters,
    ...about,
  }
  const run = { id: randomId(), domainId, rule, purpose, askedBy: 'test', createdAt: clock() }
  await metadata.write((write) => insertRun(write, run))
  return run.id
}

/** Does the run and shows what it chose: `team tiny@1.0.0 delete 12`. */
async function run(
  registry: TestRegistry,
  purpose: RunPurpose,
  parameters: RetentionParameters,
  about?: Partial<RetentionRule>,
): Promise<{ run: RetentionRun; chosen: string[] }> {
  const id = await start(registry, purpose, parameters, about)
  await doRuns(runner(registry), [purpose])
  const { db } = registry.parts.metadata
  const done = await findRun(db, id)
  assert.ok(done)
  const candidates = await readCandidates(db, { runId: id, after: 0, limit: 1_000 })
  const chosen = candidates.map(({ repository, name, version, action, sizeBytes }) => {
    return `${repository} ${name}@${version} ${action} ${sizeBytes}`
  })
  return { run: done, chosen }
}

async function noteUse(registry: TestRegistry, repository: string, spec: string, usedAt: number): Promise<void> {
  const { metadata } = registry.parts
  const [name = '', version = ''] = spec.split('@')
  const { id } = await metadata.db
    .selectFrom('repositories')
    .select('id')
    .where('name', '=', repository)
    .executeTakeFirstOrThrow()
  const row = { repository_id: id, format: 'npm', namespace: '', name, version, used_at: usedAt }
  await metadata.write(async ({ tx }) => void (await tx.insertInto('version_uses').values(row).execute()))
}

/** What the domain's blobs take. */
async function storedBytes({ parts: { metadata } }: TestRegistry): Promise<number> {
  const row = await metadata.db.selectFrom('domains').select('asset_size_bytes').executeTakeFirstOrThrow()
  return row.asset_size_bytes
}

async function openWithUpstream(t: TestContext, open: OpenRegistry, ...packages: string[]): Promise<TestRegistry> {
  const upstream = await startUpstream(t, { npm: packages })
  const registry = await open({ connections: { 'public:npmjs': upstream.url } })
  await registry.setUp('store+public:npmjs', 'web→store', 'other→store', 'team')
  return registry
}

async function fetchAll(registry: TestRegistry, repository: string, ...specs: string[]): Promise<void> {
  const session = await registry.session(repository)
  for (const spec of specs) {
    const [name = '', version = ''] = spec.split('@')
    const opened = await session.openAsset(registry.parse(name), version, 'package.tgz')
    const body = await opened.read()
    if (!Buffer.isBuffer(body)) await body.toArray()
  }
}

function addressOf(registry: TestRegistry, repository: string, name: string) {
  return { owner: account, domain, repository: parseRepositoryName(repository), package: registry.parse(name) }
}

testOnEachDatabase('what nobody used for 90 days goes, but for the newest, as the dry run said', async (t, open) => {
  const registry = await openWithUpstream(t, open, 'tiny@1.0.0', 'tiny@1.1.0', 'tiny@1.2.0', 'old@1.0.0', 'old@2.0.0')
  await registry.publish('team', 'own', '1.0.0')
  await fetchAll(registry, 'web', 'tiny@1.0.0', 'tiny@1.1.0', 'tiny@1.2.0', 'old@1.0.0', 'old@2.0.0')
  const { now } = registry
  registry.now += 100 * DAY_MS
  await noteUse(registry, 'other', 'tiny@1.1.0', registry.now - 10 * DAY_MS)
  const before = await storedBytes(registry)

  const preview = await run(registry, 'preview', outside)
  // Through the store anybody may be given it; by clients of web nobody asked for it.
  assert.deepEqual(
    preview.chosen.map((line) => line.replace(/ \d+$/, '')),
    [
      'store old@1.0.0 delete',
      'store tiny@1.0.0 delete',
      'web old@1.0.0 delete',
      'web tiny@1.1.0 delete',
      'web tiny@1.0.0 delete',
    ],
  )
  assert.deepEqual(preview.run.position.above, [])
  assert.equal(await storedBytes(registry), before)
  assert.equal(preview.run.createdAt - now, 100 * DAY_MS)

  const real = await run(registry, 'enforce', outside)
  assert.deepEqual(real.chosen, preview.chosen)
  assert.equal(real.run.state, 'done')
  assert.equal(real.run.figures.removedVersions, 5)
  assert.equal(real.run.figures.freedBytes, preview.run.figures.freeableBytes)
  assert.equal(before - (await storedBytes(registry)), preview.run.figures.freeableBytes)
  assert.deepEqual(await registry.held('web', 'tiny'), ['1.2.0 Published EXTERNAL public:npmjs'])
  assert.deepEqual(await registry.held('store', 'tiny'), [
    '1.1.0 Published EXTERNAL public:npmjs',
    '1.2.0 Published EXTERNAL public:npmjs',
  ])
  assert.deepEqual(await registry.held('team', 'own'), ['1.0.0 Published INTERNAL team'])
  // It comes again when somebody asks for it.
  await fetchAll(registry, 'web', 'tiny@1.0.0', 'old@1.0.0')
  assert.equal(await storedBytes(registry), before)
})

testOnEachDatabase('bytes count once, and only where nothing else refers to them', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team', 'other')
  await registry.publish('team', 'a', '1.0.0', 'shared by two that go')
  await registry.publish('team', 'b', '1.0.0', 'shared by two that go')
  await registry.publish('team', 'c', '1.0.0', 'shared with one that stays')
  await registry.publish('other', 'd', '1.0.0', 'shared with one that stays')
  await registry.publish('team', 'e', '1.0.0', 'alone')
  registry.now += 10 * DAY_MS
  const { id: repositoryId } = await registry.parts.metadata.db
    .selectFrom('repositories')
    .select('id')
    .where('name', '=', 'team')
    .executeTakeFirstOrThrow()
  const parameters: RetentionParameters = { origins: 'inside', olderThanDays: 5, tagged: 'remove' }
  const preview = await run(registry, 'preview', parameters, { repositoryId })
  assert.deepEqual(preview.chosen, [
    'team a@1.0.0 dispose 21',
    'team b@1.0.0 dispose 21',
    'team c@1.0.0 dispose 26',
    'team e@1.0.0 dispose 5',
  ])
  assert.deepEqual([preview.run.figures.chosenBytes, preview.run.figures.freeableBytes], [73, 26])
  const before = await storedBytes(registry)
  const real = await run(registry, 'enforce', parameters, { repositoryId })
  assert.equal(real.run.state, 'unconfirmed', 'it would remove everything')
  assert.deepEqual(real.run.position.above, [{ repository: 'team', chosenVersions: 4, ofVersions: 4 }])
  assert.equal(await storedBytes(registry), before)
})

testOnEachDatabase('own versions leave their record behind unless the rule says otherwise', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  for (const version of ['1.0.0', '1.1.0', '2.0.0-beta.1', '2.0.0']) {
    registry.now += DAY_MS
    await registry.publish('team', 'own', version, `own ${version}`, version === '1.0.0' ? ['lts'] : ['latest'])
  }
  registry.now += DAY_MS
  const before = await storedBytes(registry)
  const disposed = await run(registry, 'enforce', { origins: 'inside', keepNewest: 2 })
  assert.deepEqual(disposed.chosen, ['team own@1.1.0 dispose 9'])
  assert.deepEqual((await registry.held('team', 'own')).slice(0, 2), [
    '1.0.0 Published INTERNAL team',
    '1.1.0 Disposed INTERNAL team',
  ])
  assert.equal(before - (await storedBytes(registry)), 9)
  const deleted = await run(registry, 'enforce', {
    origins: 'inside',
    versions: ['*-beta*'],
    olderThanDays: 1,
    own: 'delete',
  })
  assert.deepEqual(deleted.chosen, ['team own@2.0.0-beta.1 delete 16'])
  assert.deepEqual((await registry.held('team', 'own')).length, 3)
  const events = await registry.parts.metadata.db.selectFrom('events').select('body').orderBy('sequence').execute()
  const last = events.slice(-2).map(({ body }) => (JSON.parse(body) as { detail: Record<string, unknown> }).detail)
  assert.deepEqual(
    last.map((detail) => [detail['packageVersion'], detail['operationType'], detail['packageVersionState']]),
    [
      ['1.1.0', 'Updated', 'Disposed'],
      ['2.0.0-beta.1', 'Deleted', 'Published'],
    ],
  )
  const [record] = await registry.parts.metadata.db
    .selectFrom('audit_records')
    .select('body')
    .where('body', 'like', '%"DeletePackageVersions"%')
    .execute()
  const { eventName, userIdentity, requestParameters } = JSON.parse(record?.body ?? '{}') as Record<string, object>
  assert.equal(eventName, 'DeletePackageVersions')
  assert.equal((userIdentity as { type?: string }).type, 'AWSService')
  assert.deepEqual((requestParameters as { packageVersions?: string[] }).packageVersions, ['2.0.0-beta.1'])
})

testOnEachDatabase('a hold keeps from rules, and from hands where it says so', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await registry.publish('team', 'own', version, version, [])
  const given = {
    address: { owner: account, domain },
    reason: 'a customer runs it',
    endsAt: registry.now + 30 * DAY_MS,
  }
  const rule: RetentionParameters = { origins: 'inside', olderThanDays: 1 }
  const soft = await addHold(registry.parts, administrator, {
    ...given,
    pattern: '/npm//own$',
    version: '1.0*',
    against: 'retention',
  })
  const hard = await addHold(registry.parts, administrator, {
    ...given,
    pattern: '/npm/*',
    version: '1.1.0',
    against: 'removal',
  })
  registry.now += 10 * DAY_MS
  const first = await run(registry, 'enforce', { ...rule, confirmAbovePercent: 100 })
  assert.deepEqual([first.chosen, first.run.figures.heldVersions], [['team own@1.2.0 dispose 5'], 2])

  const address = addressOf(registry, 'team', 'own')
  const refused = await deleteVersions(registry.parts, administrator, { address, versions: ['1.0.0', '1.1.0'] })
  assert.deepEqual([...refused.successful.keys()], ['1.0.0'])
  const why = refused.failed.get('1.1.0')
  assert.equal(why?.code, 'NOT_ALLOWED')
  assert.match(why.message, /version 1\.1\.0 is on hold until .* by arn:aws:iam.*: a customer runs it/)
  const disposed = await disposeVersions(registry.parts, administrator, { address, versions: ['1.1.0'] })
  assert.equal(disposed.failed.get('1.1.0')?.code, 'NOT_ALLOWED')
  await assert.rejects(deletePackage(registry.parts, administrator, address), { kind: 'conflict' })
  const team = { owner: account, domain, repository: parseRepositoryName('team') }
  await assert.rejects(deleteRepository(registry.parts, administrator, team), /own 1\.1\.0 is on hold/)

  await removeHold(registry.parts, administrator, { address: given.address, id: soft.id })
  await removeHold(registry.parts, administrator, { address: given.address, id: hard.id })
  await deletePackage(registry.parts, administrator, address)
  assert.deepEqual(await registry.held('team', 'own'), [])
})

testOnEachDatabase('a hold that has ended holds nothing', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  await registry.publish('team', 'own', '1.0.0')
  const address = { owner: account, domain, repository: parseRepositoryName('team') }
  const hold = { address, pattern: '/npm//own$', version: '*', against: 'removal', reason: 'audit' } as const
  await assert.rejects(
    addHold(registry.parts, administrator, { ...hold, endsAt: registry.now }),
    /must be in the future/,
  )
  await addHold(registry.parts, administrator, { ...hold, endsAt: registry.now + DAY_MS })
  await assert.rejects(deletePackage(registry.parts, administrator, addressOf(registry, 'team', 'own')), {
    kind: 'conflict',
  })
  registry.now += DAY_MS
  await deletePackage(registry.parts, administrator, addressOf(registry, 'team', 'own'))
})

testOnEachDatabase('what was used, held or changed since it was chosen stays', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  for (const name of ['used', 'held', 'gone', 'goes', 'kept']) await registry.publish('team', name, '1.0.0', name, [])
  await registry.publish('team', 'kept', '2.0.0', 'kept 2', [])
  registry.now += 100 * DAY_MS
  const parameters: RetentionParameters = {
    origins: 'inside',
    unusedDays: 90,
    confirmAbovePercent: 99,
    keepVersions: ['2.*'],
  }
  const id = await start(registry, 'enforce', parameters)
  const change = async () => {
    await noteUse(registry, 'team', 'used@1.0.0', registry.now)
    const address = { owner: account, domain }
    const hold = { address, pattern: '/npm//held$', version: '*', reason: 'why not', endsAt: undefined } as const
    await addHold(registry.parts, administrator, { ...hold, against: 'retention' })
    await deletePackage(registry.parts, administrator, addressOf(registry, 'team', 'gone'))
  }
  let changing: Promise<void> | undefined
  const report: RunnerParts['report'] = ({ state }) =>
    state === 'choosing' ? (changing ??= change()) : Promise.resolve()
  await doRuns({ ...runner(registry), report }, ['enforce'])
  const done = await findRun(registry.parts.metadata.db, id)
  assert.deepEqual([done?.figures.chosenVersions, done?.figures.removedVersions], [5, 2])
  assert.deepEqual(await registry.held('team', 'used'), ['1.0.0 Published INTERNAL team'])
  assert.deepEqual(await registry.held('team', 'held'), ['1.0.0 Published INTERNAL team'])
  assert.deepEqual(await registry.held('team', 'goes'), ['1.0.0 Disposed INTERNAL team'])
  assert.deepEqual((await registry.held('team', 'kept')).at(-1), '2.0.0 Published INTERNAL team')
})

testOnEachDatabase('a rule that has changed since removes nothing', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  await registry.publish('team', 'own', '1.0.0', 'own', [])
  await registry.publish('team', 'own', '2.0.0', 'own 2', [])
  registry.now += 100 * DAY_MS
  const id = await start(registry, 'enforce', { origins: 'inside', keepNewest: 1 })
  await doRuns(runner(registry, false), ['enforce'])
  const done = await findRun(registry.parts.metadata.db, id)
  assert.deepEqual([done?.state, done?.figures.removedVersions], ['failed', 0])
})

testOnEachDatabase('an interrupted run goes on where it was, in every step', async (_t, open) => {
  const registry = await open()
  await registry.setUp('team')
  const names = Array.from({ length: 30 }, (_, index) => `own-${String(index).padStart(2, '0')}`)
  for (const name of names)
    for (const version of ['1.0.0', '2.0.0']) await registry.publish('team', name, version, `${name} ${version}`, [])
  registry.now += 100 * DAY_MS
  const parameters: RetentionParameters = { origins: 'inside', keepNewest: 1 }
  const expected = (await run(registry, 'preview', parameters)).run.figures
  const id = await start(registry, 'enforce', parameters)
  let isOver = false
  for (let attempts = 1; !isOver; attempts++) {
    let reports = 0
    const report = async () => {
      reports += 1
      if (reports === attempts) throw new Error('interrupted')
    }
    isOver = await doRuns({ ...runner(registry), report }, ['enforce']).then(
      () => true,
      () => false,
    )
    assert.ok(attempts < 50)
  }
  const done = await findRun(registry.parts.metadata.db, id)
  assert.deepEqual(done?.figures, { ...expected, removedVersions: 30, freedBytes: expected.freeableBytes })
})

test('a package of any size is read in pieces', { timeout: 120_000 }, async (t) => {
  const { openRegistry } = await import('../../../test/support/registry.ts')
  const registry = await openRegistry(t)
  await registry.setUp('team')
  await registry.publish('team', 'own', '1.0.0', 'own', [])
  const { metadata } = registry.parts
  const [row] = await metadata.db.selectFrom('repository_versions').selectAll().execute()
  assert.ok(row)
  await metadata.write(async ({ tx }) => {
    for (let at = 0; at < 2_500; at++) {
      const more = { id: `more-${at}`, version: `2.0.${at}`, published_at: row.published_at + at + 1 }
      await tx
        .insertInto('repository_versions')
        .values({ ...row, ...more })
        .execute()
    }
  })
  registry.now += 100 * DAY_MS
  const { run: done } = await run(registry, 'preview', { origins: 'inside', keepNewest: 10 })
  assert.deepEqual([done.figures.lookedAtVersions, done.figures.chosenVersions], [2_501, 2_491])
})
