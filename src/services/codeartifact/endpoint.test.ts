import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAccountId, parseDomainName, parseRepositoryName } from '../../registry/names.ts'
import { repositoryEndpoint } from './endpoint.ts'

const address = {
  owner: parseAccountId('111122223333'),
  domain: parseDomainName('my-team'),
  repository: parseRepositoryName('main'),
}
const origin = 'http://127.0.0.1:8686'

test('without settings, the endpoint is a path below the address that the caller used', () => {
  assert.equal(repositoryEndpoint({}, origin, address, 'npm'), 'http://127.0.0.1:8686/npm/d/my-team-111122223333/main/')
})

test('behind a proxy, the endpoint is a path below the public address', () => {
  const endpoint = repositoryEndpoint({ publicUrl: 'https://example.com/yard/' }, origin, address, 'pypi')
  assert.equal(endpoint, 'https://example.com/yard/pypi/d/my-team-111122223333/main/')
})

test('with a domain suffix, each domain has a host of its own', () => {
  const endpoint = repositoryEndpoint({ domainSuffix: 'packages.example.com' }, origin, address, 'maven')
  assert.equal(endpoint, 'https://my-team-111122223333.packages.example.com/maven/main/')
})
