import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-codeartifact'
import { type ControlPlane, storeVersion, testOnEachDatabase } from '../support/control-plane.ts'
import { failure } from '../support/sdk-failure.ts'

/** What a server of this API must do, whoever wrote it; each by its own names in one domain. */
const vectors: Readonly<Record<string, (plane: ControlPlane) => Promise<void>>> = {
  async 'a new domain has a key ARN, no repositories, and a time that is a number'({ client }) {
    const { domain } = await client.send(new sdk.CreateDomainCommand({ domain: 'fresh' }))
    assert.match(domain?.encryptionKey ?? '', /^arn:aws:kms:eu-west-1:111122223333:key\/[0-9a-f-]{36}$/)
    assert.equal(domain?.repositoryCount, 0)
    assert.equal(domain?.assetSizeBytes, 0)
    assert.ok(domain?.createdTime instanceof Date)
    assert.equal(domain?.status, 'Active')
    assert.match(domain?.s3BucketArn ?? '', /^arn:aws:s3:::/)
  },
  async 'a second domain of the same name is a conflict about a domain'({ client }) {
    const error = await failure(client.send(new sdk.CreateDomainCommand({ domain: 'acme' })))
    assert.ok(error instanceof sdk.ConflictException)
    assert.deepEqual([error.$metadata.httpStatusCode, error.resourceType, error.resourceId], [409, 'domain', 'acme'])
  },
  async 'ListDomains honours what stands in its body, and ends without a token'({ client }) {
    await client.send(new sdk.CreateDomainCommand({ domain: 'beta' }))
    const seen: (string | undefined)[] = []
    let last: sdk.ListDomainsCommandOutput | undefined
    for await (const page of sdk.paginateListDomains({ client, pageSize: 1 }, {})) {
      assert.equal(page.domains?.length, 1)
      seen.push(page.domains?.[0]?.name)
      last = page
    }
    const known = seen.filter((name) => name === 'acme' || name === 'beta')
    assert.deepEqual(known, ['acme', 'beta'])
    assert.equal(last && 'nextToken' in last ? last.nextToken : undefined, undefined)
  },
  async 'deleting a domain that is not there succeeds'({ client }) {
    const answer = await client.send(new sdk.DeleteDomainCommand({ domain: 'never-made' }))
    assert.equal(answer.$metadata.httpStatusCode, 200)
  },
  async 'deleting a domain with a repository is a conflict'({ client }) {
    const error = await failure(client.send(new sdk.DeleteDomainCommand({ domain: 'acme' })))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ConflictException', 409])
  },
  async 'DeleteRepositoryPermissionsPolicy is routed, and says that it is not implemented yet'({ client }) {
    const command = new sdk.DeleteRepositoryPermissionsPolicyCommand({ domain: 'acme', repository: 'main' })
    const error = await failure(client.send(command))
    assert.ok(error instanceof sdk.ValidationException)
    assert.equal(error.reason, 'UNKNOWN_OPERATION')
    assert.equal(error.message, 'DeleteRepositoryPermissionsPolicy is not implemented yet')
  },
  // The service refuses this one: here a repository may have both.
  async 'upstreams may be set beside an external connection'({ client }) {
    const where = { domain: 'acme', repository: 'both' }
    await client.send(new sdk.CreateRepositoryCommand(where))
    await client.send(new sdk.AssociateExternalConnectionCommand({ ...where, externalConnection: 'public:npmjs' }))
    await client.send(new sdk.UpdateRepositoryCommand({ ...where, upstreams: [{ repositoryName: 'main' }] }))
    const { repository } = await client.send(new sdk.UpdateRepositoryCommand({ ...where, upstreams: [] }))
    assert.deepEqual(repository?.upstreams, [])
    assert.equal(repository?.externalConnections?.length, 1)
  },
  async 'a second external connection is refused in the words of the service'({ client }) {
    const where = { domain: 'acme', repository: 'main', externalConnection: 'public:npmjs' }
    const { repository } = await client.send(new sdk.AssociateExternalConnectionCommand(where))
    const expected = [{ externalConnectionName: 'public:npmjs', packageFormat: 'npm', status: 'AVAILABLE' }]
    assert.deepEqual(repository?.externalConnections, expected)
    const error = await failure(client.send(new sdk.AssociateExternalConnectionCommand(where)))
    assert.ok(error instanceof sdk.ValidationException)
    assert.equal(error.message, 'ExternalConnections for repositories are currently limited to 1')
    assert.equal(error.$metadata.httpStatusCode, 400)
  },
  async 'a repository endpoint ends with a slash, for each of the eight formats'({ client, url }) {
    for (const format of Object.values(sdk.PackageFormat)) {
      const command = new sdk.GetRepositoryEndpointCommand({ domain: 'acme', repository: 'main', format })
      const { repositoryEndpoint } = await client.send(command)
      assert.equal(repositoryEndpoint, `${url}/${format}/d/acme-111122223333/main/`)
    }
  },
  async 'a status that is not the expected one fails the version, not the call'(plane) {
    const lib = { domain: 'acme', repository: 'main', format: 'npm', package: 'lib' } as const
    await storeVersion(plane, { ...lib, name: 'lib', version: '1.0.0' })
    const command = new sdk.UpdatePackageVersionsStatusCommand({
      ...lib,
      versions: ['1.0.0'],
      expectedStatus: 'Unlisted',
      targetStatus: 'Archived',
    })
    const answer = await plane.client.send(command)
    assert.deepEqual(answer.successfulVersions, {})
    const expected = {
      '1.0.0': { errorCode: 'MISMATCHED_STATUS', errorMessage: 'current status: Published, expected status: Unlisted' },
    }
    assert.deepEqual(answer.failedVersions, expected)
  },
  async 'ListPackages refuses a namespace without a format'({ client }) {
    const command = new sdk.ListPackagesCommand({ domain: 'acme', repository: 'main', namespace: 'x' })
    const error = await failure(client.send(command))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ValidationException', 400])
  },
  async 'origin controls of an unknown package make it, with no versions'({ client }) {
    const where = { domain: 'acme', repository: 'main', format: 'npm', package: 'reserved' } as const
    const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' } as const
    const answer = await client.send(new sdk.PutPackageOriginConfigurationCommand({ ...where, restrictions }))
    assert.deepEqual(answer.originConfiguration, { restrictions })
    const list = await client.send(new sdk.ListPackageVersionsCommand(where))
    assert.deepEqual(list.versions, [])
    assert.equal(list.defaultDisplayVersion, undefined)
  },
  async 'a token lasts 0 or 900 to 43200 seconds, and 600 is refused'({ client, time }) {
    const ask = (durationSeconds?: number) =>
      client.send(new sdk.GetAuthorizationTokenCommand({ domain: 'acme', durationSeconds }))
    const secondsOf = async (asked?: number) => {
      const { authorizationToken, expiration } = await ask(asked)
      assert.match(authorizationToken ?? '', /^[A-Za-z0-9._~-]{100,2048}$/)
      return ((expiration?.getTime() ?? 0) - time.now) / 1000
    }
    assert.deepEqual([await secondsOf(), await secondsOf(0), await secondsOf(900)], [43_200, 43_200, 900])
    const error = await failure(ask(600))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ValidationException', 400])
  },
  async 'another account hears the same of a domain that exists and of one that does not'({ stranger }) {
    const ask = async (domain: string) => {
      const error = await failure(stranger.send(new sdk.DescribeDomainCommand({ domain, domainOwner: '111122223333' })))
      assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['AccessDeniedException', 403])
      return error.message.replace(domain, '…')
    }
    assert.equal(await ask('acme'), await ask('none'))
    assert.match(await ask('acme'), /codeartifact:DescribeDomain on resource: arn:aws:codeartifact:.*:domain\/…/)
  },
  async 'a page of more than 1000 is refused'({ client }) {
    const error = await failure(client.send(new sdk.ListRepositoriesCommand({ maxResults: 1001 })))
    assert.ok(error instanceof sdk.ValidationException)
    assert.equal(error.reason, 'FIELD_VALIDATION_FAILED')
  },
}

testOnEachDatabase('the control plane does what clients of the service rely on', async (start, t) => {
  const plane = await start()
  await plane.client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  await plane.client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main' }))
  for (const [title, vector] of Object.entries(vectors)) await t.test(title, () => vector(plane))
})
