import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import * as sdk from '@aws-sdk/client-codeartifact'
import { type ControlPlane, OWNER, storeVersion, testOnEachDatabase } from '../support/control-plane.ts'
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
  async 'DeleteRepositoryPermissionsPolicy is routed by its plural path, and misses a policy that is not there'({
    client,
  }) {
    const command = new sdk.DeleteRepositoryPermissionsPolicyCommand({ domain: 'acme', repository: 'main' })
    assert.equal((await failure(client.send(command))).name, 'ResourceNotFoundException')
    const input = { domain: 'acme', repository: 'main', policyDocument: openPolicy('codeartifact:ReadFromRepository') }
    const { policy } = await client.send(new sdk.PutRepositoryPermissionsPolicyCommand(input))
    assert.equal((await client.send(command)).policy?.revision, policy?.revision)
  },
  async 'a policy is put over the revision that its writer has seen, and over no other'({ client }) {
    const put = (policyRevision?: string) =>
      client.send(
        new sdk.PutDomainPermissionsPolicyCommand({
          domain: 'acme',
          policyDocument: openPolicy('codeartifact:DescribeDomain'),
          policyRevision,
        }),
      )
    const { policy: first } = await put()
    const { policy: second } = await put(first?.revision)
    assert.notEqual(second?.revision, first?.revision)
    const error = await failure(put(first?.revision))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ConflictException', 409])
    await client.send(new sdk.DeleteDomainPermissionsPolicyCommand({ domain: 'acme' }))
  },
  async 'a domain without a policy has none to get'({ client }) {
    const error = await failure(client.send(new sdk.GetDomainPermissionsPolicyCommand({ domain: 'acme' })))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ResourceNotFoundException', 404])
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
  async 'the root user may do everything but hold a token'({ url, identity }) {
    const credentials = await identity.createRootAccessKey(OWNER)
    const root = new sdk.CodeartifactClient({ endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 })
    const { domain } = await root.send(new sdk.DescribeDomainCommand({ domain: 'acme' }))
    assert.equal(domain?.name, 'acme')
    const error = await failure(root.send(new sdk.GetAuthorizationTokenCommand({ domain: 'acme' })))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['AccessDeniedException', 403])
    root.destroy()
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
  async 'a body that differs from the hash that was signed for it is refused, and nothing is stored'({ client }) {
    const input = { ...asset('signed'), assetContent: 'hellO', assetSHA256: sha256('hello') }
    const error = await failure(client.send(new sdk.PublishPackageVersionCommand(input)))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ValidationException', 400])
    const list = await failure(client.send(new sdk.ListPackageVersionsCommand(asset('signed'))))
    assert.equal(list.name, 'ResourceNotFoundException')
  },
  async 'a generic version is Unfinished until an asset finishes it, and takes no third'({ client }) {
    const publish = (assetName: string, unfinished?: boolean) => {
      const content = { assetContent: assetName, assetSHA256: sha256(assetName) }
      return client.send(
        new sdk.PublishPackageVersionCommand({
          ...asset('steps'),
          ...content,
          assetName,
          ...(unfinished && { unfinished }),
        }),
      )
    }
    assert.deepEqual([(await publish('1', true)).status, (await publish('2')).status], ['Unfinished', 'Published'])
    assert.equal((await failure(publish('3'))).$metadata.httpStatusCode, 409)
  },
  async 'a body in chunks is accepted'({ client }) {
    const input = { ...asset('chunks'), assetContent: Readable.from([Buffer.from('a'), Buffer.from('b')]) }
    const answer = await client.send(new sdk.PublishPackageVersionCommand({ ...input, assetSHA256: sha256('ab') }))
    assert.equal(answer.asset?.size, 2)
  },
  async 'copying twice copies once, and one version that is missing holds back the others'(plane) {
    const { client } = plane
    for (const repository of ['from', 'to']) {
      await client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository }))
    }
    const name = { domain: 'acme', format: 'npm', package: 'moved' } as const
    await storeVersion(plane, { ...name, repository: 'from', name: 'moved', version: '1.0.0' })
    const copy = (...versions: string[]) =>
      client.send(
        new sdk.CopyPackageVersionsCommand({
          ...name,
          sourceRepository: 'from',
          destinationRepository: 'to',
          versions,
        }),
      )
    const refused = await copy('1.0.0', '9.9.9')
    assert.deepEqual(refused.successfulVersions, {})
    const codes = Object.entries(refused.failedVersions ?? {}).map(
      ([version, { errorCode }]) => `${version} ${errorCode}`,
    )
    assert.deepEqual(codes.toSorted(), ['1.0.0 SKIPPED', '9.9.9 NOT_FOUND'])
    const list = () => client.send(new sdk.ListPackageVersionsCommand({ ...name, repository: 'to' }))
    assert.equal((await failure(list())).name, 'ResourceNotFoundException')
    const done = await copy('1.0.0')
    assert.deepEqual(Object.keys(done.successfulVersions ?? {}), ['1.0.0'])
    const again = await copy('1.0.0')
    assert.deepEqual([again.successfulVersions, again.failedVersions], [{}, {}])
  },
  async 'the root group allows everything, and has no parent'({ client }) {
    const command = new sdk.DescribePackageGroupCommand({ domain: 'acme', packageGroup: '/*' })
    const { packageGroup } = await client.send(command)
    const restrictions = Object.entries(packageGroup?.originConfiguration?.restrictions ?? {})
    assert.deepEqual(
      restrictions.map(([type, { mode, effectiveMode }]) => `${type} ${mode} ${effectiveMode}`).toSorted(),
      ['EXTERNAL_UPSTREAM ALLOW ALLOW', 'INTERNAL_UPSTREAM ALLOW ALLOW', 'PUBLISH ALLOW ALLOW'],
    )
    assert.equal(packageGroup?.parent, undefined)
  },
  async 'a package that nobody has belongs to the root group, strongly'({ client }) {
    const input = { domain: 'acme', format: 'npm', package: 'nowhere' } as const
    const answer = await client.send(new sdk.GetAssociatedPackageGroupCommand(input))
    assert.deepEqual([answer.packageGroup?.pattern, answer.associationType], ['/*', 'STRONG'])
  },
  async 'a package group is tagged by the ARN in which its star is encoded'({ client }) {
    const { packageGroup } = await client.send(
      new sdk.CreatePackageGroupCommand({ domain: 'acme', packageGroup: '/npm/*' }),
    )
    const resourceArn = 'arn:aws:codeartifact:eu-west-1:111122223333:package-group/acme/npm/%2a'
    assert.equal(packageGroup?.arn, resourceArn)
    await client.send(new sdk.TagResourceCommand({ resourceArn, tags: [{ key: 'team', value: 'web' }] }))
    const { tags } = await client.send(new sdk.ListTagsForResourceCommand({ resourceArn }))
    assert.deepEqual(tags, [{ key: 'team', value: 'web' }])
  },
  async 'each change of a version is an event, in order'(plane) {
    const { client, registry } = plane
    const about = asset('told')
    const content = { assetContent: 'x', assetSHA256: sha256('x') }
    await client.send(new sdk.PublishPackageVersionCommand({ ...about, ...content }))
    const version = { ...about, versions: ['1.0'] }
    await client.send(new sdk.UpdatePackageVersionsStatusCommand({ ...version, targetStatus: 'Archived' }))
    await client.send(new sdk.DeletePackageVersionsCommand(version))
    const rows = await registry.metadata.db.selectFrom('events').select('body').orderBy('sequence').execute()
    const details = rows.map(({ body }) => (JSON.parse(body) as { detail: Record<string, unknown> }).detail)
    const told = details.filter(({ packageName }) => packageName === 'told')
    assert.deepEqual(
      told.map(({ operationType }) => operationType),
      ['Created', 'Updated', 'Deleted'],
    )
    const numbers = told.map(({ sequenceNumber }) => Number(sequenceNumber))
    assert.ok(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0)))
  },
}

function asset(name: string) {
  const coordinates = { format: 'generic', namespace: 'team', package: name, packageVersion: '1.0' } as const
  return { domain: 'acme', repository: 'main', assetName: 'a.bin', ...coordinates }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function openPolicy(Action: string): string {
  const statement = { Effect: 'Allow', Principal: '*', Action, Resource: '*' }
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}

testOnEachDatabase('the control plane does what clients of the service rely on', async (start, t) => {
  const plane = await start()
  await plane.client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  await plane.client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main' }))
  for (const [title, vector] of Object.entries(vectors)) await t.test(title, () => vector(plane))
})
