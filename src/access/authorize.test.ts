import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainArn, packageArn, repositoryArn } from './arns.ts'
import { AccessDeniedError, createAuthorizer } from './authorize.ts'
import type { Caller } from './principal.ts'

const context = { partition: 'aws', region: 'eu-west-3' }
const own = { owner: '111122223333', name: 'acme' }
const authorizer = createAuthorizer()

function caller(isAdministrator: boolean): Caller {
  const principal = {
    kind: 'user' as const,
    accountId: '111122223333',
    arn: 'arn:aws:iam::111122223333:user/alice',
    principalId: 'AIDAAAAAAAAAAAAAAAAAA',
    userName: 'alice',
    accessKeyId: 'AKIAAAAAAAAAAAAAAAAA',
    isAdministrator,
  }
  return { principal, requestId: 'id', remoteAddress: '', userAgent: '' }
}

test('An administrator may do everything in the own account', () => {
  const name = { format: 'npm', namespace: '', name: 'react' }
  const resources = [
    '*',
    domainArn(context, own),
    repositoryArn(context, own, 'main'),
    packageArn(context, own, 'main', name),
  ]
  for (const resource of resources) authorizer.authorize(caller(true), 'codeartifact:ReadFromRepository', resource)
  assert.equal(resources[3], 'arn:aws:codeartifact:eu-west-3:111122223333:package/acme/main/npm//react')
})

test('An administrator may do nothing in an account that only looks like the own one', () => {
  const resources = [
    domainArn(context, { owner: '444455556666', name: 'acme' }),
    domainArn(context, { owner: '444455556666', name: 'acme:111122223333:x' }),
    '',
    'arn:aws:codeartifact:eu-west-3',
    '111122223333',
  ]
  for (const resource of resources) {
    assert.throws(() => authorizer.authorize(caller(true), 'codeartifact:DescribeDomain', resource), AccessDeniedError)
  }
})

test("Anybody else may do nothing, and is told so in the service's words", () => {
  assert.throws(
    () => authorizer.authorize(caller(false), 'codeartifact:DescribeDomain', domainArn(context, own)),
    (error) => {
      assert.ok(error instanceof AccessDeniedError)
      assert.equal(
        error.message,
        'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: codeartifact:DescribeDomain on ' +
          'resource: arn:aws:codeartifact:eu-west-3:111122223333:domain/acme because no identity-based policy allows ' +
          'the codeartifact:DescribeDomain action',
      )
      return true
    },
  )
  assert.throws(() => authorizer.authorize(caller(false), 'sts:GetServiceBearerToken', '*'), AccessDeniedError)
})
