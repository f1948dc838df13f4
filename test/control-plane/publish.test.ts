import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import http from 'node:http'
import { Readable } from 'node:stream'
import { Sha256 } from '@aws-crypto/sha256-js'
import * as sdk from '@aws-sdk/client-codeartifact'
import { SignatureV4 } from '@smithy/signature-v4'
import { assetNames, refusedAssetNames } from '../../src/formats/generic/conformance.ts'
import { type ControlPlane, testOnEachDatabase } from '../support/control-plane.ts'
import { failure } from '../support/sdk-failure.ts'

const at = { domain: 'acme', repository: 'main', format: 'generic', namespace: 'team', package: 'tool' } as const

interface Draft {
  readonly version: string
  readonly asset: string
  readonly content: string | Buffer | Readable
  readonly sha256?: string
  readonly unfinished?: boolean
  readonly repository?: string
  readonly format?: sdk.PackageFormat
}

function command({ version, asset, content, sha256, unfinished, ...more }: Draft) {
  return new sdk.PublishPackageVersionCommand({
    ...at,
    ...more,
    packageVersion: version,
    assetName: asset,
    assetContent: content,
    assetSHA256: sha256 ?? hash(content as string),
    ...(unfinished !== undefined && { unfinished }),
  })
}

function hash(content: string | Buffer, algorithm = 'sha256'): string {
  return createHash(algorithm).update(content).digest('hex')
}

async function stored({ client }: ControlPlane, version: string, repository = 'main'): Promise<string[]> {
  const input = { ...at, repository, packageVersion: version }
  const { assets = [] } = await client.send(new sdk.ListPackageVersionAssetsCommand(input))
  return assets.map(({ name = '' }) => name)
}

async function statusOf({ client }: ControlPlane, version: string): Promise<string | undefined> {
  const { packageVersion } = await client.send(
    new sdk.DescribePackageVersionCommand({ ...at, packageVersion: version }),
  )
  return packageVersion?.status
}

async function bytesOf({ client }: ControlPlane, version: string, asset: string): Promise<Buffer> {
  const answer = await client.send(new sdk.GetPackageVersionAssetCommand({ ...at, packageVersion: version, asset }))
  return Buffer.from((await answer.asset?.transformToByteArray()) ?? [])
}

/** Sends a part of what it announces, and hangs up. */
async function breakOff({ client, url }: ControlPlane, { version, asset, content }: Draft, bytes: number) {
  const { host, hostname, port } = new URL(url)
  const body = content as Buffer
  const query = { ...at, version, asset }
  const signer = new SignatureV4({
    credentials: await client.config.credentials(),
    region: 'eu-west-1',
    service: 'codeartifact',
    sha256: Sha256,
  })
  const headers = { host, 'x-amz-content-sha256': hash(body), 'content-length': String(body.length) }
  const path = '/v1/package/version/publish'
  const signed = await signer.sign({ method: 'POST', protocol: 'http:', hostname: host, path, query, headers })
  const search = new URLSearchParams(query).toString()
  const request = http.request({ hostname, port, method: 'POST', path: `${path}?${search}`, headers: signed.headers })
  request.on('error', () => {})
  await new Promise((resolve) => request.write(body.subarray(0, bytes), resolve))
  const closed = new Promise((resolve) => request.on('close', resolve))
  request.destroy()
  await closed
}

async function refusal(plane: ControlPlane, draft: Draft): Promise<string> {
  const error = (await failure(plane.client.send(command(draft)))) as sdk.CodeartifactServiceException & {
    reason?: string
    resourceType?: string
  }
  return `${error.$metadata.httpStatusCode} ${error.name} ${error.reason ?? error.resourceType ?? ''}`.trim()
}

const cases: Readonly<Record<string, (plane: ControlPlane) => Promise<void>>> = {
  async 'an asset is answered with everything that is known of it'(plane) {
    const answer = await plane.client.send(command({ version: '1.0', asset: 'a.tgz', content: 'hello' }))
    const { $metadata: _, versionRevision, ...rest } = answer
    assert.match(versionRevision ?? '', /^[A-Za-z0-9+/]{43}=$/)
    assert.deepEqual(rest, {
      format: 'generic',
      namespace: 'team',
      package: 'tool',
      version: '1.0',
      status: 'Published',
      asset: {
        name: 'a.tgz',
        size: 5,
        hashes: {
          MD5: hash('hello', 'md5'),
          'SHA-1': hash('hello', 'sha1'),
          'SHA-256': hash('hello'),
          'SHA-512': hash('hello', 'sha512'),
        },
      },
    })
    const { packageVersion } = await plane.client.send(
      new sdk.DescribePackageVersionCommand({ ...at, packageVersion: '1.0' }),
    )
    assert.equal(packageVersion?.displayName, undefined)
    assert.deepEqual(packageVersion?.origin, {
      domainEntryPoint: { repositoryName: 'main' },
      originType: 'INTERNAL',
    })
    const { packages = [] } = await plane.client.send(new sdk.ListPackagesCommand({ ...at, namespace: 'team' }))
    const restrictions = { publish: 'ALLOW', upstream: 'BLOCK' }
    assert.deepEqual(packages, [
      { format: 'generic', namespace: 'team', package: 'tool', originConfiguration: { restrictions } },
    ])
  },
  async 'assets come one by one while a version is Unfinished, and none after'(plane) {
    const first = await plane.client.send(command({ version: '2.0', asset: 'a', content: 'a', unfinished: true }))
    assert.equal(first.status, 'Unfinished')
    assert.equal(await statusOf(plane, '2.0'), 'Unfinished')
    const second = await plane.client.send(command({ version: '2.0', asset: 'b', content: 'b', unfinished: true }))
    assert.notEqual(second.versionRevision, first.versionRevision)
    const last = await plane.client.send(command({ version: '2.0', asset: 'c', content: 'c' }))
    assert.equal(last.status, 'Published')
    assert.deepEqual(await stored(plane, '2.0'), ['a', 'b', 'c'])
    const error = await failure(plane.client.send(command({ version: '2.0', asset: 'd', content: 'd' })))
    assert.ok(error instanceof sdk.ConflictException)
    assert.equal(error.resourceType, 'package-version')
    assert.equal(
      error.message,
      "Cannot update existing generic package version 'team/tool/2.0' with status 'Published'. " +
        "Only 'Unfinished' package versions can be updated.",
    )
    assert.deepEqual(await stored(plane, '2.0'), ['a', 'b', 'c'])
  },
  async 'the same asset again succeeds and changes nothing'(plane) {
    const draft = { version: '3.0', asset: 'a', content: 'same', unfinished: true }
    const first = await plane.client.send(command(draft))
    const again = await plane.client.send(command(draft))
    assert.deepEqual([again.versionRevision, again.status], [first.versionRevision, 'Unfinished'])
    const finished = await plane.client.send(command({ ...draft, unfinished: false }))
    assert.equal(finished.status, 'Published')
    const retried = await plane.client.send(command({ ...draft, unfinished: false }))
    assert.deepEqual([retried.status, retried.versionRevision], ['Published', finished.versionRevision])
    const { rows } = await events(plane, '3.0')
    assert.deepEqual(rows, ['Created Unfinished', 'Updated Published'])
  },
  async 'other bytes under a name that stands are a conflict'(plane) {
    await plane.client.send(command({ version: '4.0', asset: 'a', content: 'one', unfinished: true }))
    assert.equal(
      await refusal(plane, { version: '4.0', asset: 'a', content: 'two', unfinished: true }),
      '409 ConflictException package-version',
    )
    assert.equal((await bytesOf(plane, '4.0', 'a')).toString(), 'one')
    await plane.client.send(
      new sdk.UpdatePackageVersionsStatusCommand({ ...at, versions: ['4.0'], targetStatus: 'Unlisted' }),
    )
    const same = { version: '4.0', asset: 'a', content: 'one' }
    assert.equal(await refusal(plane, same), '409 ConflictException package-version')
  },
  async 'bytes that are not the announced ones are refused, and nothing is stored'(plane) {
    const wrong = { version: '5.0', asset: 'a', content: 'hellO', sha256: hash('hello') }
    const error = await failure(plane.client.send(command(wrong)))
    assert.ok(error instanceof sdk.ValidationException)
    assert.equal(error.$metadata.httpStatusCode, 400)
    assert.ok(error.message.includes(hash('hello')) && error.message.includes(hash('hellO')), error.message)
    assert.equal((await failure(stored(plane, '5.0'))).name, 'ResourceNotFoundException')
    const { count } = await plane.registry.metadata.db
      .selectFrom('blobs')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('sha256', '=', hash('hellO'))
      .executeTakeFirstOrThrow()
    assert.equal(Number(count), 0)
  },
  async 'a hash that is none is refused as a field'(plane) {
    for (const sha256 of ['UNSIGNED-PAYLOAD', 'abc', hash('x').toUpperCase()]) {
      const draft = { version: '5.1', asset: 'a', content: 'x', sha256 }
      assert.equal(await refusal(plane, draft), '400 ValidationException FIELD_VALIDATION_FAILED')
    }
  },
  async 'formats with a package manager of their own are refused'(plane) {
    const draft = { version: '1.0.0', asset: 'package.tgz', content: 'x' }
    for (const format of Object.values(sdk.PackageFormat).filter((name) => name !== 'generic')) {
      assert.equal(await refusal(plane, { ...draft, format }), '400 ValidationException UNKNOWN_OPERATION')
    }
  },
  async 'a namespace, a repository and a domain have to be there'(plane) {
    const draft = { version: '1.0', asset: 'a', content: 'x' }
    assert.equal(await refusal(plane, { ...draft, repository: 'none' }), '404 ResourceNotFoundException repository')
    const input = { ...command(draft).input, namespace: undefined }
    const error = await failure(plane.client.send(new sdk.PublishPackageVersionCommand(input)))
    assert.ok(error instanceof sdk.ValidationException)
    assert.match(error.message, /namespace is required/)
  },
  async 'assets are called what they may be called, and read back by that name'(plane) {
    for (const [index, asset] of assetNames.entries()) {
      const content = Buffer.from(`content ${index}`)
      await plane.client.send(command({ version: '6.0', asset, content, unfinished: true }))
      assert.deepEqual(await bytesOf(plane, '6.0', asset), content, asset)
    }
    assert.deepEqual((await stored(plane, '6.0')).toSorted(), assetNames.toSorted())
    assert.equal((await bytesOf(plane, '6.0', 'ünï.bin'.normalize('NFD'))).toString(), 'content 2')
    for (const asset of refusedAssetNames) {
      const draft = { version: '6.1', asset, content: 'x' }
      assert.equal(await refusal(plane, draft), '400 ValidationException FIELD_VALIDATION_FAILED', asset)
    }
  },
  async 'a stream of unknown length is taken'(plane) {
    const bytes = Buffer.alloc(6_000_000, 'stream')
    const content = Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)])
    const answer = await plane.client.send(command({ version: '7.0', asset: 's', content, sha256: hash(bytes) }))
    assert.equal(answer.asset?.size, bytes.length)
    assert.equal(hash(await bytesOf(plane, '7.0', 's')), hash(bytes))
  },
  async 'an upload that breaks off leaves nothing, and can be repeated'(plane) {
    const whole = Buffer.alloc(300_000, 'part')
    await breakOff(plane, { version: '8.0', asset: 'a', content: whole }, 100_000)
    assert.equal((await failure(stored(plane, '8.0'))).name, 'ResourceNotFoundException')
    const again = await plane.client.send(command({ version: '8.0', asset: 'a', content: whole }))
    assert.equal(again.asset?.size, whole.length)
  },
  async 'publishes at the same time both count; of the same name one wins'(plane) {
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(
      names.map((asset) => plane.client.send(command({ version: '9.0', asset, content: asset, unfinished: true }))),
    )
    assert.deepEqual(await stored(plane, '9.0'), names)
    const rivals = ['one', 'two', 'three'].map((content) =>
      plane.client.send(command({ version: '9.1', asset: 'a', content, unfinished: true })),
    )
    const settled = await Promise.allSettled(rivals)
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.deepEqual(await stored(plane, '9.1'), ['a'])
  },
  async 'an upstream repository has nothing to do with it'(plane) {
    await plane.client.send(command({ version: '10.0', asset: 'a', content: 'up', repository: 'up' }))
    assert.equal((await failure(stored(plane, '10.0', 'down'))).name, 'ResourceNotFoundException')
    const own = await plane.client.send(command({ version: '10.0', asset: 'a', content: 'own', repository: 'down' }))
    assert.equal(own.asset?.hashes?.['SHA-256'], hash('own'))
  },
  async 'origin controls close a package; its upstream control cannot be opened'(plane) {
    const where = { ...at, package: 'closed' }
    const close = new sdk.PutPackageOriginConfigurationCommand({
      ...where,
      restrictions: { publish: 'BLOCK', upstream: 'BLOCK' },
    })
    await plane.client.send(close)
    const input = { ...command({ version: '1', asset: 'a', content: 'x' }).input, package: 'closed' }
    const error = await failure(plane.client.send(new sdk.PublishPackageVersionCommand(input)))
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ConflictException', 409])
    const open = { ...close.input, restrictions: { publish: 'ALLOW', upstream: 'ALLOW' } } as const
    const refused = await failure(plane.client.send(new sdk.PutPackageOriginConfigurationCommand(open)))
    assert.equal(refused.name, 'ValidationException')
  },
}

async function events({ registry }: ControlPlane, version: string): Promise<{ rows: string[] }> {
  const found = await registry.metadata.db.selectFrom('events').select('body').orderBy('sequence').execute()
  const details = found.map(({ body }) => (JSON.parse(body) as { detail: Record<string, unknown> }).detail)
  const about = details.filter(({ packageVersion }) => packageVersion === version)
  return {
    rows: about.map(
      ({ operationType, packageVersionState }) => `${String(operationType)} ${String(packageVersionState)}`,
    ),
  }
}

testOnEachDatabase('PublishPackageVersion takes generic assets', async (start, t) => {
  const plane = await start()
  await plane.client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  for (const repository of ['main', 'up']) {
    await plane.client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository }))
  }
  const upstreams = [{ repositoryName: 'up' }]
  await plane.client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'down', upstreams }))
  for (const [title, body] of Object.entries(cases)) await t.test(title, () => body(plane))
})

testOnEachDatabase('quotas of assets are refused with 402 and their name', async (start) => {
  const plane = await start({ limits: { assetBytesMax: 1000, assetsPerVersionMax: 2 } })
  await plane.client.send(new sdk.CreateDomainCommand({ domain: 'acme' }))
  await plane.client.send(new sdk.CreateRepositoryCommand({ domain: 'acme', repository: 'main' }))
  const quota = '402 ServiceQuotaExceededException'
  const large = Buffer.alloc(1001)
  assert.equal(await refusal(plane, { version: '1', asset: 'a', content: large }), `${quota} asset`)
  const unannounced = { version: '1', asset: 'a', content: Readable.from([large]), sha256: hash(large) }
  assert.equal(await refusal(plane, unannounced), `${quota} asset`)
  const error = await failure(plane.client.send(command({ version: '1', asset: 'a', content: large })))
  assert.match(error.message, /'Asset file size'.*1000 bytes/)
  for (const asset of ['a', 'b']) {
    await plane.client.send(command({ version: '2', asset, content: asset, unfinished: true }))
  }
  const third = { version: '2', asset: 'c', content: 'c', unfinished: true }
  assert.equal(await refusal(plane, third), `${quota} package-version`)
  assert.deepEqual(await stored(plane, '2'), ['a', 'b'])
})
