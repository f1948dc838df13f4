import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAccountId, parseDomainName, parseRepositoryName } from '../../registry/names.ts'
import { repositoryEndpoint } from './endpoint.ts'

const address = {
  owner: parseAccountId('111122223333'),
  domain: parseDomainName('my-team'),
  repository: parseRepositoryName('main'),
}

const endpoints: readonly [origin: string, domainSuffix: string | undefined, endpoint: string][] = [
  ['http://127.0.0.1:8686', undefined, 'http://127.0.0.1:8686/npm/d/my-team-111122223333/main/'],
  ['https://example.com/yard', undefined, 'https://example.com/yard/npm/d/my-team-111122223333/main/'],
  ['https://example.com', 'pkg.example.com', 'https://my-team-111122223333.pkg.example.com/npm/main/'],
  ['http://127.0.0.1:8686', 'localhost', 'http://my-team-111122223333.localhost:8686/npm/main/'],
  ['https://example.com/yard', 'pkg.example.com', 'https://my-team-111122223333.pkg.example.com/yard/npm/main/'],
]
for (const [origin, domainSuffix, endpoint] of endpoints) {
  test(`the endpoint below ${origin} ${domainSuffix ? 'with' : 'without'} a domain suffix is ${endpoint}`, () => {
    assert.equal(repositoryEndpoint(address, 'npm', { origin, domainSuffix }), endpoint)
  })
}
