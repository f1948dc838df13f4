import assert from 'node:assert/strict'
import {
  type CodeartifactClient,
  CreateDomainCommand,
  CreatePackageGroupCommand,
  CreateRepositoryCommand,
  DeletePackageGroupCommand,
  DescribePackageGroupCommand,
  GetAssociatedPackageGroupCommand,
  ListAllowedRepositoriesForGroupCommand,
  ListAssociatedPackagesCommand,
  ListPackageGroupsCommand,
  ListSubPackageGroupsCommand,
  ListTagsForResourceCommand,
  PutDomainPermissionsPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePackageGroupCommand,
  UpdatePackageGroupOriginConfigurationCommand,
} from '@aws-sdk/client-codeartifact'
import { type ControlPlane, OWNER, STRANGER, storeVersion, testOnEachDatabase } from '../support/control-plane.ts'

const domain = 'acme'
const prefix = `arn:aws:codeartifact:eu-west-1:${OWNER}:package-group/acme`

async function setUp(client: CodeartifactClient, ...groups: readonly string[]): Promise<void> {
  await client.send(new CreateDomainCommand({ domain }))
  for (const repository of ['store', 'team']) await client.send(new CreateRepositoryCommand({ domain, repository }))
  for (const packageGroup of groups) await client.send(new CreatePackageGroupCommand({ domain, packageGroup }))
}

async function describe(client: CodeartifactClient, packageGroup: string) {
  return (await client.send(new DescribePackageGroupCommand({ domain, packageGroup }))).packageGroup!
}

async function associationOf(client: CodeartifactClient, namespace: string, name: string, format = 'npm' as const) {
  const input = { domain, format, package: name, ...(namespace === '' ? {} : { namespace }) }
  const found = await client.send(new GetAssociatedPackageGroupCommand(input))
  return `${found.packageGroup?.pattern} ${found.associationType}`
}

testOnEachDatabase('a domain is born with a root group, which cannot be deleted', async (start) => {
  const { client } = await start()
  await setUp(client)
  const root = await describe(client, '/*')
  assert.equal(root.arn, `${prefix}/%2a`)
  assert.equal(root.parent, undefined)
  const allow = { mode: 'ALLOW', effectiveMode: 'ALLOW', repositoriesCount: 0 }
  assert.deepEqual(root.originConfiguration?.restrictions, {
    PUBLISH: allow,
    EXTERNAL_UPSTREAM: allow,
    INTERNAL_UPSTREAM: allow,
  })
  await assert.rejects(client.send(new DeletePackageGroupCommand({ domain, packageGroup: '/*' })), {
    name: 'ValidationException',
  })
  await assert.rejects(client.send(new CreatePackageGroupCommand({ domain, packageGroup: '/*' })), {
    name: 'ConflictException',
  })
})

testOnEachDatabase('settings are inherited, and a group that goes leaves its children to its parent', async (start) => {
  const { client } = await start()
  await setUp(client, '/npm/*', '/npm/space/*', '/npm/space/foo~')
  const restrictions = { PUBLISH: 'BLOCK' } as const
  await client.send(
    new UpdatePackageGroupOriginConfigurationCommand({ domain, packageGroup: '/npm/space/*', restrictions }),
  )
  const child = await describe(client, '/npm/space/foo~')
  assert.deepEqual(child.originConfiguration?.restrictions?.PUBLISH, {
    mode: 'INHERIT',
    effectiveMode: 'BLOCK',
    inheritedFrom: { arn: `${prefix}/npm/space/%2a`, pattern: '/npm/space/*' },
    repositoriesCount: 0,
  })
  assert.equal(child.parent?.pattern, '/npm/space/*')
  const below = await client.send(new ListSubPackageGroupsCommand({ domain, packageGroup: '/npm/*' }))
  assert.deepEqual(
    below.packageGroups?.map((group) => group.pattern),
    ['/npm/space/*'],
  )
  await client.send(new DeletePackageGroupCommand({ domain, packageGroup: '/npm/space/*' }))
  const orphan = await describe(client, '/npm/space/foo~')
  assert.equal(orphan.parent?.pattern, '/npm/*')
  assert.equal(orphan.originConfiguration?.restrictions?.PUBLISH?.effectiveMode, 'ALLOW')
  assert.equal(orphan.originConfiguration?.restrictions?.PUBLISH?.inheritedFrom?.pattern, '/*')
  await assert.rejects(describe(client, '/npm/space/*'), { name: 'ResourceNotFoundException' })
})

testOnEachDatabase(
  'allowed repositories are added and removed, and the answer tells real changes only',
  async (start) => {
    const { client } = await start()
    await setUp(client, '/npm/*')
    const packageGroup = '/npm/*'
    const update = (input: object) =>
      client.send(new UpdatePackageGroupOriginConfigurationCommand({ domain, packageGroup, ...input }))
    const storeIn = { repositoryName: 'store', originRestrictionType: 'EXTERNAL_UPSTREAM' }
    const first = await update({
      restrictions: { EXTERNAL_UPSTREAM: 'ALLOW_SPECIFIC_REPOSITORIES' },
      addAllowedRepositories: [storeIn, { repositoryName: 'team', originRestrictionType: 'INTERNAL_UPSTREAM' }],
    })
    assert.deepEqual(first.allowedRepositoryUpdates, {
      EXTERNAL_UPSTREAM: { ADDED: ['store'] },
      INTERNAL_UPSTREAM: { ADDED: ['team'] },
    })
    assert.equal(first.packageGroup?.originConfiguration?.restrictions?.EXTERNAL_UPSTREAM?.repositoriesCount, 1)
    assert.deepEqual((await update({ addAllowedRepositories: [storeIn] })).allowedRepositoryUpdates, {})
    const listed = await client.send(
      new ListAllowedRepositoriesForGroupCommand({ domain, packageGroup, originRestrictionType: 'EXTERNAL_UPSTREAM' }),
    )
    assert.deepEqual(listed.allowedRepositories, ['store'])
    const removed = await update({ removeAllowedRepositories: [storeIn] })
    assert.deepEqual(removed.allowedRepositoryUpdates, { EXTERNAL_UPSTREAM: { REMOVED: ['store'] } })
    const unknown = { repositoryName: 'nowhere', originRestrictionType: 'PUBLISH' }
    await assert.rejects(update({ addAllowedRepositories: [unknown] }), { name: 'ResourceNotFoundException' })
    await assert.rejects(update({ restrictions: { PUBLISH: 'PERHAPS' } }), { name: 'ValidationException' })
    await assert.rejects(update({ restrictions: { EVERYTHING: 'BLOCK' } }), { name: 'ValidationException' })
    const inherit = { domain, packageGroup: '/*', restrictions: { PUBLISH: 'INHERIT' } } as const
    await assert.rejects(client.send(new UpdatePackageGroupOriginConfigurationCommand(inherit)), {
      name: 'ValidationException',
    })
  },
)

testOnEachDatabase(
  'association is by the most specific pattern, and weak for what only looks like it',
  async (start) => {
    const { client } = await start()
    await setUp(client, '/npm/*', '/npm/space/*', '/npm/space/foo~', '/npm//foo-bar$')
    assert.equal(await associationOf(client, 'space', 'foo'), '/npm/space/foo~ STRONG')
    assert.equal(await associationOf(client, 'space', 'foo-bar'), '/npm/space/foo~ STRONG')
    assert.equal(await associationOf(client, 'space', 'food'), '/npm/space/* STRONG')
    assert.equal(await associationOf(client, '', 'react'), '/npm/* STRONG')
    assert.equal(await associationOf(client, '', 'foo..bar'), '/npm//foo-bar$ WEAK')
    assert.equal(await associationOf(client, '', 'f\u043eo-bar'), '/npm//foo-bar$ WEAK')
    assert.equal(await associationOf(client, '', 'foobar'), '/npm/* STRONG')
  },
)

testOnEachDatabase('the packages of a group are listed by pages, and a preview needs no group', async (start) => {
  const plane = await start()
  const { client } = plane
  await setUp(client, '/npm/*', '/npm//foo~')
  const names = ['bar', 'foo', 'Foo', 'foo-a', 'foo_a', 'food', 'foo.b', 'zoo']
  for (const name of names) await store(plane, 'team', name)
  await store(plane, 'store', 'foo')
  const list = async (packageGroup: string, preview = false) => {
    const found: string[] = []
    let nextToken: string | undefined
    do {
      const page = await client.send(
        new ListAssociatedPackagesCommand({
          domain,
          packageGroup,
          preview,
          maxResults: 2,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      )
      assert.ok(page.packages!.length <= 2)
      found.push(...page.packages!.map((one) => `${one.package} ${one.associationType}`))
      nextToken = page.nextToken
    } while (nextToken !== undefined)
    return found
  }
  assert.deepEqual(await list('/npm/*'), ['bar STRONG', 'food STRONG', 'zoo STRONG'])
  assert.deepEqual((await list('/npm//foo~')).toSorted(), [
    'Foo WEAK',
    'foo STRONG',
    'foo-a STRONG',
    'foo.b STRONG',
    'foo_a STRONG',
  ])
  assert.deepEqual(await list('/npm//foo-a$', true), ['foo-a STRONG', 'foo_a WEAK'])
  assert.deepEqual(await list('/*'), [])
  await assert.rejects(list('/npm//foo-a$'), { name: 'ResourceNotFoundException' })
})

async function store(plane: ControlPlane, repository: string, name: string): Promise<void> {
  await storeVersion(plane, { domain, repository, format: 'npm', name, version: '1.0.0' })
}

testOnEachDatabase('groups are described, changed, listed by prefix and tagged', async (start) => {
  const { client, registry } = await start({ limits: { packageGroupsPerDomainMax: 3 } })
  await setUp(client, '/npm/*')
  const tags = [{ key: 'team', value: 'web' }]
  const input = { domain, packageGroup: '/maven/com.acme~', contactInfo: 'us', description: 'ours', tags }
  const made = await client.send(new CreatePackageGroupCommand(input))
  assert.equal(made.packageGroup?.arn, `${prefix}/maven/com.acme~`)
  assert.equal(made.packageGroup?.domainOwner, OWNER)
  const resourceArn = `${prefix}/maven/com.acme~`
  await client.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'stage', value: 'test' }] }))
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] }))
  const tagged = await client.send(new ListTagsForResourceCommand({ resourceArn }))
  assert.deepEqual(tagged.tags, [{ key: 'stage', value: 'test' }])
  await client.send(new TagResourceCommand({ resourceArn: `${prefix}/npm/%2a`, tags }))
  const update = { domain, packageGroup: '/maven/com.acme~', description: 'theirs' }
  const updated = await client.send(new UpdatePackageGroupCommand(update))
  assert.deepEqual([updated.packageGroup?.description, updated.packageGroup?.contactInfo], ['theirs', 'us'])
  const listed = await client.send(new ListPackageGroupsCommand({ domain, prefix: '/npm' }))
  assert.deepEqual(
    listed.packageGroups?.map((group) => group.pattern),
    ['/npm/*'],
  )
  await assert.rejects(client.send(new CreatePackageGroupCommand({ domain, packageGroup: '/pypi/*' })), {
    name: 'ServiceQuotaExceededException',
  })
  await client.send(new DeletePackageGroupCommand({ domain, packageGroup: '/maven/com.acme~' }))
  await assert.rejects(client.send(new ListTagsForResourceCommand({ resourceArn })), {
    name: 'ResourceNotFoundException',
  })
  const left = await registry.metadata.db.selectFrom('resource_tags').select('key').execute()
  assert.deepEqual(left, [{ key: 'team' }])
})

testOnEachDatabase(
  'a package group is authorized by its own name and tags, the associated one by those of what is found',
  async (start) => {
    const { client, stranger } = await start()
    await setUp(client, '/npm/acme/*', '/npm/other/*')
    await client.send(
      new TagResourceCommand({ resourceArn: `${prefix}/npm/acme/%2a`, tags: [{ key: 'Team', value: 'blue' }] }),
    )
    const allow = async (more: object) => {
      const action = 'codeartifact:GetAssociatedPackageGroup'
      const statement = { Effect: 'Allow', Principal: { AWS: STRANGER }, Action: action, ...more }
      const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statement })
      await client.send(new PutDomainPermissionsPolicyCommand({ domain, policyDocument }))
    }
    const ask = async (namespace: string, asked = domain) => {
      const input = { domain: asked, domainOwner: OWNER, format: 'npm', namespace, package: 'x' } as const
      try {
        return (await stranger.send(new GetAssociatedPackageGroupCommand(input))).packageGroup?.pattern
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`
      }
    }
    const refusal = await ask('acme')
    assert.match(
      String(refusal),
      /^AccessDeniedException: .* on resource: arn:\S+:package-group\/acme\/%2a because no resource-/,
    )
    assert.equal(String(await ask('acme', 'nowhere')).replaceAll('nowhere', domain), refusal, 'there is such a domain')

    await allow({ Resource: `${prefix}/npm/acme/%2a` })
    assert.equal(await ask('acme'), '/npm/acme/*')
    assert.equal(await ask('other'), refusal, 'the refusal tells which group there is')
    assert.equal(await ask('third'), refusal)

    await allow({ Resource: '*', Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } } })
    assert.deepEqual([await ask('acme'), await ask('other')], ['/npm/acme/*', refusal])
    const other = `${prefix}/npm/other/%2a`
    await client.send(new TagResourceCommand({ resourceArn: other, tags: [{ key: 'team', value: 'blue' }] }))
    assert.equal(await ask('other'), '/npm/other/*')
    await client.send(new UntagResourceCommand({ resourceArn: other, tagKeys: ['team'] }))
    assert.equal(await ask('other'), refusal)
    await client.send(new DeletePackageGroupCommand({ domain, packageGroup: '/npm/acme/*' }))
    await client.send(new CreatePackageGroupCommand({ domain, packageGroup: '/npm/acme/*' }))
    assert.equal(await ask('acme'), refusal, 'a new group has no tags of an old one')
  },
)
