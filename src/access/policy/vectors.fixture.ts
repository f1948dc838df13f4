import {
  allow,
  allowTo,
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

export const ca = (action: string): string => `codeartifact:${action}`
export const userIn = (account: string): string => `arn:aws:iam::${account}:user/alice`
export const rootOf = (account: string): string => `arn:aws:iam::${account}:root`
const roleIn = (account: string): string => `arn:aws:iam::${account}:role/ci`
const sessionIn = (account: string): string => `arn:aws:sts::${account}:assumed-role/ci/run-1`

export const describe = { action: ca('DescribeDomain'), resource: domainArn }
export const list = { action: ca('ListPackages'), resource: repositoryArn, administrator: OTHER }
export const read = { action: ca('ReadFromRepository'), resource: repositoryArn }
const putDomain = { action: ca('PutDomainPermissionsPolicy'), resource: domainArn }
const putRepository = { action: ca('PutRepositoryPermissionsPolicy'), resource: repositoryArn }
const bearer = { action: 'sts:GetServiceBearerToken', resource: '*' }
export const all = allow('codeartifact:*')

/** `allow`, or why not: `deny by {kind}` for an explicit one, `no {kind}` for the want of an Allow. */
export type Expected = 'allow' | `deny by ${string}` | `no ${string}`

/** The vectors of the specification, by their number, and more by letter. */
export const vectors: readonly (readonly [string, Row, Expected])[] = [
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
]
