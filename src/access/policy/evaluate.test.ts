import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allow,
  allowTo,
  decide,
  deny,
  denyTo,
  domainArn,
  OTHER,
  OWNER,
  packageArn,
  repositoryArn,
  type Row,
  THIRD,
} from './rows.fixture.ts'

const ca = (action: string): string => `codeartifact:${action}`
const userIn = (account: string): string => `arn:aws:iam::${account}:user/alice`
const rootOf = (account: string): string => `arn:aws:iam::${account}:root`
const roleIn = (account: string): string => `arn:aws:iam::${account}:role/ci`
const sessionIn = (account: string): string => `arn:aws:sts::${account}:assumed-role/ci/run-1`

const describe = { action: ca('DescribeDomain'), resource: domainArn }
const list = { action: ca('ListPackages'), resource: repositoryArn, administrator: OTHER }
const read = { action: ca('ReadFromRepository'), resource: repositoryArn }
const putDomain = { action: ca('PutDomainPermissionsPolicy'), resource: domainArn }
const putRepository = { action: ca('PutRepositoryPermissionsPolicy'), resource: repositoryArn }
const bearer = { action: 'sts:GetServiceBearerToken', resource: '*' }
const all = allow('codeartifact:*')

/** `allow`, or why not: `deny by {kind}` for an explicit one, `no {kind}` for the want of an Allow. */
type Expected = 'allow' | `deny by ${string}` | `no ${string}`

/** The vectors of the specification, by their number, and more by letter. */
const rows: readonly (readonly [string, Row, Expected])[] = [
  ['1', { ...describe, identity: all }, 'allow'],
  ['2', { ...describe, domain: allowTo(userIn(OWNER), ca('*')) }, 'allow'],
  ['3', { ...describe, domain: allowTo(rootOf(OWNER), ca('*')) }, 'no identity'],
  ['4', { ...describe, account: OTHER, identity: all }, 'no resource'],
  ['5', { ...describe, account: OTHER, domain: allowTo(rootOf(OTHER), ca('*')) }, 'no identity'],
  ['6', { ...describe, account: OTHER, identity: all, domain: allowTo(rootOf(OTHER), ca('*')) }, 'allow'],
  ['7', { ...list, account: OTHER, identity: all }, 'allow'],
  ['8', { ...list, identity: all }, 'allow'],
  ['9', { ...list, account: THIRD, identity: all, domain: allowTo(THIRD, ca('*')) }, 'allow'],
  ['10', { ...list, account: THIRD, identity: all, repository: allowTo(THIRD, ca('*')) }, 'allow'],
  [
    '11',
    { ...list, account: THIRD, identity: all, domain: allowTo(THIRD, ca('*')), repository: denyTo('*', ca('*')) },
    'deny by resource',
  ],
  ['12', { ...putDomain, identity: all, domain: denyTo('*', ca('*')) }, 'allow'],
  [
    '13',
    { ...putRepository, identity: all, domain: denyTo('*', ca('PutRepositoryPermissionsPolicy')) },
    'deny by resource',
  ],
  ['14', { ...putRepository, identity: all, repository: denyTo('*', ca('*')) }, 'allow'],
  ['15', { ...putDomain, account: OTHER, identity: all, domain: allowTo(OTHER, ca('*')) }, 'no resource'],
  ['16', { action: ca('PublishPackageVersion'), resource: packageArn, identity: allow(ca('*'), packageArn) }, 'allow'],
  [
    '16b',
    {
      action: ca('PublishPackageVersion'),
      resource: packageArn.replace('/parity/', '//'),
      identity: allow(ca('*'), packageArn),
    },
    'no identity',
  ],
  ['17', { ...read, identity: allow(ca('*'), packageArn) }, 'no identity'],
  ['18', { ...describe, identity: all, boundary: allow('s3:*'), domain: allowTo(userIn(OWNER), ca('*')) }, 'allow'],
  [
    '19',
    {
      ...describe,
      kind: 'role-session',
      identity: all,
      boundary: allow('s3:*'),
      domain: allowTo(roleIn(OWNER), ca('*')),
    },
    'no boundary',
  ],
  ['20', { action: ca('ListDomains'), resource: '*', domain: allowTo('*', ca('*')) }, 'no identity'],
  [
    '22',
    {
      ...bearer,
      identity: allow('sts:*', '*', { Condition: { NumericEquals: { 'sts:DurationSeconds': 43200 } } }),
      context: { 'sts:durationseconds': '43200' },
    },
    'allow',
  ],
  [
    '22b',
    {
      ...bearer,
      identity: allow('sts:*', '*', { Condition: { NumericEquals: { 'sts:DurationSeconds': 43200 } } }),
      context: { 'sts:durationseconds': '3600' },
    },
    'no identity',
  ],
  [
    '23',
    {
      ...bearer,
      identity: allow('sts:*', '*', { Condition: { NumericLessThanEquals: { 'sts:DurationSeconds': 3600 } } }),
      context: { 'sts:durationseconds': '0' },
    },
    'allow',
  ],
  ['nothing at all', describe, 'no identity'],
  ['a Deny beside an Allow', { ...describe, identity: [all, deny(ca('DescribeDomain'))] }, 'deny by identity'],
  ['a Deny of another action', { ...describe, identity: [all, deny(ca('DeleteDomain'))] }, 'allow'],
  ['a Deny in the boundary', { ...describe, identity: all, boundary: [all, deny(ca('De*'))] }, 'deny by boundary'],
  ['a Deny in the session', { ...describe, identity: all, session: [all, deny(ca('De*'))] }, 'deny by session'],
  ['a boundary that allows', { ...describe, identity: all, boundary: all }, 'allow'],
  ['a boundary alone', { ...describe, boundary: all }, 'no identity'],
  ['a boundary of something else', { ...describe, identity: all, boundary: allow('s3:*') }, 'no boundary'],
  ['a session that allows', { ...describe, kind: 'role-session', identity: all, session: all }, 'allow'],
  ['a session alone', { ...describe, kind: 'role-session', session: all }, 'no identity'],
  [
    'a narrower session',
    { ...describe, kind: 'role-session', identity: all, session: allow(ca('List*')) },
    'no session',
  ],
  [
    'a session named itself is not limited',
    {
      ...describe,
      kind: 'role-session',
      session: allow('s3:*'),
      boundary: allow('s3:*'),
      domain: allowTo(sessionIn(OWNER), ca('*')),
    },
    'allow',
  ],
  [
    'a session by its role is limited by the session policy',
    { ...describe, kind: 'role-session', session: allow('s3:*'), domain: allowTo(roleIn(OWNER), ca('*')) },
    'no session',
  ],
  ['a session by its role', { ...describe, kind: 'role-session', domain: allowTo(roleIn(OWNER), ca('*')) }, 'allow'],
  ['everyone includes own users', { ...describe, domain: allowTo('*', ca('*')) }, 'allow'],
  [
    'everyone includes others only with identity',
    { ...describe, account: OTHER, domain: allowTo('*', ca('*')) },
    'no identity',
  ],
  ['everyone, with identity', { ...describe, account: OTHER, identity: all, domain: allowTo('*', ca('*')) }, 'allow'],
  ['a bare account id', { ...describe, account: OTHER, identity: all, domain: allowTo(OTHER, ca('*')) }, 'allow'],
  [
    'another account id',
    { ...describe, account: OTHER, identity: all, domain: allowTo(THIRD, ca('*')) },
    'no resource',
  ],
  ['another user', { ...describe, domain: allowTo(`arn:aws:iam::${OWNER}:user/bob`, ca('*')) }, 'no identity'],
  [
    'a foreign user by ARN',
    { ...describe, account: OTHER, identity: all, domain: allowTo(userIn(OTHER), ca('*')) },
    'allow',
  ],
  [
    'a foreign boundary',
    { ...describe, account: OTHER, identity: all, boundary: allow('s3:*'), domain: allowTo(userIn(OTHER), ca('*')) },
    'no boundary',
  ],
  [
    'a foreign session policy',
    {
      ...describe,
      account: OTHER,
      kind: 'role-session',
      identity: all,
      session: allow('s3:*'),
      domain: allowTo(sessionIn(OTHER), ca('*')),
    },
    'no session',
  ],
  ['root in the own account', { ...describe, kind: 'root' }, 'allow'],
  ['root with a Deny in the domain', { ...describe, kind: 'root', domain: denyTo('*', ca('*')) }, 'deny by resource'],
  ['root elsewhere', { ...describe, kind: 'root', account: OTHER }, 'no resource'],
  [
    'root elsewhere, invited',
    { ...describe, kind: 'root', account: OTHER, domain: allowTo(rootOf(OTHER), ca('*')) },
    'allow',
  ],
  ['root, actions without resource', { action: ca('CreateDomain'), resource: '*', kind: 'root' }, 'allow'],
  [
    'the administrator of a repository, package',
    { ...list, resource: packageArn, account: OTHER, identity: all },
    'allow',
  ],
  [
    'the administrator, resource policy alone',
    { ...list, account: OTHER, repository: allowTo(userIn(OTHER), ca('*')) },
    'no identity',
  ],
  [
    'the administrator has no say on the domain',
    { ...describe, administrator: OTHER, account: OTHER, identity: all },
    'no resource',
  ],
  ['a federated user', { ...describe, kind: 'federated-user', identity: all, session: all }, 'allow'],
  [
    'a federated user by ARN',
    { ...describe, kind: 'federated-user', domain: allowTo(`arn:aws:sts::${OWNER}:federated-user/bob`, ca('*')) },
    'allow',
  ],
  [
    'a domain policy opens repositories',
    { ...read, account: THIRD, identity: all, domain: allowTo(THIRD, ca('ReadFromRepository')) },
    'allow',
  ],
  [
    'a domain policy for one repository',
    { ...read, account: THIRD, identity: all, domain: allowTo(THIRD, ca('*'), repositoryArn) },
    'allow',
  ],
  [
    'a domain policy for another repository',
    { ...read, account: THIRD, identity: all, domain: allowTo(THIRD, ca('*'), `${repositoryArn}2`) },
    'no resource',
  ],
  [
    'a repository policy on the domain',
    { ...describe, account: THIRD, identity: all, repository: allowTo(THIRD, ca('*')) },
    'no resource',
  ],
  [
    'a repository policy for a package',
    { ...list, resource: packageArn, account: THIRD, identity: all, repository: allowTo(THIRD, ca('*'), packageArn) },
    'allow',
  ],
  [
    'NotResource in a domain policy, the one',
    {
      action: ca('DeleteRepository'),
      resource: repositoryArn,
      identity: all,
      domain: { Effect: 'Deny', Principal: '*', Action: ca('DeleteRepository'), NotResource: repositoryArn },
    },
    'allow',
  ],
  [
    'NotResource in a domain policy, another',
    {
      action: ca('DeleteRepository'),
      resource: `${repositoryArn}2`,
      identity: all,
      domain: { Effect: 'Deny', Principal: '*', Action: ca('DeleteRepository'), NotResource: repositoryArn },
    },
    'deny by resource',
  ],
  ['NotAction', { ...describe, identity: { Effect: 'Allow', NotAction: ca('Delete*'), Resource: '*' } }, 'allow'],
  [
    'NotAction, the action',
    { ...describe, action: ca('DeleteDomain'), identity: { Effect: 'Allow', NotAction: ca('Delete*'), Resource: '*' } },
    'no identity',
  ],
  [
    'NotAction in a Deny',
    { ...describe, identity: [all, { Effect: 'Deny', NotAction: ca('List*'), Resource: '*' }] },
    'deny by identity',
  ],
  [
    'NotPrincipal, somebody else',
    {
      ...describe,
      identity: all,
      domain: { Effect: 'Deny', NotPrincipal: { AWS: userIn(THIRD) }, Action: '*', Resource: '*' },
    },
    'deny by resource',
  ],
  [
    'NotPrincipal, the one',
    {
      ...describe,
      identity: all,
      domain: { Effect: 'Deny', NotPrincipal: { AWS: userIn(OWNER) }, Action: '*', Resource: '*' },
    },
    'allow',
  ],
  [
    'NotPrincipal, the account',
    {
      ...describe,
      identity: all,
      domain: { Effect: 'Deny', NotPrincipal: { AWS: OWNER }, Action: '*', Resource: '*' },
    },
    'allow',
  ],
  [
    'NotPrincipal never excepts a boundary',
    {
      ...describe,
      identity: all,
      boundary: all,
      domain: { Effect: 'Deny', NotPrincipal: { AWS: userIn(OWNER) }, Action: '*', Resource: '*' },
    },
    'deny by resource',
  ],
  [
    'NotPrincipal in an Allow',
    { ...describe, domain: { Effect: 'Allow', NotPrincipal: { AWS: userIn(THIRD) }, Action: '*', Resource: '*' } },
    'allow',
  ],
  [
    'CreateRepository on the domain',
    { action: ca('CreateRepository'), resource: repositoryArn, identity: allow(ca('CreateRepository'), domainArn) },
    'allow',
  ],
  [
    'CreateRepository on the repository',
    { action: ca('CreateRepository'), resource: repositoryArn, identity: allow(ca('CreateRepository'), repositoryArn) },
    'allow',
  ],
  [
    'CreateRepository on everything',
    { action: ca('CreateRepository'), resource: repositoryArn, identity: allow(ca('CreateRepository')) },
    'allow',
  ],
  [
    'CreateRepository elsewhere',
    {
      action: ca('CreateRepository'),
      resource: repositoryArn,
      identity: allow(ca('CreateRepository'), `${domainArn}x`),
    },
    'no identity',
  ],
  [
    'CreateRepository denied on the domain',
    { action: ca('CreateRepository'), resource: repositoryArn, identity: [all, deny(ca('*'), domainArn)] },
    'deny by identity',
  ],
  [
    'CreateRepository by domain policy',
    {
      action: ca('CreateRepository'),
      resource: repositoryArn,
      account: THIRD,
      identity: all,
      domain: allowTo(THIRD, ca('CreateRepository'), domainArn),
    },
    'allow',
  ],
  [
    'CreatePackageGroup on the domain',
    {
      action: ca('CreatePackageGroup'),
      resource: `arn:aws:codeartifact:us-east-1:${OWNER}:package-group/d/npm/%2a`,
      identity: allow(ca('*'), domainArn),
    },
    'allow',
  ],
  [
    'a package group by domain policy',
    {
      action: ca('DescribePackageGroup'),
      resource: `arn:aws:codeartifact:us-east-1:${OWNER}:package-group/d/npm/%2a`,
      account: THIRD,
      identity: all,
      domain: allowTo(THIRD, ca('*')),
    },
    'allow',
  ],
  ['ListDomains on everything', { action: ca('ListDomains'), resource: '*', identity: all }, 'allow'],
  [
    'ListDomains on some',
    {
      action: ca('ListDomains'),
      resource: '*',
      identity: allow(ca('ListDomains'), `arn:aws:codeartifact:us-east-1:${OWNER}:domain/my*`),
    },
    'allow',
  ],
  [
    'ListDomains on all domains',
    {
      action: ca('ListDomains'),
      resource: '*',
      identity: allow(ca('ListDomains'), 'arn:aws:codeartifact:*:*:domain/*'),
    },
    'allow',
  ],
  [
    'ListDomains on repositories',
    {
      action: ca('ListDomains'),
      resource: '*',
      identity: allow(ca('ListDomains'), 'arn:aws:codeartifact:*:*:repository/*'),
    },
    'no identity',
  ],
  [
    'ListDomains of another account',
    {
      action: ca('ListDomains'),
      resource: '*',
      identity: allow(ca('ListDomains'), `arn:aws:codeartifact:us-east-1:${THIRD}:domain/*`),
    },
    'no identity',
  ],
  [
    'ListDomains denied on some',
    { action: ca('ListDomains'), resource: '*', identity: [all, deny(ca('*'), `${domainArn}*`)] },
    'allow',
  ],
  [
    'ListRepositories on some',
    {
      action: ca('ListRepositories'),
      resource: '*',
      identity: allow(ca('List*'), 'arn:aws:codeartifact:us-east-1:*:repository/d/*'),
    },
    'allow',
  ],
  [
    'CreateDomain needs the star',
    { action: ca('CreateDomain'), resource: '*', identity: allow(ca('CreateDomain'), domainArn) },
    'no identity',
  ],
  [
    'an IAM resource of the own account',
    { action: 'iam:GetUser', resource: userIn(OWNER), identity: allow('iam:*') },
    'allow',
  ],
  [
    'an IAM resource of another account',
    { action: 'iam:GetUser', resource: userIn(OTHER), identity: allow('iam:*') },
    'no resource',
  ],
  [
    'a user variable',
    {
      action: 'iam:GetUser',
      resource: userIn(OWNER),
      identity: allow('iam:*', `arn:aws:iam::*:user/\${aws:username}`),
      context: { 'aws:username': 'alice' },
    },
    'allow',
  ],
  [
    'a user variable of somebody else',
    {
      action: 'iam:GetUser',
      resource: userIn(OWNER),
      identity: allow('iam:*', `arn:aws:iam::*:user/\${aws:username}`),
      context: { 'aws:username': 'bob' },
    },
    'no identity',
  ],
  [
    'a variable without value in an Allow',
    {
      action: 'iam:GetUser',
      resource: userIn(OWNER),
      identity: allow('iam:*', `arn:aws:iam::*:user/\${aws:username}`),
    },
    'no identity',
  ],
  [
    'a variable without value in a Deny',
    {
      action: 'iam:GetUser',
      resource: userIn(OWNER),
      identity: [allow('iam:*'), deny('iam:*', `arn:aws:iam::*:user/\${aws:username}`)],
    },
    'allow',
  ],
  [
    'a variable with a default',
    {
      action: 'iam:GetUser',
      resource: userIn(OWNER),
      identity: allow('iam:*', `arn:aws:iam::*:user/\${aws:username, 'alice'}`),
    },
    'allow',
  ],
  [
    'a wildcard in a value is text',
    {
      action: 'iam:GetUser',
      resource: userIn(OWNER),
      identity: allow('iam:*', `arn:aws:iam::*:user/\${aws:username}`),
      context: { 'aws:username': '*' },
    },
    'no identity',
  ],
]

for (const [title, row, expected] of rows) {
  test(`Vector ${title}: ${expected}`, () => {
    const { outcome, by } = decide(row)
    const shown = outcome === 'allow' ? 'allow' : outcome === 'explicit deny' ? `deny by ${by}` : `no ${by}`
    assert.equal(shown, expected)
  })
}

test('A decision names the statement that made it', () => {
  const identity = [allow(ca('List*')), { ...allow(ca('Describe*')), Sid: 'Look' }]
  assert.deepEqual(decide({ ...describe, identity }).statement, { policy: 'id', index: 1, sid: 'Look' })
  const denied = decide({ ...describe, identity: all, domain: [denyTo('*', ca('*'))] })
  assert.deepEqual(denied.statement, { policy: 'dom', index: 0, sid: undefined })
  assert.equal(decide(describe).statement, undefined)
})
