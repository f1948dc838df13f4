import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type CodeartifactClient,
  CreateDomainCommand,
  CreateRepositoryCommand,
  DeleteDomainCommand,
  DeletePackageVersionsCommand,
  DeleteRepositoryCommand,
  DescribeRepositoryCommand,
  GetPackageVersionAssetCommand,
  GetPackageVersionReadmeCommand,
  ListPackageVersionDependenciesCommand,
  ListPackagesCommand,
  ListPackageVersionAssetsCommand,
  PackageFormat,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-codeartifact'
import { awsClis, skipWithoutAws } from '../support/aws.ts'
import { skipWithoutClient } from '../support/clients.ts'
import { bytesOf, makePackage } from '../support/npm-package.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const widgets = {
  name: '@acme/widgets',
  version: '1.0.0',
  dependencies: { tiny: '^1.0.0' },
  manifest: { description: 'Round ones', homepage: 'https://example.com/widgets' },
}
const place = '--domain packyard --repository main'
const versionOf = `${place} --format npm --namespace acme --package widgets`

for (const cli of awsClis) {
  testOnEachSetup(`${cli.name} runs domains, repositories and packages`, { skip: skipWithoutAws }, async (t, setup) => {
    const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
    const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
    const aws = (command: string) => yard.aws(`codeartifact ${command}`, { cli })

    await t.test('a domain and its repositories, from creation to deletion', async () => {
      await useDomain(aws)
    })

    await t.test('a package version and what it holds', async () => {
      const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
      assert.equal((await wire.publish(widgets)).status, 201)
      await readVersion(aws, yard)
    })

    await t.test('mistakes are answered in the shape that the CLI prints', async () => {
      const attempt = (command: string) => yard.attemptAws(`codeartifact ${command}`, { cli })
      const unknown = await attempt('describe-domain --domain no-such-domain')
      assert.match(unknown.output, /\(ResourceNotFoundException\).*no-such-domain/)
      const conflict = await attempt('create-domain --domain packyard')
      assert.match(conflict.output, /\(ConflictException\)/)
      const invalid = await attempt('create-repository --domain packyard --repository -wrong-')
      assert.match(invalid.output, /\(ValidationException\).*-wrong-|argument/s)
    })
  })
}

type Aws = (command: string) => Promise<Record<string, unknown>>

async function useDomain(aws: Aws): Promise<void> {
  await aws('create-domain --domain workshop')
  await aws('create-repository --domain workshop --repository store --description Everything')
  await aws('associate-external-connection --domain workshop --repository store --external-connection public:npmjs')
  await aws('create-repository --domain workshop --repository team --upstreams repositoryName=store')
  const team = await describe(aws, 'team')
  assert.deepEqual(team.upstreams, [{ repositoryName: 'store' }])
  const store = await describe(aws, 'store')
  assert.equal(store.description, 'Everything')
  assert.deepEqual(store.externalConnections, [
    { externalConnectionName: 'public:npmjs', packageFormat: 'npm', status: 'AVAILABLE' },
  ])
  const { repositories } = await aws('list-repositories-in-domain --domain workshop')
  assert.deepEqual(
    (repositories as { name: string }[]).map(({ name }) => name),
    ['store', 'team'],
  )
  await aws("update-repository --domain workshop --repository team --description 'For the team' --upstreams")
  await aws('disassociate-external-connection --domain workshop --repository store --external-connection public:npmjs')
  await aws('delete-repository --domain workshop --repository team')
  await aws('delete-repository --domain workshop --repository store')
  await aws('delete-domain --domain workshop')
  const { domains } = await aws('list-domains')
  assert.deepEqual(
    (domains as { name: string }[]).map(({ name }) => name),
    ['packyard'],
  )
}

async function describe(aws: Aws, repository: string): Promise<Record<string, unknown>> {
  const answer = await aws(`describe-repository --domain workshop --repository ${repository}`)
  return answer.repository as Record<string, unknown>
}

async function readVersion(aws: Aws, yard: Packyard): Promise<void> {
  const { packages } = await aws(`list-packages ${place}`)
  const listed = (packages as { namespace: string; package: string }[])[0]
  assert.deepEqual([listed?.namespace, listed?.package], ['acme', 'widgets'])
  const { package: described } = await aws(`describe-package ${versionOf}`)
  assert.equal((described as { name: string }).name, 'widgets')
  const { versions } = await aws(`list-package-versions ${versionOf}`)
  assert.equal((versions as { version: string }[])[0]?.version, '1.0.0')
  const { packageVersion } = await aws(`describe-package-version ${versionOf} --package-version 1.0.0`)
  const facts = packageVersion as Record<string, unknown>
  assert.equal(facts.summary, 'Round ones')
  assert.equal(facts.homePage, 'https://example.com/widgets')
  assert.deepEqual(facts.licenses, [{ name: 'Apache-2.0' }])
  const { dependencies } = await aws(`list-package-version-dependencies ${versionOf} --package-version 1.0.0`)
  assert.deepEqual(dependencies, [{ package: 'tiny', dependencyType: 'regular', versionRequirement: '^1.0.0' }])
  const { readme } = await aws(`get-package-version-readme ${versionOf} --package-version 1.0.0`)
  assert.match(String(readme), /^# @acme\/widgets/)
  await aws(`get-package-version-asset ${versionOf} --package-version 1.0.0 --asset package.tgz widgets.tgz`)
  assert.deepEqual(await readFile(join(yard.folder, 'widgets.tgz')), await bytesOf(await makePackage(widgets)))
}

test('the SDK runs the same operations', async (t) => {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const { sdk } = yard

  await t.test('a domain and a repository, from creation to deletion', async () => {
    await sdk.send(new CreateDomainCommand({ domain: 'workshop' }))
    await sdk.send(new CreateRepositoryCommand({ domain: 'workshop', repository: 'team' }))
    const where = { domain: 'workshop', repository: 'team' }
    const { repository } = await sdk.send(new DescribeRepositoryCommand(where))
    assert.equal(repository?.arn, `arn:aws:codeartifact:us-east-1:000000000000:repository/workshop/team`)
    assert.ok(repository?.createdTime instanceof Date)
    await sdk.send(new DeleteRepositoryCommand(where))
    await assert.rejects(sdk.send(new DescribeRepositoryCommand(where)), ResourceNotFoundException)
    await sdk.send(new DeleteDomainCommand({ domain: 'workshop' }))
  })

  await t.test('assets, readme and dependencies of a version, and its end', async () => {
    const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
    assert.equal((await wire.publish(widgets)).status, 201)
    await readWithSdk(sdk)
    assert.equal((await wire.tarball('@acme/widgets', '1.0.0')).status, 404)
    assert.deepEqual(await yard.versions('main', '@acme/widgets'), [])
  })

  await t.test('lists come in pages', async () => {
    const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
    for (const name of ['paged-a', 'paged-b', 'paged-c']) await wire.publish(`${name}@1.0.0`)
    const input = { domain: 'packyard', repository: 'main', packagePrefix: 'paged', maxResults: 2 }
    const first = await sdk.send(new ListPackagesCommand(input))
    const second = await sdk.send(new ListPackagesCommand({ ...input, nextToken: first.nextToken }))
    const names = [first, second].map(({ packages = [] }) => packages.map((each) => each.package))
    assert.deepEqual(names, [['paged-a', 'paged-b'], ['paged-c']])
    assert.equal(second.nextToken, undefined)
    const wrong = new ListPackagesCommand({ ...input, nextToken: 'no-such-token' })
    await assert.rejects(sdk.send(wrong), ValidationException)
  })
})

async function readWithSdk(sdk: CodeartifactClient): Promise<void> {
  const at = {
    domain: 'packyard',
    repository: 'main',
    format: PackageFormat.NPM,
    namespace: 'acme',
    package: 'widgets',
  }
  const version = { ...at, packageVersion: '1.0.0' }
  const made = await makePackage(widgets)
  const tarball = await bytesOf(made)
  const { assets = [], versionRevision } = await sdk.send(new ListPackageVersionAssetsCommand(version))
  assert.deepEqual(
    assets.map(({ name, size }) => ({ name, size })),
    [{ name: 'package.tgz', size: tarball.length }],
  )
  for (const [field, algorithm] of [
    ['MD5', 'md5'],
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA-512', 'sha512'],
  ] as const) {
    assert.equal(assets[0]?.hashes?.[field], createHash(algorithm).update(tarball).digest('hex'))
  }
  const got = await sdk.send(new GetPackageVersionAssetCommand({ ...version, asset: 'package.tgz' }))
  assert.equal(got.packageVersionRevision, versionRevision)
  assert.deepEqual(Buffer.from((await got.asset?.transformToByteArray()) ?? []), tarball)
  assert.match((await sdk.send(new GetPackageVersionReadmeCommand(version))).readme ?? '', /fixture/)
  const { dependencies = [] } = await sdk.send(new ListPackageVersionDependenciesCommand(version))
  assert.deepEqual(
    dependencies.map((each) => each.package),
    ['tiny'],
  )
  const ended = await sdk.send(new DeletePackageVersionsCommand({ ...at, versions: ['1.0.0', '9.9.9'] }))
  assert.equal(ended.successfulVersions?.['1.0.0']?.status, 'Deleted')
  assert.equal(ended.failedVersions?.['9.9.9']?.errorCode, 'NOT_FOUND')
}

testOnEachSetup(
  'a status decides what npm may do',
  { skip: skipWithoutClient('npm 11') || skipWithoutAws },
  async (t, setup) => {
    const upstream = await startUpstream(t)
    const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
    const npm = await yard.client('npm 11')
    await npm.publish({ name: 'staged', version: '1.0.0' })
    await npm.publish({ name: 'staged', version: '1.1.0' })
    await npm.add('staged@1.1.0')
    const setStatus = (status: string) => {
      const versions = `${place} --format npm --package staged --versions 1.1.0`
      return yard.aws(`codeartifact update-package-versions-status ${versions} --target-status ${status}`)
    }

    await t.test('Unlisted: not found by its name, but installed from a lock file', async () => {
      await setStatus('Unlisted')
      assert.deepEqual(await yard.versions('main', 'staged'), ['1.0.0 Published INTERNAL', '1.1.0 Unlisted INTERNAL'])
      await npm.forget()
      await npm.run('ci')
      assert.equal(await npm.installed('staged'), 'staged@1.1.0')
      const other = await yard.client('npm 11')
      await other.add('staged')
      assert.equal(await other.installed('staged'), 'staged@1.0.0')
    })

    await t.test('Archived: not to be had at all', async () => {
      await setStatus('Archived')
      await npm.forget()
      const result = await npm.attempt('ci')
      assert.notEqual(result.code, 0)
      assert.match(result.output, /404/)
    })

    await t.test('Published again: as before', async () => {
      await setStatus('Published')
      const other = await yard.client('npm 11')
      await other.add('staged')
      assert.equal(await other.installed('staged'), 'staged@1.1.0')
    })
  },
)
