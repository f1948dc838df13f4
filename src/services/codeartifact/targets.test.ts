import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName, parseRepositoryName } from '../../registry/names.ts'
import type { TargetScope } from './operation.ts'
import { taggedTarget } from './tagged-target.ts'
import { domainTarget, packageGroupTarget, packageTarget } from './targets.ts'

/** All that targets look at. */
const scope = {
  registry: { arns: { partition: 'aws', region: 'eu-west-1' }, formats: new Map() },
  caller: { principal: { accountId: '111122223333' } },
} as unknown as TargetScope

const domain = parseDomainName('acme')
const arn = (resource: string, account = '111122223333') => `arn:aws:codeartifact:eu-west-1:${account}:${resource}`

test('without an owner, the account of the caller is meant', () => {
  assert.equal(domainTarget({ domain }, scope).resource, arn('domain/acme'))
})

test('the place of the namespace stays empty in the ARN of a package that has none', () => {
  const names = { domain, repository: parseRepositoryName('main'), format: 'npm', package: 'react' } as const
  assert.equal(packageTarget(names, scope).resource, arn('package/acme/main/npm//react'))
})

const groups: readonly [pattern: string, resource: string][] = [
  ['/*', 'package-group/acme/%2a'],
  ['/npm//x$', 'package-group/acme/npm//x%24'],
  ['/npm/space/foo~', 'package-group/acme/npm/space/foo~'],
  ['/npm//100%é', 'package-group/acme/npm//100%25%c3%a9'],
]
for (const [packageGroup, resource] of groups) {
  test(`the ARN of the package group ${packageGroup} ends with ${resource}`, () => {
    assert.equal(packageGroupTarget({ domain, packageGroup }, scope).resource, arn(resource))
  })
}

test('an ARN names a domain, a repository or a group by its own account field', () => {
  const owned = { owner: '444455556666', domain: 'acme' }
  const of = (resource: string) => taggedTarget({ resourceArn: arn(resource, '444455556666') }, scope).address
  assert.deepEqual(of('domain/acme'), owned)
  assert.deepEqual(of('repository/acme/main'), { ...owned, repository: 'main' })
  assert.deepEqual(of('package-group/acme/npm/%2a'), { ...owned, pattern: '/npm/*' })
  assert.deepEqual(of('package-group/acme/npm//x%24'), { ...owned, pattern: '/npm//x$' })
})

const refused = [
  'acme',
  arn('domain/Acme'),
  arn('domain/acme/more'),
  arn('repository/acme'),
  arn('repository/acme/main/more'),
  arn('package/acme/main/npm//react'),
  arn('domain/acme', '12'),
  'arn:aws:s3:eu-west-1:111122223333:domain/acme',
]
for (const resourceArn of refused) {
  test(`${resourceArn} is refused as the ARN of something with tags`, () => {
    assert.throws(() => taggedTarget({ resourceArn }, scope), { kind: 'invalid' })
  })
}

test('what another region has is not here', () => {
  const resourceArn = arn('domain/acme').replace('eu-west-1', 'us-east-1')
  assert.throws(() => taggedTarget({ resourceArn }, scope), { kind: 'missing' })
})
