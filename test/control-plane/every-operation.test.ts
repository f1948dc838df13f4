import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-codeartifact'
import { operations } from '../../src/services/codeartifact/operations.ts'
import { aRevision, assertAnswer, aTime } from '../support/answer-shape.ts'
import { type ControlPlane, OWNER, storeVersion, testOnEachDatabase } from '../support/control-plane.ts'
import {
  arn,
  aSize,
  assetShape,
  aToken,
  bytes,
  domain,
  domainDescription,
  domainShape,
  hash,
  npmGroup,
  origin,
  ownPackage,
  policyDocument,
  policyOf,
  repositoryDescription,
  repositoryShape,
  rootGroup,
  successful,
  tags,
  team,
  tool,
  versionAt,
  widgets,
} from '../support/operation-answers.ts'

/** Any of the SDK's: their types have nothing in common that `send` takes. */
interface Command {
  readonly input: object
}

/** One call, and all that its answer has. */
interface Step {
  readonly command: Command
  readonly answer: object
}

const setUp: readonly Step[] = [
  { command: new sdk.CreateDomainCommand({ ...domain, tags }), answer: { domain: domainDescription(0, 0) } },
  {
    command: new sdk.CreateRepositoryCommand({ ...domain, repository: 'store' }),
    answer: { repository: repositoryDescription('store') },
  },
  {
    command: new sdk.CreateRepositoryCommand({
      ...team,
      description: 'Ours',
      tags,
      upstreams: [{ repositoryName: 'store' }],
    }),
    answer: {
      repository: repositoryDescription('team', { description: 'Ours', upstreams: [{ repositoryName: 'store' }] }),
    },
  },
  {
    command: new sdk.AssociateExternalConnectionCommand({
      ...domain,
      repository: 'store',
      externalConnection: 'public:npmjs',
    }),
    answer: {
      repository: repositoryDescription('store', {
        externalConnections: [{ externalConnectionName: 'public:npmjs', packageFormat: 'npm', status: 'AVAILABLE' }],
      }),
    },
  },
  {
    command: new sdk.DisassociateExternalConnectionCommand({
      ...domain,
      repository: 'store',
      externalConnection: 'public:npmjs',
    }),
    answer: { repository: repositoryDescription('store') },
  },
  {
    command: new sdk.UpdateRepositoryCommand({ ...team, description: 'All of ours', upstreams: [] }),
    answer: { repository: repositoryDescription('team', { description: 'All of ours' }) },
  },
  {
    command: new sdk.DescribeRepositoryCommand(team),
    answer: { repository: repositoryDescription('team', { description: 'All of ours' }) },
  },
  { command: new sdk.DescribeDomainCommand(domain), answer: { domain: domainDescription(2, 0) } },
  { command: new sdk.ListDomainsCommand({}), answer: { domains: [domainShape()] } },
  {
    command: new sdk.ListRepositoriesCommand({ maxResults: 1 }),
    answer: { repositories: [repositoryShape('store')], nextToken: (value: unknown) => typeof value === 'string' },
  },
  {
    command: new sdk.ListRepositoriesInDomainCommand({
      ...domain,
      repositoryPrefix: 'te',
      administratorAccount: OWNER,
    }),
    answer: { repositories: [repositoryShape('team', { description: 'All of ours' })] },
  },
  {
    command: new sdk.GetAuthorizationTokenCommand({ ...domain, durationSeconds: 900 }),
    answer: { authorizationToken: aToken, expiration: aTime },
  },
  {
    command: new sdk.GetRepositoryEndpointCommand({ ...team, format: 'npm', endpointType: 'dualstack' }),
    answer: {
      repositoryEndpoint: (value: unknown) => /^http:.*\/npm\/d\/acme-111122223333\/team\/$/.test(String(value)),
    },
  },
  { command: new sdk.ListTagsForResourceCommand({ resourceArn: arn('repository/acme/team') }), answer: { tags } },
  {
    command: new sdk.TagResourceCommand({ resourceArn: arn('domain/acme'), tags: [{ key: 'more', value: '' }] }),
    answer: {},
  },
  { command: new sdk.UntagResourceCommand({ resourceArn: arn('domain/acme'), tagKeys: ['more'] }), answer: {} },
  {
    command: new sdk.PutDomainPermissionsPolicyCommand({ ...domain, policyDocument }),
    answer: policyOf('domain/acme'),
  },
  { command: new sdk.GetDomainPermissionsPolicyCommand(domain), answer: policyOf('domain/acme') },
  { command: new sdk.DeleteDomainPermissionsPolicyCommand(domain), answer: policyOf('domain/acme') },
  {
    command: new sdk.PutRepositoryPermissionsPolicyCommand({ ...team, policyDocument }),
    answer: policyOf('repository/acme/team'),
  },
  { command: new sdk.GetRepositoryPermissionsPolicyCommand(team), answer: policyOf('repository/acme/team') },
  { command: new sdk.DeleteRepositoryPermissionsPolicyCommand(team), answer: policyOf('repository/acme/team') },
]

const groups: readonly Step[] = [
  {
    command: new sdk.CreatePackageGroupCommand({
      ...domain,
      packageGroup: '/npm/*',
      description: 'npm',
      contactInfo: 'core',
      tags,
    }),
    answer: { packageGroup: npmGroup({ description: 'npm', contactInfo: 'core' }) },
  },
  {
    command: new sdk.UpdatePackageGroupCommand({ ...domain, packageGroup: '/npm/*', description: 'JavaScript' }),
    answer: { packageGroup: npmGroup({ description: 'JavaScript', contactInfo: 'core' }) },
  },
  {
    command: new sdk.UpdatePackageGroupOriginConfigurationCommand({
      ...domain,
      packageGroup: '/npm/*',
      restrictions: { EXTERNAL_UPSTREAM: 'ALLOW_SPECIFIC_REPOSITORIES' },
      addAllowedRepositories: [{ repositoryName: 'store', originRestrictionType: 'EXTERNAL_UPSTREAM' }],
    }),
    answer: {
      packageGroup: npmGroup(
        { description: 'JavaScript', contactInfo: 'core' },
        {
          EXTERNAL_UPSTREAM: {
            mode: 'ALLOW_SPECIFIC_REPOSITORIES',
            effectiveMode: 'ALLOW_SPECIFIC_REPOSITORIES',
            repositoriesCount: 1,
          },
        },
      ),
      allowedRepositoryUpdates: { EXTERNAL_UPSTREAM: { ADDED: ['store'] } },
    },
  },
  {
    command: new sdk.ListAllowedRepositoriesForGroupCommand({
      ...domain,
      packageGroup: '/npm/*',
      originRestrictionType: 'EXTERNAL_UPSTREAM',
    }),
    answer: { allowedRepositories: ['store'] },
  },
  {
    command: new sdk.DescribePackageGroupCommand({ ...domain, packageGroup: '/*' }),
    answer: { packageGroup: rootGroup },
  },
  {
    command: new sdk.ListPackageGroupsCommand({ ...domain, maxResults: 1 }),
    answer: { packageGroups: [rootGroup], nextToken: (value: unknown) => typeof value === 'string' },
  },
  {
    command: new sdk.ListSubPackageGroupsCommand({ ...domain, packageGroup: '/npm/*' }),
    answer: { packageGroups: [] },
  },
  {
    command: new sdk.GetAssociatedPackageGroupCommand({ ...domain, format: 'pypi', package: 'six' }),
    answer: { packageGroup: rootGroup, associationType: 'STRONG' },
  },
  {
    command: new sdk.ListAssociatedPackagesCommand({ ...domain, packageGroup: '/npm/*' }),
    answer: { packages: [{ ...widgets, associationType: 'STRONG' }] },
  },
  {
    command: new sdk.DeletePackageGroupCommand({ ...domain, packageGroup: '/npm/*' }),
    answer: { packageGroup: bytes },
  },
]

const packages: readonly Step[] = [
  {
    command: new sdk.PublishPackageVersionCommand({
      ...team,
      ...tool,
      packageVersion: '1.0.0',
      assetName: 'tool.tgz',
      assetContent: 'tool',
      assetSHA256: hash('sha256', 'tool'),
    }),
    answer: {
      ...tool,
      version: '1.0.0',
      versionRevision: aRevision,
      status: 'Published',
      asset: assetShape('tool.tgz', 'tool'),
    },
  },
  {
    command: new sdk.ListPackagesCommand({ ...team, format: 'npm' }),
    answer: { packages: [{ ...widgets, originConfiguration: ownPackage }] },
  },
  {
    command: new sdk.DescribePackageCommand({ ...team, ...widgets }),
    answer: { package: { format: 'npm', namespace: 'acme', name: 'widgets', originConfiguration: ownPackage } },
  },
  {
    command: new sdk.PutPackageOriginConfigurationCommand({
      ...team,
      ...widgets,
      restrictions: { publish: 'BLOCK', upstream: 'ALLOW' },
    }),
    answer: { originConfiguration: { restrictions: { publish: 'BLOCK', upstream: 'ALLOW' } } },
  },
  {
    command: new sdk.ListPackageVersionsCommand({ ...team, ...widgets, sortBy: 'PUBLISHED_TIME' }),
    answer: {
      ...widgets,
      defaultDisplayVersion: '1.0.0',
      versions: [{ version: '1.0.0', revision: aRevision, status: 'Published', origin }],
    },
  },
  {
    command: new sdk.DescribePackageVersionCommand(versionAt),
    answer: {
      packageVersion: {
        format: 'npm',
        namespace: 'acme',
        packageName: 'widgets',
        displayName: '@acme/widgets',
        version: '1.0.0',
        summary: 'Round ones',
        homePage: 'https://acme.example/widgets',
        sourceCodeRepository: 'https://acme.example/widgets.git',
        publishedTime: aTime,
        licenses: [{ name: 'MIT', url: 'https://acme.example/licence' }],
        revision: aRevision,
        status: 'Published',
        origin,
      },
    },
  },
  {
    command: new sdk.GetPackageVersionReadmeCommand(versionAt),
    answer: { ...widgets, version: '1.0.0', versionRevision: aRevision, readme: '# Widgets' },
  },
  {
    command: new sdk.ListPackageVersionDependenciesCommand(versionAt),
    answer: {
      ...widgets,
      version: '1.0.0',
      versionRevision: aRevision,
      dependencies: [{ namespace: 'acme', package: 'axle', dependencyType: 'regular', versionRequirement: '^1' }],
    },
  },
  {
    command: new sdk.ListPackageVersionAssetsCommand(versionAt),
    answer: {
      ...widgets,
      version: '1.0.0',
      versionRevision: aRevision,
      assets: [assetShape('package.tgz', 'widgets 1.0.0')],
    },
  },
  {
    command: new sdk.GetPackageVersionAssetCommand({ ...versionAt, asset: 'package.tgz' }),
    answer: { asset: bytes, assetName: 'package.tgz', packageVersion: '1.0.0', packageVersionRevision: aRevision },
  },
  {
    command: new sdk.CopyPackageVersionsCommand({
      ...domain,
      ...widgets,
      sourceRepository: 'team',
      destinationRepository: 'store',
      versions: ['1.0.0'],
    }),
    answer: successful('Published'),
  },
]

const endings: readonly Step[] = [
  {
    command: new sdk.UpdatePackageVersionsStatusCommand({
      ...team,
      ...widgets,
      versions: ['1.0.0', '9.9.9'],
      targetStatus: 'Archived',
    }),
    answer: {
      successfulVersions: {},
      failedVersions: {
        '1.0.0': { errorCode: 'SKIPPED', errorMessage: 'version 1.0.0 is skipped' },
        '9.9.9': { errorCode: 'NOT_FOUND', errorMessage: 'Could not find version 9.9.9' },
      },
    },
  },
  {
    command: new sdk.DisposePackageVersionsCommand({ ...team, ...widgets, versions: ['1.0.0'] }),
    answer: successful('Disposed'),
  },
  {
    command: new sdk.DeletePackageVersionsCommand({ ...team, ...widgets, versions: ['1.0.0'] }),
    answer: successful('Deleted'),
  },
  {
    command: new sdk.DeletePackageCommand({ ...team, ...tool }),
    answer: { deletedPackage: { ...tool, originConfiguration: ownPackage } },
  },
  {
    command: new sdk.DeleteRepositoryCommand(team),
    answer: { repository: repositoryDescription('team', { description: 'All of ours' }) },
  },
  {
    command: new sdk.DeleteRepositoryCommand({ ...domain, repository: 'store' }),
    answer: { repository: repositoryDescription('store') },
  },
  {
    command: new sdk.DeleteDomainCommand(domain),
    answer: { domain: domainDescription(0, (size) => size === 0 || aSize(size)) },
  },
]

function nameOf(command: Command): keyof typeof operations {
  return command.constructor.name.replace(/Command$/, '') as keyof typeof operations
}

async function take({ client }: ControlPlane, { command, answer }: Step): Promise<void> {
  const name = nameOf(command)
  const sent = client.send(command as unknown as sdk.ListDomainsCommand)
  return assertAnswer(await sent, answer, name)
}

testOnEachDatabase('every operation answers with every field that it should have', async (start, t) => {
  const plane = await start()
  const called = new Set<string>()
  const run = async (steps: readonly Step[]) => {
    for (const step of steps) {
      called.add(nameOf(step.command))
      await t.test(nameOf(step.command), () => take(plane, step))
    }
  }
  await run(setUp)
  await storeVersion(plane, {
    ...team,
    ...widgets,
    name: 'widgets',
    version: '1.0.0',
    readme: '# Widgets',
    facts: {
      displayName: '@acme/widgets',
      summary: 'Round ones',
      homePage: 'https://acme.example/widgets',
      sourceCodeRepository: 'https://acme.example/widgets.git',
      licenses: [{ name: 'MIT', url: 'https://acme.example/licence' }],
      dependencies: [{ namespace: 'acme', package: 'axle', dependencyType: 'regular', versionRequirement: '^1' }],
    },
  })
  await run(groups)
  await run(packages)
  await run(endings)
  assert.deepEqual([...called].toSorted(), Object.keys(operations).toSorted(), 'no operation was left out')
})
