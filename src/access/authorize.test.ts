import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { administratorGrants, grantsOf, noGrants } from '../../test/support/grants.ts'
import { startIdentity } from '../../test/support/identity.ts'
import { policyScope } from '../storage/metadata/scopes.ts'
import { domainArn, packageArn, repositoryArn } from './arns.ts'
import { AccessDeniedError, createAuthorizer } from './authorize.ts'
import type { Caller, Grants } from './principal.ts'

const context = { partition: 'aws', region: 'eu-west-3' }
const own = { owner: '111122223333', name: 'acme' }
const anywhere = domainArn(context, own)

function callerWith(grants: Grants, more: Partial<Caller> & Partial<Caller['principal']> = {}): Caller {
  const { kind = 'user', accountId = own.owner, tags = new Map() } = more
  const principal = {
    kind,
    accountId,
    arn: kind === 'root' ? `arn:aws:iam::${accountId}:root` : `arn:aws:iam::${accountId}:user/alice`,
    principalId: more.principalId ?? 'AIDAAAAAAAAAAAAAAAAAA',
    userName: 'alice',
    accessKeyId: 'AKIAAAAAAAAAAAAAAAAA',
    roleArn: undefined,
    tags,
    grants,
    session: undefined,
  }
  return { principal, requestId: 'id', remoteAddress: more.remoteAddress ?? '', userAgent: '', isSecure: false }
}

async function startAuthorizer(t: TestContext, organizationId?: string) {
  const { metadata, time } = await startIdentity(t)
  const authorizer = createAuthorizer({ metadata, arns: context, organizationId, clock: () => time.now })
  await metadata.write(async ({ tx }) => {
    const domain = { id: 'd', owner: own.owner, name: own.name, encryption_key: '', created_at: 0 }
    await tx
      .insertInto('domains')
      .values({ ...domain, asset_size_bytes: 0, repository_count: 0 })
      .execute()
  })
  const decide = async (caller: Caller, action: string, resource: string) => {
    await authorizer.prepare(resource)
    return authorizer.decide(caller, action, resource).outcome
  }
  /** As PutDomainPermissionsPolicy does. */
  const putPolicy = (statement: object, principals: object = {}) =>
    metadata.write(async ({ tx, touch }) => {
      const document = JSON.stringify({ Version: '2012-10-17', Statement: statement })
      await tx.deleteFrom('resource_policies').execute()
      const row = { resource_id: 'd', document, revision: 'r', principals: JSON.stringify(principals), updated_at: 0 }
      await tx.insertInto('resource_policies').values(row).execute()
      touch(policyScope(own.owner, own.name))
    })
  return { authorizer, decide, putPolicy, metadata, time }
}

test('An administrator may do everything in the own account', async (t) => {
  const { authorizer } = await startAuthorizer(t)
  const name = { format: 'npm', namespace: '', name: 'react' }
  const resources = ['*', anywhere, repositoryArn(context, own, 'main'), packageArn(context, own, 'main', name)]
  for (const resource of resources) {
    await authorizer.prepare(resource)
    authorizer.authorize(callerWith(administratorGrants), 'codeartifact:ReadFromRepository', resource)
  }
  assert.equal(resources[3], 'arn:aws:codeartifact:eu-west-3:111122223333:package/acme/main/npm//react')
})

test('An administrator may do nothing in an account that only looks like the own one', async (t) => {
  const { authorizer } = await startAuthorizer(t)
  const resources = [
    domainArn(context, { owner: '444455556666', name: 'acme' }),
    domainArn(context, { owner: '444455556666', name: 'acme:111122223333:x' }),
  ]
  for (const resource of resources) {
    await authorizer.prepare(resource)
    const caller = callerWith(administratorGrants)
    assert.throws(() => authorizer.authorize(caller, 'codeartifact:DescribeDomain', resource), AccessDeniedError)
  }
})

test("Who may not is told so in the service's words, by the kind of policy that decided", async (t) => {
  const { authorizer, putPolicy } = await startAuthorizer(t)
  const subject =
    'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: codeartifact:DescribeDomain '
  const where = 'on resource: arn:aws:codeartifact:eu-west-3:111122223333:domain/acme '
  const refuses = async (grants: Grants, reason: string, more = {}) => {
    await authorizer.prepare(anywhere)
    const action = 'codeartifact:DescribeDomain'
    assert.throws(
      () => authorizer.authorize(callerWith(grants, more), action, anywhere),
      (error) => error instanceof AccessDeniedError && error.message.endsWith(where + reason),
    )
  }
  const because = (kind: string) => `because no ${kind} allows the codeartifact:DescribeDomain action`
  const [other] = grantsOf({ Effect: 'Allow', Action: 's3:*', Resource: '*' }).identity
  assert.ok(other)
  assert.throws(
    () => authorizer.authorize(callerWith(noGrants), 'codeartifact:DescribeDomain', '*'),
    (error) => error instanceof AccessDeniedError && error.message.startsWith(subject),
  )
  await refuses(noGrants, because('identity-based policy'))
  await refuses({ ...administratorGrants, boundary: other }, because('permissions boundary'))
  await refuses({ ...administratorGrants, session: [other] }, because('session policy'))
  await refuses(administratorGrants, because('resource-based policy'), { accountId: '444455556666' })
  await refuses(
    grantsOf({ Effect: 'Deny', Action: '*', Resource: '*' }),
    'with an explicit deny in an identity-based policy',
  )
  await putPolicy({ Effect: 'Deny', Principal: '*', Action: 'codeartifact:*', Resource: '*' })
  await refuses(administratorGrants, 'with an explicit deny in a resource-based policy')
})

test('A changed policy counts from the next request on, and what has not changed is at hand', async (t) => {
  const { authorizer, decide, putPolicy } = await startAuthorizer(t)
  const caller = callerWith(administratorGrants)
  assert.equal(await decide(caller, 'codeartifact:DeleteDomain', anywhere), 'allow')
  assert.equal(authorizer.prepare(anywhere), undefined)
  await putPolicy({ Effect: 'Deny', Principal: '*', Action: 'codeartifact:DeleteDomain', Resource: '*' })
  assert.notEqual(authorizer.prepare(anywhere), undefined)
  assert.equal(await decide(caller, 'codeartifact:DeleteDomain', anywhere), 'explicit deny')
  assert.equal(await decide(caller, 'codeartifact:DescribeDomain', anywhere), 'allow')
})

test('A decision that looked at the request itself is made again for the next request', async (t) => {
  const { decide, time } = await startAuthorizer(t)
  const byAddress = grantsOf({
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
  })
  const action = 'codeartifact:DescribeDomain'
  assert.equal(await decide(callerWith(byAddress, { remoteAddress: '203.0.113.9' }), action, anywhere), 'allow')
  assert.equal(
    await decide(callerWith(byAddress, { remoteAddress: '198.51.100.1' }), action, anywhere),
    'implicit deny',
  )
  const until = new Date(time.now + 1000).toISOString()
  const byTime = callerWith(
    grantsOf({
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'aws:CurrentTime': until } },
    }),
  )
  assert.equal(await decide(byTime, action, anywhere), 'allow')
  time.now += 2000
  assert.equal(await decide(byTime, action, anywhere), 'implicit deny')
})

test('Tags of principals and resources decide, whatever case their keys have', async (t) => {
  const { decide, metadata } = await startAuthorizer(t)
  const sameTeam = grantsOf({
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition: { StringEquals: { 'aws:ResourceTag/Team': '${aws:PrincipalTag/team}' } },
  })
  const caller = callerWith(sameTeam, { tags: new Map([['team', 'blue']]) })
  assert.equal(await decide(caller, 'codeartifact:DescribeDomain', anywhere), 'implicit deny')
  await metadata.write(async ({ tx, touch }) => {
    await tx.insertInto('resource_tags').values({ resource_id: 'd', key: 'TEAM', value: 'blue' }).execute()
    touch(policyScope(own.owner, own.name))
  })
  assert.equal(await decide(caller, 'codeartifact:DescribeDomain', anywhere), 'allow')
})

test('An organization is that of the installation, or a key that no request has', async (t) => {
  const share = (operator: string) => ({
    Effect: 'Allow',
    Principal: '*',
    Action: 'codeartifact:*',
    Resource: '*',
    Condition: { [operator]: { 'aws:PrincipalOrgID': 'o-aaaaaaaaaa' } },
  })
  const outcomes = async (organizationId?: string) => {
    const { decide, putPolicy } = await startAuthorizer(t, organizationId)
    const foreign = callerWith(administratorGrants, { accountId: '444455556666' })
    const all: string[] = []
    for (const operator of ['StringEquals', 'StringNotEquals', 'StringEqualsIfExists']) {
      await putPolicy(share(operator))
      all.push(await decide(foreign, 'codeartifact:DescribeDomain', anywhere))
    }
    return all
  }
  assert.deepEqual(await outcomes('o-aaaaaaaaaa'), ['allow', 'implicit deny', 'allow'])
  assert.deepEqual(await outcomes('o-bbbbbbbbbb'), ['implicit deny', 'allow', 'implicit deny'])
  assert.deepEqual(await outcomes(), ['implicit deny', 'allow', 'allow'])
})

test('The root user may do everything in the account but hold package tokens', async (t) => {
  const { decide } = await startAuthorizer(t)
  const root = callerWith(noGrants, { kind: 'root' })
  assert.equal(await decide(root, 'codeartifact:DeleteDomain', anywhere), 'allow')
  assert.equal(await decide(root, 'codeartifact:GetAuthorizationToken', anywhere), 'explicit deny')
})

test('A policy that named a user does not mean a later user of the same name', async (t) => {
  const { decide, putPolicy } = await startAuthorizer(t)
  const arn = 'arn:aws:iam::111122223333:user/alice'
  const statement = { Effect: 'Allow', Principal: { AWS: arn }, Action: 'codeartifact:*', Resource: '*' }
  await putPolicy(statement, { [arn]: 'AIDAAAAAAAAAAAAAAAAAA' })
  assert.equal(await decide(callerWith(noGrants), 'codeartifact:DescribeDomain', anywhere), 'allow')
  const later = callerWith({ ...noGrants }, { principalId: 'AIDABBBBBBBBBBBBBBBBB' })
  assert.equal(await decide(later, 'codeartifact:DescribeDomain', anywhere), 'implicit deny')
})

test('A domain policy can deny the bearer token, and cannot grant it', async (t) => {
  const { authorizer, putPolicy } = await startAuthorizer(t)
  const decideBearer = async (grants: Grants) => {
    await authorizer.prepare(anywhere)
    const options = { keys: { 'sts:durationseconds': '0' }, within: anywhere }
    return authorizer.decide(callerWith(grants), 'sts:GetServiceBearerToken', '*', options).outcome
  }
  const bearer = { Principal: '*', Action: 'sts:GetServiceBearerToken', Resource: '*' }
  await putPolicy({ ...bearer, Effect: 'Allow' })
  assert.equal(await decideBearer(noGrants), 'implicit deny')
  assert.equal(await decideBearer(administratorGrants), 'allow')
  await putPolicy({ ...bearer, Effect: 'Deny' })
  assert.equal(await decideBearer(administratorGrants), 'explicit deny')
})

test('A resource that nobody prepared is a mistake of ours, and never allowed', async (t) => {
  const { authorizer } = await startAuthorizer(t)
  const caller = callerWith(administratorGrants)
  assert.throws(() => authorizer.authorize(caller, 'codeartifact:DescribeDomain', anywhere), /was not prepared/)
})
