import { test } from 'node:test'
import fc from 'fast-check'
import { PolicyDocumentError } from './document.ts'
import { parsePolicyDocument } from './parse-document.ts'
import { decide, domainArn, OTHER, OWNER, packageArn, repositoryArn, type Row } from './rows.fixture.ts'

const actions = ['DescribeDomain', 'ReadFromRepository', 'PublishPackageVersion', 'ListDomains', 'CreateRepository']
const action = fc.constantFrom(...actions.map((name) => `codeartifact:${name}`))
const actionPattern = fc.oneof(action, fc.constantFrom('*', 'codeartifact:*', 'codeartifact:*e*', 's3:*'))
const resource = fc.constantFrom(domainArn, repositoryArn, packageArn)
const resourcePattern = fc.oneof(resource, fc.constantFrom('*', 'arn:aws:codeartifact:*', `${repositoryArn}*`))
const condition = fc.constantFrom(
  undefined,
  { StringEquals: { k: 'v' } },
  { StringNotEquals: { k: 'v' } },
  { 'ForAllValues:StringLike': { k: 'v*' } },
  { Null: { k: 'true' } },
)
const principal = fc.constantFrom(
  '*',
  { AWS: OWNER },
  { AWS: OTHER },
  { AWS: `arn:aws:iam::${OWNER}:user/alice` },
  { AWS: `arn:aws:iam::${OWNER}:role/ci` },
)

const effect = fc.constantFrom('Allow', 'Deny')
const statement = fc
  .record({ effect, actionPattern, resourcePattern, condition, negatesAction: fc.boolean() })
  .map((draft) => ({
    Effect: draft.effect,
    [draft.negatesAction ? 'NotAction' : 'Action']: draft.actionPattern,
    Resource: draft.resourcePattern,
    ...(draft.condition === undefined ? {} : { Condition: draft.condition }),
  }))
const grant = fc.array(statement, { minLength: 1, maxLength: 5 })
/** As in domain and repository policies, where nothing but CodeArtifact's actions may stand. */
const resourceGrant = fc.array(
  fc.record({ Effect: effect, Action: action, Resource: resourcePattern, Principal: principal }),
  { minLength: 1, maxLength: 5 },
)

const row: fc.Arbitrary<Row> = fc.record(
  {
    action,
    resource,
    account: fc.constantFrom(OWNER, OTHER),
    kind: fc.constantFrom('user', 'role-session'),
    identity: grant,
    boundary: grant,
    session: grant,
    domain: resourceGrant,
    repository: resourceGrant,
    administrator: fc.constantFrom(OWNER, OTHER),
    context: fc.record({ k: fc.constantFrom('v', 'w') }, { requiredKeys: [] }),
  },
  { requiredKeys: ['action', 'resource', 'account', 'kind'] },
)

const isAllowed = (asked: Row): boolean => decide(asked).outcome === 'allow'

test('A further Deny, in whichever policy, never allows anything', () => {
  const where = fc.constantFrom('identity', 'boundary', 'session', 'domain', 'repository')
  fc.assert(
    fc.property(row, where, statement, (asked, place, draft) => {
      const isResource = place === 'domain' || place === 'repository'
      const denial = isResource
        ? { Effect: 'Deny', Action: 'codeartifact:*', Resource: '*', Principal: '*' }
        : { ...draft, Effect: 'Deny' }
      const present = (asked[place] ?? []) as readonly object[]
      if (present.length === 0 && !isResource && place !== 'identity') return
      if (isAllowed({ ...asked, [place]: [...present, denial] }) && !isAllowed(asked)) throw new Error('it allowed')
    }),
    { numRuns: 500 },
  )
})

test('The order of statements changes nothing', () => {
  fc.assert(
    fc.property(row, (asked) => {
      const turned = Object.fromEntries(
        Object.entries(asked).map(([name, value]) => [name, Array.isArray(value) ? value.toReversed() : value]),
      ) as unknown as Row
      const [before, after] = [decide(asked), decide(turned)]
      if (before.outcome !== after.outcome || before.by !== after.by) throw new Error('the order mattered')
    }),
    { numRuns: 500 },
  )
})

test('A session policy never widens what the session could do without it', () => {
  fc.assert(
    fc.property(row, grant, (asked, session) => {
      const { session: _without, ...unnarrowed } = asked
      if (isAllowed({ ...asked, session }) && !isAllowed(unnarrowed)) throw new Error('it widened')
    }),
    { numRuns: 500 },
  )
})

test('A boundary never widens what its bearer could do without it', () => {
  fc.assert(
    fc.property(row, grant, (asked, boundary) => {
      const { boundary: _without, ...unlimited } = asked
      if (isAllowed({ ...asked, boundary }) && !isAllowed(unlimited)) throw new Error('it widened')
    }),
    { numRuns: 500 },
  )
})

test('Any text at all is a policy or a policy error', () => {
  const parts = fc.constantFrom(
    '{',
    '}',
    '"Statement"',
    ':',
    '[',
    ']',
    ',',
    '"Effect"',
    '"Allow"',
    '"*"',
    ' ',
    '\\',
    '1',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(parts).map((list) => list.join('')),
    fc.json(),
  )
  fc.assert(
    fc.property(text, (document) => {
      try {
        parsePolicyDocument(document, 'resource')
      } catch (error) {
        if (!(error instanceof PolicyDocumentError)) throw error
      }
    }),
    { numRuns: 1000 },
  )
})
