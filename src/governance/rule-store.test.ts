import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testOnEachDatabase } from '../../test/support/each-registry.ts'
import { openRegistry } from '../../test/support/registry.ts'
import { address, decideOn, enforce } from './governance.fixture.ts'
import { getRule } from './rule-lists.ts'

const broken: readonly (readonly [kind: string, parameters: Record<string, unknown>, message: string])[] = [
  ['minimum-age', { days: -1 }, "parameters.days '-1' must be a number of days from 0 to 3650"],
  ['minimum-age', { days: 'seven' }, "parameters.days 'seven' must be a number of days from 0 to 3650"],
  ['minimum-age', {}, "parameters '{}' must have one of days and duration for minimum-age"],
  ['minimum-age', { duration: 'P1M' }, `parameters.duration 'P1M' must be an ISO 8601 duration, as "P7D" or "PT36H"`],
  [
    'minimum-age',
    { day: 7 },
    "parameters.day '7' is no parameter of minimum-age: there are days, duration, origins, except",
  ],
  ['minimum-age', { days: 7, origins: 'mars' }, `parameters.origins 'mars' must be "outside" or "all"`],
  ['freeze', {}, 'parameters.at is required for freeze'],
  [
    'freeze',
    { at: '2026-13-01' },
    `parameters.at '2026-13-01' must be a date or a time in ISO 8601, as "2026-11-01" or "2026-11-01T12:00:00Z"`,
  ],
  [
    'approval',
    { default: 'maybe' },
    `parameters.default 'maybe' must be "hold", what is not approved, or "pass", what is not denied`,
  ],
  ['approval', { autoApprove: ['lodash'] }, `packageGroup 'lodash' must end with "$", "~" or "*"`],
  [
    'approval',
    { autoApprove: [7] },
    `parameters.autoApprove.0 '7' must be a pattern of package groups, as "/npm/acme/*"`,
  ],
]

test('a rule with a bad parameter is refused, with its name, its value and the rule', async (t) => {
  const registry = await openRegistry(t)
  await registry.setUp('web')
  for (const [kind, parameters, message] of broken) {
    await assert.rejects(enforce(registry, kind, { parameters }), { kind: 'invalid', message })
  }
  await assert.rejects(
    enforce(registry, 'magic'),
    /^RegistryError: kind 'magic' must be one of minimum-age, freeze, approval/,
  )
  const age = { parameters: { days: 7 } }
  await assert.rejects(
    enforce(registry, 'minimum-age', { ...age, mode: 'off' }),
    /mode 'off' must be one of monitor, enforce/,
  )
  await assert.rejects(enforce(registry, 'minimum-age', { ...age, name: 'No' }), /name 'No' must be 1 to 64 lower-case/)
  await assert.rejects(enforce(registry, 'minimum-age', { ...age, repository: 'nowhere' }), { kind: 'missing' })
  await assert.rejects(
    enforce(registry, 'minimum-age', { ...age, repository: 'web', group: '/*' }),
    /a rule has one scope/,
  )
  await assert.rejects(
    enforce(registry, 'minimum-age', { ...age, group: '/nmp/*' }),
    /packageGroup '\/nmp\/\*' must begin/,
  )
})

testOnEachDatabase('a rule is changed from the version that its author has seen', async (_t, open) => {
  const registry = await open()
  await registry.setUp('web')
  await enforce(registry, 'minimum-age', { parameters: { days: 7 }, expectedVersion: 0 })
  await enforce(registry, 'minimum-age', { parameters: { days: 9 }, expectedVersion: 1 })
  await assert.rejects(enforce(registry, 'minimum-age', { parameters: { days: 8 }, expectedVersion: 1 }), {
    kind: 'conflict',
    message: "rule 'minimum-age' has version 2, and expectedVersion is 1",
  })
  await assert.rejects(
    enforce(registry, 'freeze', { name: 'minimum-age', parameters: { at: '2026-01-01' } }),
    /must stay/,
  )
  const rule = await getRule(registry.parts, address, 'minimum-age')
  assert.deepEqual([rule.version, rule.parameters, rule.mode], [2, { days: 9 }, 'enforce'])
})

testOnEachDatabase('every change of a rule and every decision is an audit record and an event', async (_t, open) => {
  const registry = await open()
  await registry.setUp('web')
  await enforce(registry, 'approval', { repository: 'web' })
  await decideOn(registry, '@acme/tiny', '1.0.0', { kind: 'denied', comment: 'no' })
  const { db } = registry.parts.metadata
  const records = (await db.selectFrom('audit_records').select('body').orderBy('id').execute()).map(({ body }) =>
    JSON.parse(body),
  )
  const ours = records.filter(({ eventSource }) => eventSource === 'packyard.amazonaws.com')
  assert.deepEqual(
    ours.map(({ eventName, requestParameters }) => [
      eventName,
      requestParameters.ruleName ?? requestParameters.packageName,
    ]),
    [
      ['PutRule', 'approval'],
      ['DenyVersions', 'tiny'],
    ],
  )
  const events = (await db.selectFrom('events').select('body').orderBy('id').execute()).map(({ body }) =>
    JSON.parse(body),
  )
  assert.deepEqual(
    events.map((event) => [event['detail-type'], event.detail.operationType, event.resources[0]]),
    [
      ['Packyard Rule Change', 'PutRule', 'arn:aws:codeartifact:us-east-1:111122223333:domain/acme'],
      [
        'Packyard Approval Decision',
        'DenyVersions',
        'arn:aws:codeartifact:us-east-1:111122223333:package/acme/*/npm/acme/tiny',
      ],
    ],
  )
})
