import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-codeartifact'
import fc from 'fast-check'
import { type ControlPlane, startControlPlane } from '../support/control-plane.ts'
import { withPostgres } from '../support/setups.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { openSqlite } from '../../src/storage/metadata/sqlite/open.ts'

/** Runs of the property, and calls in each. Ours: some seconds. */
const RUNS = 12
const CALLS_MAX = 40

/** Few names, so that calls meet the same things; those that sort differently by letters than by bytes among them. */
const repository = fc.constantFrom('main', 'main', 'Main', 'a-b')
const namespace = fc.constantFrom('team', 'tëam')
const name = fc.constantFrom('tool', 'Tool', 'to.ol')
const version = fc.constantFrom('1.0', '1.10', 'A')
const asset = fc.constantFrom('a.bin', 'B.bin', 'ä.bin')
const status = fc.constantFrom<sdk.PackageVersionStatus>('Published', 'Unlisted', 'Archived', 'Unfinished')
const tag = fc.record({ key: fc.constantFrom('a', 'B', 'ä'), value: fc.constantFrom('', '1') })
const restriction = fc.constantFrom<'ALLOW' | 'BLOCK'>('ALLOW', 'BLOCK')
const group = fc.constantFrom('/*', '/generic/*', '/generic/team/*', '/generic/te~', '/generic/team/tool$', 'wrong')
const maxResults = fc.constantFrom(1, 2, 50)

/** The domain that every call is about. */
const domain = 'acme'
const packageFields = { repository, namespace, package: name, format: fc.constant('generic' as const) }
const at = fc.record({ domain: fc.constant(domain), ...packageFields })
const versions = fc.uniqueArray(version, { minLength: 1, maxLength: 3 })
const upstreams = fc.uniqueArray(repository, { maxLength: 2 })

type Send = (plane: ControlPlane) => Promise<object>

/** Makes calls of an operation from inputs of it. */
function calls<Input>(
  input: fc.Arbitrary<Input>,
  send: (client: sdk.CodeartifactClient, input: Input) => Promise<object>,
): fc.Arbitrary<{ readonly title: string; readonly send: Send }> {
  return input.map((given) => ({
    title: JSON.stringify(given),
    send: (plane: ControlPlane) => send(plane.client, given),
  }))
}

const inRepository = fc.record({ domain: fc.constant(domain), repository })
const names = (repositories: readonly string[]) => repositories.map((repositoryName) => ({ repositoryName }))

const anyCall = fc.oneof(
  {
    weight: 4,
    arbitrary: calls(fc.tuple(at, version, asset, fc.boolean(), fc.constantFrom('x', 'y')), (client, given) => {
      const [where, packageVersion, assetName, unfinished, content] = given
      const assetSHA256 = createHash('sha256').update(content).digest('hex')
      const input = { ...where, packageVersion, assetName, unfinished, assetContent: content, assetSHA256 }
      return client.send(new sdk.PublishPackageVersionCommand(input))
    }),
  },
  {
    weight: 2,
    arbitrary: calls(fc.tuple(inRepository, upstreams), (client, [where, given]) =>
      client.send(new sdk.CreateRepositoryCommand({ ...where, upstreams: names(given) })),
    ),
  },
  calls(fc.tuple(inRepository, upstreams), (client, [where, given]) =>
    client.send(new sdk.UpdateRepositoryCommand({ ...where, upstreams: names(given) })),
  ),
  calls(inRepository, (client, where) => client.send(new sdk.DescribeRepositoryCommand(where))),
  calls(inRepository, (client, where) => client.send(new sdk.DeleteRepositoryCommand(where))),
  calls(fc.tuple(at, versions, status), (client, [where, given, targetStatus]) =>
    client.send(new sdk.UpdatePackageVersionsStatusCommand({ ...where, versions: given, targetStatus })),
  ),
  calls(fc.tuple(at, versions), (client, [where, given]) =>
    client.send(new sdk.DisposePackageVersionsCommand({ ...where, versions: given })),
  ),
  calls(fc.tuple(at, versions), (client, [where, given]) =>
    client.send(new sdk.DeletePackageVersionsCommand({ ...where, versions: given })),
  ),
  calls(at, (client, where) => client.send(new sdk.DeletePackageCommand(where))),
  calls(fc.tuple(at, restriction), (client, [where, publish]) =>
    client.send(
      new sdk.PutPackageOriginConfigurationCommand({ ...where, restrictions: { publish, upstream: 'BLOCK' } }),
    ),
  ),
  calls(fc.tuple(at, repository, versions, fc.boolean()), (client, given) => {
    const [{ repository: sourceRepository, ...where }, destinationRepository, wanted, allowOverwrite] = given
    const input = { ...where, sourceRepository, destinationRepository, versions: wanted, allowOverwrite }
    return client.send(new sdk.CopyPackageVersionsCommand(input))
  }),
  calls(fc.array(tag, { maxLength: 3 }), (client, tags) =>
    client.send(
      new sdk.TagResourceCommand({ resourceArn: `arn:aws:codeartifact:eu-west-1:111122223333:domain/${domain}`, tags }),
    ),
  ),
  calls(group, (client, packageGroup) => client.send(new sdk.CreatePackageGroupCommand({ domain, packageGroup }))),
  calls(group, (client, packageGroup) => client.send(new sdk.DeletePackageGroupCommand({ domain, packageGroup }))),
  calls(fc.tuple(group, restriction), (client, [packageGroup, PUBLISH]) =>
    client.send(
      new sdk.UpdatePackageGroupOriginConfigurationCommand({ domain, packageGroup, restrictions: { PUBLISH } }),
    ),
  ),
  calls(fc.tuple(inRepository, maxResults, fc.option(restriction, { nil: undefined })), (client, given) => {
    const [where, size, publish] = given
    return every(sdk.paginateListPackages({ client, pageSize: size }, { ...where, publish }))
  }),
  calls(fc.tuple(inRepository, maxResults, fc.constantFrom('t', 'T', 'to')), (client, [where, size, packagePrefix]) =>
    every(sdk.paginateListPackages({ client, pageSize: size }, { ...where, packagePrefix })),
  ),
  calls(
    fc.tuple(at, maxResults, fc.option(fc.constant('PUBLISHED_TIME' as const), { nil: undefined })),
    (client, given) => {
      const [where, size, sortBy] = given
      return every(sdk.paginateListPackageVersions({ client, pageSize: size }, { ...where, sortBy }))
    },
  ),
  calls(fc.tuple(at, version, maxResults), (client, [where, packageVersion, size]) =>
    every(sdk.paginateListPackageVersionAssets({ client, pageSize: size }, { ...where, packageVersion })),
  ),
  calls(maxResults, (client, size) =>
    every(sdk.paginateListRepositoriesInDomain({ client, pageSize: size }, { domain })),
  ),
  calls(fc.tuple(group, maxResults), (client, [packageGroup, size]) =>
    every(sdk.paginateListAssociatedPackages({ client, pageSize: size }, { domain, packageGroup })),
  ),
  calls(maxResults, (client, size) => every(sdk.paginateListPackageGroups({ client, pageSize: size }, { domain }))),
  calls(fc.constant(domain), (client, given) => client.send(new sdk.DescribeDomainCommand({ domain: given }))),
)

async function every(pages: AsyncIterable<object>): Promise<object> {
  return { pages: await Array.fromAsync(pages) }
}

/** What a client is told, without what no two servers have alike. */
async function answerOf(send: Send, plane: ControlPlane): Promise<string> {
  try {
    return show(await send(plane))
  } catch (error) {
    assert.ok(error instanceof sdk.CodeartifactServiceException, String(error))
    assert.ok((error.$metadata.httpStatusCode ?? 500) < 500, error.message)
    const { name: code, message, $metadata, ...members } = error
    return show({ code, message, status: $metadata.httpStatusCode, ...members })
  }
}

function show(answer: object): string {
  const hidden = new Set(['$metadata', '$response', '$retryable', '$fault', 'nextToken', 'stack'])
  return JSON.stringify(answer, (key, value: unknown) => (hidden.has(key) ? undefined : value))
}

test('any calls in any order have the same answers on SQLite and PostgreSQL', async (t) => {
  await withPostgres(t, async (url) => {
    const folders = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), 'packyard-'))))
    t.after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))
    const [first = '', second = ''] = folders
    const sqlite = await startControlPlane(t, first, () => openSqlite({ file: join(first, 'packyard.db') }))
    const postgres = await startControlPlane(t, second, () => openPostgres({ url }))
    postgres.time.now = sqlite.time.now
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { minLength: 5, maxLength: CALLS_MAX }), async (sequence) => {
        await startOver(sqlite, postgres)
        for (const { title, send } of sequence) {
          // Time goes on, and equally: versions are listed by it.
          for (const plane of [sqlite, postgres]) plane.time.now += 1000
          const [left, right] = await Promise.all([answerOf(send, sqlite), answerOf(send, postgres)])
          assert.equal(left, right, title)
        }
      }),
      { numRuns: RUNS },
    )
  })
})

/** A domain with one repository, and nothing else. */
async function startOver(...planes: readonly ControlPlane[]): Promise<void> {
  for (const { client } of planes) {
    const { repositories = [] } = await client
      .send(new sdk.ListRepositoriesInDomainCommand({ domain }))
      .catch(() => ({ repositories: [] }))
    for (const { name: known } of repositories) {
      await client.send(new sdk.DeleteRepositoryCommand({ domain, repository: known }))
    }
    await client.send(new sdk.DeleteDomainCommand({ domain }))
    await client.send(new sdk.CreateDomainCommand({ domain }))
    await client.send(new sdk.CreateRepositoryCommand({ domain, repository: 'main' }))
  }
}
