import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-codeartifact'
import { type ControlPlane, storeVersion, testOnEachDatabase } from '../support/control-plane.ts'
import { failure } from '../support/sdk-failure.ts'

const main = { domain: 'acme', repository: 'main' }

async function store(plane: ControlPlane, ...names: readonly string[]): Promise<void> {
  for (const name of names) await storeVersion(plane, { ...main, format: 'npm', name, version: '1.0.0' })
}

async function startWith(start: () => Promise<ControlPlane>, ...names: readonly string[]): Promise<ControlPlane> {
  const plane = await start()
  await plane.client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  await plane.client.send(new sdk.CreateRepositoryCommand(main))
  await store(plane, ...names)
  return plane
}

testOnEachDatabase(
  'a token opens the next page of the listing that it was made for, and nothing else',
  async (start, t) => {
    const { client } = await startWith(start, 'a', 'b', 'c', 'd')
    const { nextToken = '' } = await client.send(new sdk.ListPackagesCommand({ ...main, maxResults: 2 }))
    assert.match(nextToken, /^\S{1,2000}$/)
    const refused = async (send: Promise<unknown>) => {
      const error = await failure(send)
      assert.ok(error instanceof sdk.ValidationException)
      assert.deepEqual([error.reason, error.$metadata.httpStatusCode], ['FIELD_VALIDATION_FAILED', 400])
    }
    const list = (input: Partial<sdk.ListPackagesCommandInput>) =>
      client.send(new sdk.ListPackagesCommand({ ...main, nextToken, ...input }))

    await t.test('a changed page size is no other listing', async () => {
      const { packages = [] } = await list({ maxResults: 1 })
      assert.deepEqual(
        packages.map((each) => each.package),
        ['c'],
      )
    })
    await t.test('a changed character is refused, wherever it stands', async () => {
      for (let at = 0; at < nextToken.length; at += 5) {
        const other = nextToken[at] === 'A' ? 'B' : 'A'
        await refused(list({ nextToken: nextToken.slice(0, at) + other + nextToken.slice(at + 1) }))
      }
      for (const wrong of ['', 'x', `${nextToken}A`, nextToken.slice(0, -4), Buffer.from('["d"]').toString('base64')]) {
        await refused(list({ nextToken: wrong }))
      }
    })
    await t.test('other parameters, another operation and another caller are refused', async () => {
      await refused(list({ format: 'npm' }))
      await refused(list({ packagePrefix: 'a' }))
      await refused(list({ publish: 'ALLOW' }))
      await refused(client.send(new sdk.ListRepositoriesInDomainCommand({ domain: 'acme', nextToken })))
      await refused(client.send(new sdk.ListPackageGroupsCommand({ domain: 'acme', nextToken })))
    })
  },
)

testOnEachDatabase('what comes and goes between two pages neither repeats nor hides the others', async (start) => {
  const plane = await startWith(start, 'b', 'd', 'f', 'h', 'j')
  const { client } = plane
  const first = await client.send(new sdk.ListPackagesCommand({ ...main, maxResults: 2 }))
  await client.send(new sdk.DeletePackageCommand({ ...main, format: 'npm', package: 'd' }))
  await client.send(new sdk.DeletePackageCommand({ ...main, format: 'npm', package: 'f' }))
  await store(plane, 'a', 'c', 'e', 'g')
  const seen = [first.packages ?? []]
  for (let nextToken = first.nextToken; nextToken !== undefined; ) {
    const page = await client.send(new sdk.ListPackagesCommand({ ...main, maxResults: 2, nextToken }))
    seen.push(page.packages ?? [])
    nextToken = page.nextToken
  }
  assert.deepEqual(
    seen.flat().map((each) => each.package),
    ['b', 'd', 'e', 'g', 'h', 'j'],
  )
})

testOnEachDatabase('packages are listed whole, whatever they are chosen by', async (start) => {
  const plane = await startWith(start, 'lib', 'lib-b', 'tool')
  const { client } = plane
  await storeVersion(plane, { ...main, format: 'npm', namespace: 'acme', name: 'lib-a', version: '1.0.0' })
  await storeVersion(plane, { ...main, format: 'npm', namespace: 'other', name: 'lib-z', version: '1.0.0' })
  await storeVersion(plane, { ...main, format: 'maven', namespace: 'acme', name: 'lib', version: '1.0.0' })
  const closed = {
    ...main,
    format: 'npm',
    package: 'lib-b',
    restrictions: { publish: 'BLOCK', upstream: 'BLOCK' },
  } as const
  await client.send(new sdk.PutPackageOriginConfigurationCommand(closed))
  const list = async (filter: Partial<sdk.ListPackagesCommandInput>, pageSize: number) => {
    const pages = await Array.fromAsync(sdk.paginateListPackages({ client, pageSize }, { ...main, ...filter }))
    return pages.flatMap(({ packages = [] }) =>
      packages.map((each) => `${each.format}/${each.namespace ?? ''}/${each.package}`),
    )
  }
  const cases: readonly (readonly [Partial<sdk.ListPackagesCommandInput>, readonly string[]])[] = [
    [{}, ['maven/acme/lib', 'npm//lib', 'npm//lib-b', 'npm//tool', 'npm/acme/lib-a', 'npm/other/lib-z']],
    [{ format: 'npm', namespace: 'a' }, ['npm/acme/lib-a']],
    [{ packagePrefix: 'lib' }, ['maven/acme/lib', 'npm//lib', 'npm/acme/lib-a', 'npm//lib-b', 'npm/other/lib-z']],
    [{ format: 'npm', packagePrefix: 'lib' }, ['npm//lib', 'npm/acme/lib-a', 'npm//lib-b', 'npm/other/lib-z']],
    [{ format: 'npm', namespace: 'o', packagePrefix: 'lib' }, ['npm/other/lib-z']],
    [{ publish: 'BLOCK' }, ['npm//lib-b']],
    [{ publish: 'BLOCK', upstream: 'ALLOW' }, []],
    [
      { upstream: 'BLOCK' },
      ['maven/acme/lib', 'npm//lib', 'npm//lib-b', 'npm//tool', 'npm/acme/lib-a', 'npm/other/lib-z'],
    ],
    [{ upstream: 'BLOCK', packagePrefix: 't' }, ['npm//tool']],
  ]
  for (const [filter, expected] of cases) {
    for (const pageSize of [1, 2, 100]) assert.deepEqual(await list(filter, pageSize), expected, JSON.stringify(filter))
  }
})
