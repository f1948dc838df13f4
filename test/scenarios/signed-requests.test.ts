import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import {
  CreateRepositoryCommand,
  DescribeRepositoryCommand,
  GetPackageVersionAssetCommand,
  ListPackageVersionAssetsCommand,
  ListTagsForResourceCommand,
  PublishPackageVersionCommand,
} from '@aws-sdk/client-codeartifact'
import { firstDomain as domain, startPackyard } from '../support/packyard.ts'

const odd = "odd @+%&=?\\*()! '~:;,|^[]{}`$é漢😀%2F..%20.bin"
/** What an asset's name may hold. */
const oddName = 'odd !@^&()-_ `+[]{};,.~.bin'
const place = { domain, repository: 'files', format: 'generic', namespace: 'team', package: 'tool' } as const

test('What the SDK signs is what the server reads: odd characters, and bodies that flow', async (t) => {
  const yard = await startPackyard(t, { processes: 2 })
  const tags = [{ key: 'a/b+c é', value: odd }]
  const made = await yard.sdk.send(new CreateRepositoryCommand({ domain, repository: 'files', description: odd, tags }))

  await t.test('members of the body, and of the query', async () => {
    const { repository } = await yard.sdk.send(new DescribeRepositoryCommand({ domain, repository: 'files' }))
    assert.equal(repository?.description, odd)
    const listed = await yard.sdk.send(new ListTagsForResourceCommand({ resourceArn: made.repository?.arn }))
    assert.deepEqual(listed.tags, tags)
  })

  const bytes = randomBytes(3_000_000)
  const version = { ...place, packageVersion: "1.0+odd!~*'()", assetName: oddName }
  const publish = (pieces: readonly Buffer[]) =>
    yard.sdk.send(
      new PublishPackageVersionCommand({
        ...version,
        assetContent: Readable.from(pieces),
        assetSHA256: createHash('sha256').update(bytes).digest('hex'),
      }),
    )

  await t.test('a stream that is not what was announced is refused, and nothing of it is kept', async () => {
    const forged = [bytes.subarray(0, 2_000_000), randomBytes(1_000_000)]
    await assert.rejects(publish(forged), { name: 'ValidationException' })
    assert.deepEqual(await yard.versions('files', '@team/tool', 'generic'), [])
    assert.deepEqual(await yard.storedFiles(), [])
  })

  await t.test('a stream of unknown length arrives whole, under its name', async () => {
    const pieces = [0, 1, 2].map((at) => bytes.subarray(at * 1_000_000, (at + 1) * 1_000_000))
    assert.equal((await publish(pieces)).status, 'Published')
    const { packageVersion } = version
    const { assets = [] } = await yard.sdk.send(new ListPackageVersionAssetsCommand({ ...place, packageVersion }))
    assert.deepEqual(
      assets.map(({ name, size }) => [name, size]),
      [[oddName, 3_000_000]],
    )
    const got = await yard.sdk.send(new GetPackageVersionAssetCommand({ ...place, packageVersion, asset: oddName }))
    assert.ok(bytes.equals((await got.asset?.transformToByteArray()) ?? Buffer.of()))
  })
})
