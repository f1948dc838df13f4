import assert from 'node:assert/strict'
import { testOnEachDatabase, type OpenRegistry } from '../../test/support/each-registry.ts'
import { administrator } from '../../test/support/registry.ts'
import { startUpstream } from '../../test/support/upstream.ts'
import type { TestContext } from 'node:test'
import { explainPackage } from '../registry/explain-package.ts'
import { HeldError } from '../registry/held.ts'
import { parseRepositoryName } from '../registry/names.ts'
import { getRequest, listDecisions, listRequests } from './approval-lists.ts'
import { revokeDecision } from './decide.ts'
import { address, decideOn, downloadOf, enforce, indexOf } from './governance.fixture.ts'
import { listFindings, listRules, listRuleVersions } from './rule-lists.ts'
import { deleteRule } from './rule-store.ts'

const DAY = 86_400_000
/** The clock of a test registry when it starts. */
const NOW = Date.UTC(2026, 0, 31)
const page = { size: 100 }

/** `web` reads through `store`, which has the external connection; outside are three versions of `tiny`, a day to a year old. */
async function openShop(t: TestContext, open: OpenRegistry) {
  const upstream = await startUpstream(t, {
    npm: [
      { name: 'tiny', version: '1.0.0', publishedAt: new Date(NOW - 365 * DAY) },
      { name: 'tiny', version: '1.1.0', publishedAt: new Date(NOW - 10 * DAY) },
      { name: 'tiny', version: '2.0.0', publishedAt: new Date(NOW - DAY) },
    ],
  })
  const registry = await open({ connections: { 'public:npmjs': upstream.url } })
  await registry.setUp('store+public:npmjs', 'web→store')
  return { upstream, registry }
}

testOnEachDatabase('a young version is hidden, and refused with the date until it is old enough', async (t, open) => {
  const { registry } = await openShop(t, open)
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 2.0.0 latest=2.0.0')
  await enforce(registry, 'minimum-age', { parameters: { days: 7 }, contact: 'security@acme.test' })

  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 latest=1.1.0')
  assert.equal(
    await downloadOf(registry, 'web', 'tiny', '2.0.0'),
    "tiny 2.0.0 is held by rule 'minimum-age' (minimum-age): published 2026-01-30T00:00:00Z, less than 7 days ago; " +
      'available on 2026-02-06T00:00:00Z; ask for approval: security@acme.test; applies to domain acme',
  )
  assert.deepEqual(await registry.held('store', 'tiny'), [], 'nothing of it was fetched')

  registry.now += 6 * DAY
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 2.0.0 latest=2.0.0')
  assert.equal(await downloadOf(registry, 'web', 'tiny', '2.0.0'), 'given')
})

testOnEachDatabase(
  'a version that is kept already is held as well, and given again when the rule goes',
  async (t, open) => {
    const { registry } = await openShop(t, open)
    assert.equal(await downloadOf(registry, 'web', 'tiny', '2.0.0'), 'given')
    await enforce(registry, 'minimum-age', { parameters: { duration: 'P7D' } })
    assert.match(await downloadOf(registry, 'web', 'tiny', '2.0.0'), /^tiny 2\.0\.0 is held by rule/)
    assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 latest=1.1.0')
    assert.deepEqual(
      (await listRules(registry.parts, address, page)).items.map(({ name, version }) => [name, version]),
      [['minimum-age', 1]],
    )
    await deleteRule(registry.parts, administrator, address, 'minimum-age')
    assert.equal(await downloadOf(registry, 'web', 'tiny', '2.0.0'), 'given')
    const { items } = await listRuleVersions(registry.parts, address, 'minimum-age', page)
    assert.deepEqual(
      items.map(({ change, version }) => `${change} ${version}`),
      ['deleted 1', 'created 1'],
    )
  },
)

testOnEachDatabase('what nobody has approved is refused, asked for, and given once it is approved', async (t, open) => {
  const { registry } = await openShop(t, open)
  await enforce(registry, 'approval', { name: 'outside', contact: '#packages' })
  const refused = "is held by rule 'outside' (approval): it has not been approved yet; ask for approval: #packages"
  assert.equal(await indexOf(registry, 'web', 'tiny'), `every version of tiny ${refused}; applies to domain acme`)
  assert.equal(await downloadOf(registry, 'web', 'tiny', '1.1.0'), `tiny 1.1.0 ${refused}; applies to domain acme`)
  await downloadOf(registry, 'web', 'tiny', '1.1.0')
  await registry.parts.gates.flush()
  const pending = await listRequests(registry.parts, address, 'pending', page)
  assert.deepEqual(
    pending.items
      .map((one) => [one.repository, one.version, one.count, one.askedBy])
      .sort((left, right) => Number(left[2]) - Number(right[2])),
    [
      ['web', '*', 1, [administrator.principal.arn]],
      ['web', '1.1.0', 2, [administrator.principal.arn]],
    ],
  )

  await decideOn(registry, 'tiny', '1.1.0', { comment: 'looked at' })
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.1.0 latest=1.1.0')
  assert.equal(await downloadOf(registry, 'web', 'tiny', '1.1.0'), 'given')
  assert.match(await downloadOf(registry, 'web', 'tiny', '2.0.0'), /not been approved/)
  assert.deepEqual((await listRequests(registry.parts, address, 'pending', page)).items, [])
  const [first] = (await listRequests(registry.parts, address, 'approved', page)).items
  const [decision] = (await listDecisions(registry.parts, address, page)).items
  assert.equal(decision?.comment, 'looked at')
  assert.deepEqual((await getRequest(registry.parts, address, first?.id ?? '')).decisionId, decision?.id)
})

testOnEachDatabase('a denial counts more than an approval of the package, and a range is compared', async (t, open) => {
  const { registry } = await openShop(t, open)
  await enforce(registry, 'approval')
  await decideOn(registry, 'tiny', '*')
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 2.0.0 latest=2.0.0')
  const denial = await decideOn(registry, 'tiny', '>=1.1.0 <2.0.0', { kind: 'denied', comment: 'steals tokens' })
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 2.0.0 latest=2.0.0')
  assert.equal(
    await downloadOf(registry, 'web', 'tiny', '1.1.0'),
    "tiny 1.1.0 is held by rule 'approval' (approval): denied 2026-01-31T00:00:00Z: steals tokens; applies to domain acme",
  )
  await revokeDecision(registry.parts, administrator, address, denial.id)
  assert.equal(await downloadOf(registry, 'web', 'tiny', '1.1.0'), 'given')
})

testOnEachDatabase('an approval ends when its time is over, though nothing else changes', async (t, open) => {
  const { registry } = await openShop(t, open)
  await enforce(registry, 'approval')
  await decideOn(registry, 'tiny', '*', { expiresAt: registry.now + DAY })
  assert.equal(await downloadOf(registry, 'web', 'tiny', '1.1.0'), 'given')
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 2.0.0 latest=2.0.0')
  registry.now += DAY
  assert.match(await downloadOf(registry, 'web', 'tiny', '1.1.0'), /not been approved/)
  assert.match(await indexOf(registry, 'web', 'tiny'), /^every version of tiny is held/)
})

testOnEachDatabase('a frozen repository sees what had been published at its date', async (t, open) => {
  const { registry } = await openShop(t, open)
  await registry.publish('web', 'mine', '1.0.0')
  await enforce(registry, 'freeze', { repository: 'web', parameters: { at: '2026-01-25' } })
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 latest=1.1.0')
  assert.match(
    await indexOf(registry, 'web', 'mine'),
    /published 2026-01-31T00:00:00Z, and everything stands still as of/,
  )
  await assert.rejects(registry.publish('web', 'mine', '1.1.0'), /stands still as of 2026-01-25T00:00:00Z/)
  assert.equal(await indexOf(registry, 'store', 'tiny'), '1.0.0 1.1.0 2.0.0 latest=2.0.0', 'others are not frozen')
})

testOnEachDatabase('what comes through a repository is held by its rules, and by those of groups', async (t, open) => {
  const { registry } = await openShop(t, open)
  await enforce(registry, 'minimum-age', { repository: 'store', parameters: { days: 7 } })
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 latest=1.1.0')
  await enforce(registry, 'minimum-age', { name: 'older', group: '/npm//tiny$', parameters: { days: 30 } })
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 latest=1.0.0')
  assert.match(
    await downloadOf(registry, 'web', 'tiny', '2.0.0'),
    /held by rule 'older' .*available on 2026-03-01T00:00:00Z; .*also held by 'minimum-age'/,
    'the one that holds longest speaks first',
  )
})

testOnEachDatabase('a broken glass lets a version pass every rule for its time', async (t, open) => {
  const { registry } = await openShop(t, open)
  await enforce(registry, 'freeze', { repository: 'web', parameters: { at: '2026-01-01' } })
  await enforce(registry, 'approval')
  await decideOn(registry, 'tiny', '2.0.0', { kind: 'denied' })
  const glass = { kind: 'break-glass', comment: 'the shop is down', expiresAt: registry.now + 3_600_000 }
  await assert.rejects(decideOn(registry, 'tiny', '2.0.0', { ...glass, comment: ' ' }), /^RegistryError: comment ' '/)
  await assert.rejects(
    decideOn(registry, 'tiny', '2.0.0', { ...glass, expiresAt: registry.now + 4 * DAY }),
    /expiresAt '2026-02-04T00:00:00Z' must be given, and 2026-02-03T00:00:00Z at the latest/,
  )
  await decideOn(registry, 'tiny', '2.0.0', glass)
  assert.equal(await downloadOf(registry, 'web', 'tiny', '2.0.0'), 'given')
  registry.now += 3_600_000
  assert.match(await downloadOf(registry, 'web', 'tiny', '2.0.0'), /^tiny 2\.0\.0 is held by rule/)
})

testOnEachDatabase('a rule in monitor mode holds nothing and counts what it would have held', async (t, open) => {
  const { registry } = await openShop(t, open)
  await enforce(registry, 'minimum-age', { mode: 'monitor', parameters: { days: 7 } })
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.1.0 2.0.0 latest=2.0.0')
  for (let round = 0; round < 3; round += 1) {
    assert.equal(await downloadOf(registry, 'web', 'tiny', '2.0.0'), 'given')
    registry.now += 3_600_000
  }
  await registry.parts.gates.flush()
  const { items } = await listFindings(registry.parts, address, 'minimum-age', page)
  assert.deepEqual(
    items.map(({ repository, version, count }) => [repository, version, count]),
    [['web', '2.0.0', 3]],
  )
  const events = await registry.parts.metadata.db.selectFrom('events').select('body').execute()
  const observed = events
    .map(({ body }) => JSON.parse(body))
    .filter((event) => event['detail-type'] === 'Packyard Rule Observed')
  assert.deepEqual(
    observed.map(({ detail }) => [detail.packageName, detail.packageVersion, detail.ruleName]),
    [['tiny', '2.0.0', 'minimum-age']],
  )
})

testOnEachDatabase('explain says of each version what holds it, and what only would', async (t, open) => {
  const { registry } = await openShop(t, open)
  await enforce(registry, 'minimum-age', { parameters: { days: 7 } })
  await enforce(registry, 'approval', { mode: 'monitor' })
  const question = {
    address: { ...address, repository: parseRepositoryName('web') },
    format: 'npm',
    name: 'tiny',
  } as const
  const whole = await explainPackage(registry.parts, { ...question, version: undefined })
  assert.equal(whole.governance.length, 4)
  const one = await explainPackage(registry.parts, { ...question, version: '2.0.0' })
  assert.match(
    one.governance.join('\n'),
    /^tiny 2\.0\.0 is held by rule 'minimum-age'.*\nin monitor mode: tiny 2\.0\.0 is held by rule 'approval'/,
  )
  assert.match(one.verdict ?? '', /^2\.0\.0 is not given: tiny 2\.0\.0 is held by rule/)
})

testOnEachDatabase(
  'a copy fetches nothing that is held, and what was copied is held where it is read',
  async (t, open) => {
    const { registry } = await openShop(t, open)
    const copy = (version: string) =>
      registry.sessions.copyVersions(administrator, {
        address: { ...address, repository: parseRepositoryName('store'), package: registry.parse('tiny') },
        source: parseRepositoryName('web'),
        versions: [version],
        revisions: undefined,
        onDifferent: 'refuse',
        lookIn: 'source and upstreams',
      })
    await enforce(registry, 'minimum-age', { parameters: { days: 7 } })
    await assert.rejects(copy('2.0.0'), HeldError)
    assert.deepEqual(await registry.held('store', 'tiny'), [])
    await copy('1.1.0')
    await enforce(registry, 'minimum-age', { parameters: { days: 30 } })
    assert.match(await downloadOf(registry, 'store', 'tiny', '1.1.0'), /less than 30 days ago/)
  },
)
