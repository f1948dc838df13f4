import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-codeartifact'
import { OWNER, testOnEachDatabase } from '../support/control-plane.ts'
import { failure } from '../support/sdk-failure.ts'

const arn = (resource: string) => `arn:aws:codeartifact:eu-west-1:${OWNER}:${resource}`

function names(upstreams: readonly sdk.UpstreamRepositoryInfo[] | undefined) {
  return upstreams?.map((upstream) => upstream.repositoryName)
}

testOnEachDatabase('a domain lives from its creation to its deletion, and each step is in the audit', async (start) => {
  const { client, registry, kms } = await start()
  const { body } = await kms('CreateKey')
  const { Arn: key } = body['KeyMetadata'] as { Arn: string }
  await client.send(new sdk.CreateDomainCommand({ domain: 'acme', encryptionKey: key }))
  await client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main' }))
  const { domain } = await client.send(new sdk.DescribeDomainCommand({ domain: 'acme', domainOwner: OWNER }))
  assert.deepEqual([domain?.encryptionKey, domain?.arn, domain?.owner], [key, arn('domain/acme'), OWNER])
  assert.equal(domain?.repositoryCount, 1)
  await client.send(new sdk.DeleteRepositoryCommand({ domain: 'acme', repository: 'main' }))
  await client.send(new sdk.DeleteDomainCommand({ domain: 'acme' }))
  const missing = await failure(client.send(new sdk.DescribeDomainCommand({ domain: 'acme' })))
  assert.equal(missing.message, `Domain not found. Domain 'acme' owned by account '${OWNER}' does not exist.`)
  await client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))

  const rows = await registry.metadata.db.selectFrom('audit_records').select('body').orderBy('id').execute()
  const records = rows.map((row) => JSON.parse(row.body) as Record<string, unknown>)
  assert.deepEqual(records.map((record) => String(record.eventName)).toSorted(), [
    'CreateDomain',
    'CreateDomain',
    'CreateKey',
    'CreateRepository',
    'DeleteDomain',
    'DeleteRepository',
  ])
  const made = records.find((record) => record.eventName === 'CreateRepository')
  const parameters = { domainName: 'acme', domainOwner: OWNER, repositoryName: 'main', upstreams: [] }
  assert.deepEqual(made?.requestParameters, parameters)
})

testOnEachDatabase('a failed call changes nothing and is in no audit', async (start) => {
  const { client, registry } = await start({ limits: { domainsPerAccountMax: 1, repositoriesPerDomainMax: 1 } })
  await client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  await client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main' }))
  const domains = await failure(client.send(new sdk.CreateDomainCommand({ domain: 'beta' })))
  assert.ok(domains instanceof sdk.ServiceQuotaExceededException)
  assert.deepEqual([domains.$metadata.httpStatusCode, domains.resourceType], [402, 'domain'])
  const tags = [{ key: 'team', value: 'red' }]
  const full = await failure(client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'more', tags })))
  assert.ok(full instanceof sdk.ServiceQuotaExceededException)
  const badKey = await failure(client.send(new sdk.CreateDomainCommand({ domain: 'keys', encryptionKey: 'no key' })))
  assert.equal(badKey.name, 'ValidationException')
  const wrongKey = await failure(client.send(new sdk.CreateDomainCommand({ domain: 'keys', encryptionKey: 'mine' })))
  assert.ok(wrongKey instanceof sdk.ValidationException)
  assert.equal(wrongKey.reason, 'ENCRYPTION_KEY_ERROR')
  const { db } = registry.metadata
  assert.deepEqual(await db.selectFrom('resource_tags').selectAll().execute(), [])
  assert.equal((await db.selectFrom('audit_records').selectAll().execute()).length, 2)
})

testOnEachDatabase('of many callers who create the same name at once, one succeeds', async (start) => {
  const { client } = await start()
  await client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  const attempts = Array.from({ length: 8 }, () =>
    client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main' })),
  )
  const outcomes = await Promise.allSettled(attempts)
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.name] : []))
  assert.deepEqual(refusals, Array(7).fill('ConflictException'))
  const { domain } = await client.send(new sdk.DescribeDomainCommand({ domain: 'acme' }))
  assert.equal(domain?.repositoryCount, 1)
})

testOnEachDatabase('upstreams keep their order, and break no rule', async (start) => {
  const { client } = await start()
  await client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  const create = (repository: string, upstreams: string[]) =>
    client.send(
      new sdk.CreateRepositoryCommand({
        domain: 'acme',
        repository,
        upstreams: upstreams.map((repositoryName) => ({ repositoryName })),
      }),
    )
  const update = (repository: string, upstreams?: string[], description?: string) =>
    client.send(
      new sdk.UpdateRepositoryCommand({
        domain: 'acme',
        repository,
        description,
        upstreams: upstreams?.map((repositoryName) => ({ repositoryName })),
      }),
    )
  for (let index = 0; index < 11; index++) await create(`store-${index}`, [])
  const made = await create('main', ['store-2', 'store-0', 'store-1'])
  assert.deepEqual(names(made.repository?.upstreams), ['store-2', 'store-0', 'store-1'])

  const described = await update('main', undefined, 'for everybody')
  assert.equal(described.repository?.description, 'for everybody')
  assert.deepEqual(names(described.repository?.upstreams), ['store-2', 'store-0', 'store-1'])
  const reordered = await update('main', ['store-1', 'store-2'])
  assert.deepEqual(names(reordered.repository?.upstreams), ['store-1', 'store-2'])
  assert.equal(reordered.repository?.description, 'for everybody')

  const refusals: readonly [string[], string, string][] = [
    [['store-1', 'store-1'], 'ValidationException', "upstreams name repository 'store-1' more than once"],
    [['main'], 'ValidationException', "Repository 'main' cannot be its own upstream."],
    [
      ['nowhere'],
      'ResourceNotFoundException',
      `Repository not found. Repository 'nowhere' in domain 'acme' owned by account '${OWNER}' does not exist.`,
    ],
    [
      Array.from({ length: 11 }, (_, index) => `store-${index}`),
      'ServiceQuotaExceededException',
      "The quota 'Direct upstream repositories per repository' would be exceeded: it allows 10 upstream repositories",
    ],
  ]
  for (const [upstreams, name, message] of refusals) {
    const error = await failure(update('main', upstreams))
    assert.deepEqual([error.name, error.message], [name, message])
  }
  await update('store-2', ['store-3'])
  const circle = await failure(update('store-3', ['main']))
  assert.match(circle.message, /would make repository 'store-3' an upstream of itself/)

  const { repository: deleted } = await client.send(
    new sdk.DeleteRepositoryCommand({ domain: 'acme', repository: 'store-1' }),
  )
  assert.equal(deleted?.name, 'store-1')
  const left = await client.send(new sdk.DescribeRepositoryCommand({ domain: 'acme', repository: 'main' }))
  assert.deepEqual(names(left.repository?.upstreams), ['store-2'])
  const cleared = await update('main', [], '')
  assert.deepEqual([cleared.repository?.upstreams, cleared.repository?.description], [[], undefined])
})

testOnEachDatabase('two updates at once cannot close a circle between them', async (start) => {
  const { client } = await start()
  await client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  for (const repository of ['left', 'right']) {
    await client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository }))
  }
  const join = (repository: string, repositoryName: string) =>
    client.send(new sdk.UpdateRepositoryCommand({ domain: 'acme', repository, upstreams: [{ repositoryName }] }))
  const outcomes = await Promise.allSettled([join('left', 'right'), join('right', 'left')])
  assert.deepEqual(outcomes.map((outcome) => outcome.status).toSorted(), ['fulfilled', 'rejected'])
})

testOnEachDatabase('external connections: one for each format, and only those that are known', async (start) => {
  const { client } = await start()
  await client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  await client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main' }))
  const where = { domain: 'acme', repository: 'main' }
  const associate = (externalConnection: string) =>
    client.send(new sdk.AssociateExternalConnectionCommand({ ...where, externalConnection }))
  const disassociate = (externalConnection: string) =>
    client.send(new sdk.DisassociateExternalConnectionCommand({ ...where, externalConnection }))
  await associate('public:maven-central')
  const { repository } = await associate('public:npmjs')
  assert.deepEqual(
    repository?.externalConnections?.map((connection) => connection.packageFormat),
    ['maven', 'npm'],
  )
  const second = await failure(associate('public:maven-clojars'))
  assert.equal(second.message, 'ExternalConnections for repositories are currently limited to 1')
  assert.equal((await failure(associate('public:unknown'))).name, 'ResourceNotFoundException')
  const left = await disassociate('public:maven-central')
  assert.equal(left.repository?.externalConnections?.length, 1)
  assert.equal((await failure(disassociate('public:maven-central'))).name, 'ResourceNotFoundException')
})

testOnEachDatabase('lists of repositories are by name, filtered, and paged by key', async (start) => {
  const { client, stranger } = await start()
  for (const domain of ['acme', 'beta']) {
    await client.send(new sdk.CreateDomainCommand({ domain }))
    for (const repository of ['web-b', 'Web-a', 'api']) {
      await client.send(new sdk.CreateRepositoryCommand({ domain, repository }))
    }
  }
  const all: (string | undefined)[] = []
  for await (const page of sdk.paginateListRepositories({ client, pageSize: 2 }, {})) {
    all.push(...(page.repositories ?? []).map(({ name }) => name))
  }
  assert.deepEqual(all, ['Web-a', 'Web-a', 'api', 'api', 'web-b', 'web-b'])

  const inDomain = { domain: 'acme', repositoryPrefix: 'we' }
  const prefixed = await client.send(new sdk.ListRepositoriesInDomainCommand(inDomain))
  assert.deepEqual(
    prefixed.repositories?.map(({ arn: found }) => found),
    [arn('repository/acme/web-b')],
  )
  const administered = { domain: 'acme', administratorAccount: '444455556666' }
  assert.deepEqual((await client.send(new sdk.ListRepositoriesInDomainCommand(administered))).repositories, [])
  assert.deepEqual((await stranger.send(new sdk.ListRepositoriesCommand({}))).repositories, [])

  const first = await client.send(new sdk.ListRepositoriesInDomainCommand({ domain: 'acme', maxResults: 1 }))
  const nextToken = first.nextToken
  await client.send(new sdk.DeleteRepositoryCommand({ domain: 'acme', repository: 'Web-a' }))
  const second = await client.send(
    new sdk.ListRepositoriesInDomainCommand({ domain: 'acme', maxResults: 5, nextToken }),
  )
  assert.deepEqual(
    second.repositories?.map(({ name }) => name),
    ['api', 'web-b'],
  )
  const foreign = [
    new sdk.ListRepositoriesInDomainCommand({ domain: 'beta', nextToken }),
    new sdk.ListRepositoriesInDomainCommand({ domain: 'acme', nextToken: 'bm90LW91cnM' }),
  ]
  for (const command of foreign) {
    const error = await failure(client.send(command))
    assert.ok(error instanceof sdk.ValidationException)
    assert.equal(error.reason, 'FIELD_VALIDATION_FAILED')
  }
})

testOnEachDatabase(
  'tags are given on creation, changed, listed by key, and die with what they are on',
  async (start) => {
    const { client, stranger, registry } = await start({ limits: { tagsPerResourceMax: 3 } })
    await client.send(new sdk.CreateDomainCommand({ domain: 'acme', tags: [{ key: 'cost', value: '7' }] }))
    await client.send(
      new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main', tags: [{ key: 'team', value: 'red' }] }),
    )
    const resourceArn = arn('repository/acme/main')
    const list = async (target = resourceArn) =>
      (await client.send(new sdk.ListTagsForResourceCommand({ resourceArn: target }))).tags
    await client.send(
      new sdk.TagResourceCommand({
        resourceArn,
        tags: [
          { key: 'team', value: 'blue' },
          { key: 'Stage', value: '' },
        ],
      }),
    )
    assert.deepEqual(await list(), [
      { key: 'Stage', value: '' },
      { key: 'team', value: 'blue' },
    ])
    assert.deepEqual(await list(arn('domain/acme')), [{ key: 'cost', value: '7' }])
    await client.send(new sdk.UntagResourceCommand({ resourceArn, tagKeys: ['Stage', 'never-there'] }))
    assert.deepEqual(await list(), [{ key: 'team', value: 'blue' }])

    const tag = (tags: sdk.Tag[], target = resourceArn) =>
      failure(client.send(new sdk.TagResourceCommand({ resourceArn: target, tags })))
    const many = ['a', 'b', 'c'].map((key) => ({ key, value: 'x' }))
    assert.equal((await tag(many)).name, 'ServiceQuotaExceededException')
    assert.equal((await tag([{ key: 'aws:x', value: '' }])).name, 'ValidationException')
    assert.equal((await tag([many[0]!, many[0]!])).name, 'ValidationException')
    assert.equal((await tag(many, 'arn:aws:s3:::bucket')).name, 'ValidationException')
    assert.equal((await tag(many, arn('repository/acme/gone'))).name, 'ResourceNotFoundException')
    assert.equal((await tag(many, resourceArn.replace('eu-west-1', 'us-east-1'))).name, 'ResourceNotFoundException')
    const denied = await failure(stranger.send(new sdk.ListTagsForResourceCommand({ resourceArn })))
    assert.equal(denied.name, 'AccessDeniedException')
    assert.deepEqual(await list(), [{ key: 'team', value: 'blue' }])

    await client.send(new sdk.DeleteRepositoryCommand({ domain: 'acme', repository: 'main' }))
    await client.send(new sdk.DeleteDomainCommand({ domain: 'acme' }))
    assert.deepEqual(await registry.metadata.db.selectFrom('resource_tags').selectAll().execute(), [])
  },
)
