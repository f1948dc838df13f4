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

import { all, ca, describe, type Expected, list, read, rootOf, userIn, vectors } from './vectors.fixture.ts'

const rows: readonly (readonly [string, Row, Expected])[] = [
  ...vectors,
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
