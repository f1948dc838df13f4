import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import * as sdk from '@aws-sdk/client-codeartifact'
import { type ControlPlane, type FixtureVersion, storeVersion, testOnEachDatabase } from '../support/control-plane.ts'
import { bytesOf, makePackage } from '../support/npm-package.ts'
import { failure } from '../support/sdk-failure.ts'

const main = { domain: 'acme', repository: 'main' } as const
const lib = { ...main, format: 'npm', package: 'lib' } as const

/** Domain acme with repositories main and other. */
async function startWithRepositories(start: () => Promise<ControlPlane>): Promise<ControlPlane> {
  const plane = await start()
  await plane.client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  for (const repository of ['main', 'other']) {
    await plane.client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository }))
  }
  return plane
}

function storeLib(plane: ControlPlane, version: string, more: Partial<FixtureVersion> = {}): Promise<string> {
  return storeVersion(plane, { ...main, format: 'npm', name: 'lib', version, ...more })
}

async function sizeOf({ client }: ControlPlane): Promise<number | undefined> {
  return (await client.send(new sdk.DescribeDomainCommand({ domain: 'acme' }))).domain?.assetSizeBytes
}

/** Those that announce what came after the creation, in their order. */
async function eventsOf({ registry }: ControlPlane): Promise<Record<string, unknown>[]> {
  const rows = await registry.metadata.db.selectFrom('events').select('body').orderBy('sequence').execute()
  const details = rows.map((row) => (JSON.parse(row.body) as { detail: Record<string, unknown> }).detail)
  return details.filter((detail) => detail.operationType !== 'Created')
}

testOnEachDatabase('packages are listed by format, namespace and name, under every filter', async (start) => {
  const plane = await startWithRepositories(start)
  const { client } = plane
  const stored: readonly [FixtureVersion['format'], string, string][] = [
    ['npm', '', 'zeta'],
    ['npm', 'types', 'node'],
    ['npm', 'typos', 'node'],
    ['npm', '', 'Alpha'],
    ['maven', 'org.acme', 'core'],
  ]
  for (const [format, namespace, name] of stored) {
    await storeVersion(plane, { ...main, format, namespace, name, version: '1.0.0' })
  }
  const list = async (filter: Partial<sdk.ListPackagesCommandInput>) => {
    const found: string[] = []
    for await (const page of sdk.paginateListPackages({ client, pageSize: 2 }, { ...main, ...filter })) {
      for (const { format, namespace, package: name } of page.packages ?? []) {
        found.push(`${format}/${namespace ?? ''}/${name}`)
      }
    }
    return found
  }
  const all = ['maven/org.acme/core', 'npm//Alpha', 'npm//zeta', 'npm/types/node', 'npm/typos/node']
  assert.deepEqual(await list({}), all)
  assert.deepEqual(await list({ format: 'npm', namespace: 'ty' }), ['npm/types/node', 'npm/typos/node'])
  assert.deepEqual(await list({ format: 'npm', namespace: 'types' }), ['npm/types/node'])
  assert.deepEqual(await list({ packagePrefix: 'z' }), ['npm//zeta'])
  const restrictions = { publish: 'BLOCK', upstream: 'ALLOW' } as const
  const zeta = { ...main, format: 'npm', package: 'zeta', restrictions } as const
  await client.send(new sdk.PutPackageOriginConfigurationCommand(zeta))
  assert.deepEqual(await list({ publish: 'BLOCK' }), ['npm//zeta'])
  assert.deepEqual(await list({ upstream: 'BLOCK', format: 'maven' }), ['maven/org.acme/core'])
  assert.deepEqual(await list({ repository: 'other' }), [])
})

testOnEachDatabase('a package is described by its own shape, and missing ones are named', async (start) => {
  const plane = await startWithRepositories(start)
  const { client } = plane
  await storeVersion(plane, { ...main, format: 'maven', namespace: 'org.acme', name: 'core', version: '1' })
  const where = { ...main, format: 'maven', namespace: 'org.acme', package: 'core' } as const
  const described = await client.send(new sdk.DescribePackageCommand(where))
  assert.deepEqual(described.package, {
    format: 'maven',
    namespace: 'org.acme',
    name: 'core',
    originConfiguration: { restrictions: { publish: 'ALLOW', upstream: 'BLOCK' } },
  })
  const describe = (input: Partial<sdk.DescribePackageCommandInput>) =>
    failure(client.send(new sdk.DescribePackageCommand({ ...where, ...input })))
  const missing = await describe({ package: 'none' })
  assert.ok(missing instanceof sdk.ResourceNotFoundException)
  assert.match(missing.message, /^Package not found in repository\. RepoId: .* , Package = PackageCoordinate\{/)
  assert.match(missing.message, /\{packageType=maven, packageName=none\},/)
  assert.deepEqual([missing.resourceType, missing.resourceId], ['package', 'acme/main/maven/org.acme/none'])
  const elsewhere = await describe({ repository: 'gone' })
  assert.ok(elsewhere instanceof sdk.ResourceNotFoundException)
  assert.equal(elsewhere.resourceType, 'repository')
  assert.equal((await describe({ namespace: undefined })).name, 'ValidationException')
  assert.equal((await describe({ format: 'pypi' })).name, 'ValidationException')
  assert.equal((await describe({ package: 'a#b' })).name, 'ValidationException')
})

testOnEachDatabase('versions are listed in both orders, filtered, and paged', async (start) => {
  const plane = await startWithRepositories(start)
  const { client, time } = plane
  const hour = 3_600_000
  await storeLib(plane, '1.10.0', { publishedAt: time.now - hour })
  await storeLib(plane, '1.2.0', { publishedAt: time.now - 3 * hour })
  await storeLib(plane, '2.0.0', { publishedAt: time.now - 2 * hour, status: 'Archived' })
  const list = async (filter: Partial<sdk.ListPackageVersionsCommandInput>) => {
    const found: (string | undefined)[] = []
    let shown: string | undefined
    for await (const page of sdk.paginateListPackageVersions({ client, pageSize: 2 }, { ...lib, ...filter })) {
      found.push(...(page.versions ?? []).map((item) => item.version))
      shown = page.defaultDisplayVersion
    }
    return [found, shown]
  }
  assert.deepEqual(await list({}), [['1.10.0', '1.2.0', '2.0.0'], '1.10.0'])
  assert.deepEqual(await list({ sortBy: 'PUBLISHED_TIME' }), [['1.10.0', '2.0.0', '1.2.0'], '1.10.0'])
  assert.deepEqual(await list({ status: 'Archived' }), [['2.0.0'], '1.10.0'])
  assert.deepEqual(await list({ status: 'Deleted' }), [[], '1.10.0'])
  assert.deepEqual(await list({ originType: 'EXTERNAL' }), [[], '1.10.0'])
  await storeLib(plane, '1.3.0', { publishedAt: time.now - 4 * hour, tags: ['latest'] })
  assert.deepEqual((await list({}))[1], '1.3.0')
})

testOnEachDatabase('a version is described with what its own metadata says', async (start) => {
  const plane = await startWithRepositories(start)
  const { client, time } = plane
  const dependencies = [
    { namespace: 'types', package: 'node', dependencyType: 'dev', versionRequirement: '^26' },
    { package: 'tiny', dependencyType: 'regular', versionRequirement: '1.x' },
  ]
  const facts = { displayName: '@acme/lib', summary: 'Small', licenses: [{ name: 'MIT' }], dependencies }
  const publishedAt = time.now - 123
  const revision = await storeLib(plane, '1.0.0', { namespace: 'acme', facts, readme: '# Lib', publishedAt })
  const where = { ...lib, namespace: 'acme', packageVersion: '1.0.0' }
  const { packageVersion } = await client.send(new sdk.DescribePackageVersionCommand(where))
  assert.deepEqual(packageVersion, {
    format: 'npm',
    namespace: 'acme',
    packageName: 'lib',
    displayName: '@acme/lib',
    version: '1.0.0',
    summary: 'Small',
    publishedTime: new Date(publishedAt),
    licenses: [{ name: 'MIT' }],
    revision,
    status: 'Published',
    origin: { domainEntryPoint: { repositoryName: 'main' }, originType: 'INTERNAL' },
  })
  const header = { format: 'npm', namespace: 'acme', package: 'lib', version: '1.0.0', versionRevision: revision }
  const { $metadata: _list, ...listed } = await client.send(new sdk.ListPackageVersionDependenciesCommand(where))
  assert.deepEqual(listed, { ...header, dependencies })
  const { $metadata: _readme, ...read } = await client.send(new sdk.GetPackageVersionReadmeCommand(where))
  assert.deepEqual(read, { ...header, readme: '# Lib' })

  await storeLib(plane, '1.0.0')
  const bare = await failure(client.send(new sdk.GetPackageVersionReadmeCommand({ ...lib, packageVersion: '1.0.0' })))
  assert.ok(bare instanceof sdk.ResourceNotFoundException)
  assert.equal(bare.resourceType, 'package-version')
  const missing = await failure(
    client.send(new sdk.DescribePackageVersionCommand({ ...lib, packageVersion: 'not-a-version' })),
  )
  assert.ok(missing instanceof sdk.ResourceNotFoundException)
  assert.equal(missing.resourceId, 'acme/main/npm//lib/not-a-version')
})

testOnEachDatabase('the readme of what came from outside is found when somebody asks, and kept', async (start) => {
  const plane = await startWithRepositories(start)
  const { client, registry } = plane
  const tarball = await bytesOf(
    await makePackage({ name: 'lib', version: '1.0.0', files: { 'README.md': '# From afar' } }),
  )
  await storeLib(plane, '1.0.0', { assets: { 'package.tgz': tarball }, inspected: 'on demand' })
  await storeLib(plane, '2.0.0', { assets: { 'package.tgz': 'no tarball at all' }, inspected: 'on demand' })
  const ask = (packageVersion: string) =>
    client.send(new sdk.GetPackageVersionReadmeCommand({ ...lib, packageVersion }))
  const readmes = () => {
    const contents = registry.metadata.db.selectFrom('version_contents').select(['readme', 'is_inspected'])
    return contents.orderBy('version').execute()
  }
  assert.deepEqual(await readmes(), Array(2).fill({ readme: null, is_inspected: 0 }))
  assert.equal((await ask('1.0.0')).readme, '# From afar')
  assert.equal((await failure(ask('2.0.0'))).name, 'ResourceNotFoundException')
  const kept = [
    { readme: '# From afar', is_inspected: 1 },
    { readme: null, is_inspected: 1 },
  ]
  assert.deepEqual(await readmes(), kept)
  assert.equal((await ask('1.0.0')).readme, '# From afar')
})

testOnEachDatabase('assets are listed with four hashes and read with their headers', async (start) => {
  const plane = await startWithRepositories(start)
  const { client } = plane
  const generic = { ...main, format: 'generic', namespace: 'tools', package: 'lib' } as const
  const assets = { 'b.txt': 'b'.repeat(70_000), 'a naïve.txt': 'a', 'c.txt': '' }
  const revision = await storeLib(plane, '1.0.0', { format: 'generic', namespace: 'tools', assets })
  const where = { ...generic, packageVersion: '1.0.0' }
  const found: sdk.AssetSummary[] = []
  for await (const page of sdk.paginateListPackageVersionAssets({ client, pageSize: 2 }, where)) {
    assert.equal(page.versionRevision, revision)
    found.push(...(page.assets ?? []))
  }
  assert.deepEqual(
    found.map(({ name, size }) => [name, size]),
    [
      ['a naïve.txt', 1],
      ['b.txt', 70_000],
      ['c.txt', 0],
    ],
  )
  const hashes = found[0]?.hashes ?? {}
  const lengths = Object.entries(hashes).map(([name, value]) => [name, value.length])
  assert.deepEqual(lengths, [
    ['MD5', 32],
    ['SHA-1', 40],
    ['SHA-256', 64],
    ['SHA-512', 128],
  ])

  const get = (asset: string, packageVersionRevision?: string) =>
    client.send(new sdk.GetPackageVersionAssetCommand({ ...where, asset, packageVersionRevision }))
  for (const [name, text] of Object.entries(assets)) {
    const answer = await get(name, revision)
    assert.equal((await buffer(answer.asset as unknown as Readable)).toString(), text)
    assert.equal(decodeURIComponent(answer.assetName ?? ''), name)
    assert.deepEqual([answer.packageVersion, answer.packageVersionRevision], ['1.0.0', revision])
  }
  const missing = await failure(get('d.txt'))
  assert.ok(missing instanceof sdk.ResourceNotFoundException)
  assert.equal(missing.resourceType, 'asset')
  const stale = await failure(get('b.txt', 'c3RhbGU='))
  assert.equal(stale.name, 'ConflictException')
  assert.equal(stale.message, `current revision: ${revision}, expected revision: c3RhbGU=`)
})

testOnEachDatabase('a status change is all or nothing, keeps the revision, and is announced', async (start) => {
  const plane = await startWithRepositories(start)
  const { client } = plane
  const revisions = { '1.0.0': await storeLib(plane, '1.0.0'), '2.0.0': await storeLib(plane, '2.0.0') }
  const update = async (input: Partial<sdk.UpdatePackageVersionsStatusCommandInput>) => {
    const versions = ['1.0.0', '2.0.0']
    const command = { ...lib, versions, targetStatus: 'Archived', ...input } as const
    const answer = await client.send(new sdk.UpdatePackageVersionsStatusCommand(command))
    return [answer.successfulVersions, answer.failedVersions]
  }
  const skipped = { errorCode: 'SKIPPED', errorMessage: 'version 2.0.0 is skipped' }
  const wrong = { ...revisions, '1.0.0': 'b3RoZXI=' }
  const mismatch = `current revision: ${revisions['1.0.0']}, expected revision: b3RoZXI=`
  assert.deepEqual(await update({ versionRevisions: wrong }), [
    {},
    { '1.0.0': { errorCode: 'MISMATCHED_REVISION', errorMessage: mismatch }, '2.0.0': skipped },
  ])
  const gone = { errorCode: 'NOT_FOUND', errorMessage: 'Could not find version 3.0.0' }
  assert.deepEqual(await update({ versions: ['3.0.0', '2.0.0'] }), [{}, { '3.0.0': gone, '2.0.0': skipped }])
  assert.deepEqual(await eventsOf(plane), [])

  const expected = {
    '1.0.0': { revision: revisions['1.0.0'], status: 'Archived' },
    '2.0.0': { revision: revisions['2.0.0'], status: 'Archived' },
  }
  const versionRevisions = revisions
  assert.deepEqual(await update({ versionRevisions, expectedStatus: 'Published' }), [expected, {}])
  assert.deepEqual(await update({}), [expected, {}], 'the status that it has already is no failure')
  const events = await eventsOf(plane)
  assert.deepEqual(
    events.map((event) => [event.packageVersion, event.operationType, event.packageVersionState, event.sequenceNumber]),
    [
      ['1.0.0', 'Updated', 'Archived', 3],
      ['2.0.0', 'Updated', 'Archived', 4],
    ],
  )
  const changes = { assetsAdded: 0, assetsRemoved: 0, assetsUpdated: 0, metadataUpdated: false, statusChanged: true }
  assert.deepEqual(events[0]?.changes, changes)
  const asset = { ...lib, packageVersion: '1.0.0', asset: 'package.tgz' }
  assert.equal((await failure(client.send(new sdk.GetPackageVersionAssetCommand(asset)))).name, 'ConflictException')

  for (const targetStatus of ['Unfinished', 'Disposed', 'Deleted'] as const) {
    assert.equal((await failure(update({ targetStatus }))).name, 'ValidationException')
  }
  const half = { '1.0.0': revisions['1.0.0'] }
  assert.equal((await failure(update({ versionRevisions: half }))).name, 'ValidationException')
  const many = Array.from({ length: 101 }, (_, index) => `1.0.${index}`)
  assert.equal((await failure(update({ versions: many }))).name, 'ValidationException')
  assert.equal((await failure(update({ package: 'none' }))).name, 'ResourceNotFoundException')
})

testOnEachDatabase('deleted versions go one by one, with their tags; the package stays', async (start) => {
  const plane = await startWithRepositories(start)
  const { client, registry } = plane
  const revision = await storeLib(plane, '1.0.0', { tags: ['latest', 'old'] })
  await storeLib(plane, '2.0.0', { tags: ['next'] })
  const before = await sizeOf(plane)
  const versions = ['1.0.0', '3.0.0', '2.0.0', '1.0.0']
  await client.send(
    new sdk.UpdatePackageVersionsStatusCommand({ ...lib, versions: ['2.0.0'], targetStatus: 'Unlisted' }),
  )
  const answer = await client.send(
    new sdk.DeletePackageVersionsCommand({ ...lib, versions, expectedStatus: 'Published' }),
  )
  assert.deepEqual(answer.successfulVersions, { '1.0.0': { revision, status: 'Deleted' } })
  assert.deepEqual(answer.failedVersions, {
    '2.0.0': { errorCode: 'MISMATCHED_STATUS', errorMessage: 'current status: Unlisted, expected status: Published' },
    '3.0.0': { errorCode: 'NOT_FOUND', errorMessage: 'Could not find version 3.0.0' },
  })
  const { db } = registry.metadata
  const tags = await db.selectFrom('package_tags').select(['tag', 'version']).execute()
  assert.deepEqual(tags, [{ tag: 'next', version: '2.0.0' }])
  assert.deepEqual(await db.selectFrom('version_contents').select('version').execute(), [{ version: '2.0.0' }])
  assert.equal(await sizeOf(plane), before! - 'lib 1.0.0'.length)
  const deleted = (await eventsOf(plane)).at(-1)
  assert.deepEqual(
    [deleted?.operationType, deleted?.packageVersionState, deleted?.sequenceNumber],
    ['Deleted', 'Published', 4],
  )
  assert.partialDeepStrictEqual(deleted, { changes: { assetsRemoved: 1 } })

  await client.send(new sdk.DeletePackageVersionsCommand({ ...lib, versions: ['2.0.0'] }))
  assert.deepEqual((await client.send(new sdk.ListPackageVersionsCommand(lib))).versions, [])
  assert.equal(await sizeOf(plane), 0)
})

testOnEachDatabase('bytes that another repository still needs survive disposal and deletion', async (start) => {
  const plane = await startWithRepositories(start)
  const { client } = plane
  const revision = await storeLib(plane, '1.0.0')
  await storeLib(plane, '1.0.0', { repository: 'other' })
  const where = { ...lib, packageVersion: '1.0.0' }
  const size = await sizeOf(plane)
  const dispose = (repository: string) =>
    client.send(new sdk.DisposePackageVersionsCommand({ ...lib, repository, versions: ['1.0.0'] }))
  const { successfulVersions } = await dispose('main')
  assert.deepEqual(successfulVersions, { '1.0.0': { revision, status: 'Disposed' } })
  assert.deepEqual((await client.send(new sdk.ListPackageVersionAssetsCommand(where))).assets, [])
  const read = { ...where, repository: 'other', asset: 'package.tgz' }
  const { asset } = await client.send(new sdk.GetPackageVersionAssetCommand(read))
  assert.equal((await buffer(asset as unknown as Readable)).toString(), 'lib 1.0.0')
  assert.equal(await sizeOf(plane), size)

  await client.send(new sdk.DeletePackageVersionsCommand({ ...lib, repository: 'other', versions: ['1.0.0'] }))
  assert.equal(await sizeOf(plane), 0)
  const { packageVersion } = await client.send(new sdk.DescribePackageVersionCommand(where))
  assert.deepEqual([packageVersion?.status, packageVersion?.revision], ['Disposed', revision])
  const refused = await client.send(
    new sdk.UpdatePackageVersionsStatusCommand({ ...lib, versions: ['1.0.0'], targetStatus: 'Published' }),
  )
  assert.equal(refused.failedVersions?.['1.0.0']?.errorCode, 'NOT_ALLOWED')

  await storeLib(plane, '1.0.0', { repository: 'other' })
  const again = await client.send(new sdk.GetPackageVersionAssetCommand(read))
  assert.equal((await buffer(again.asset as unknown as Readable)).toString(), 'lib 1.0.0')
  assert.equal(await sizeOf(plane), size)
  const gone = await client.send(new sdk.DeletePackageVersionsCommand({ ...lib, versions: ['1.0.0'] }))
  assert.equal(gone.successfulVersions?.['1.0.0']?.status, 'Deleted')
})

testOnEachDatabase(
  'a deleted package takes its versions along; a deleted repository all its packages',
  async (start) => {
    const plane = await startWithRepositories(start)
    const { client, registry } = plane
    await storeLib(plane, '1.0.0')
    await storeLib(plane, '2.0.0')
    await storeLib(plane, '1.0.0', { repository: 'other' })
    const { deletedPackage } = await client.send(new sdk.DeletePackageCommand(lib))
    assert.deepEqual(deletedPackage, {
      format: 'npm',
      package: 'lib',
      originConfiguration: { restrictions: { publish: 'ALLOW', upstream: 'BLOCK' } },
    })
    const events = (await eventsOf(plane)).map(
      (event) => `${String(event.packageVersion)} ${String(event.operationType)}`,
    )
    assert.deepEqual(events.toSorted(), ['1.0.0 Deleted', '2.0.0 Deleted'])
    assert.equal((await failure(client.send(new sdk.DescribePackageCommand(lib)))).name, 'ResourceNotFoundException')
    assert.equal(await sizeOf(plane), 'lib 1.0.0'.length)

    await client.send(new sdk.DeleteRepositoryCommand({ domain: 'acme', repository: 'other' }))
    assert.equal(await sizeOf(plane), 0)
    const { db } = registry.metadata
    for (const table of ['packages', 'version_contents', 'version_assets', 'blobs', 'repository_versions'] as const) {
      assert.deepEqual(await db.selectFrom(table).selectAll().execute(), [], table)
    }
    assert.equal((await eventsOf(plane)).length, 2)
  },
)
