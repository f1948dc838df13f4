import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { Sha256 } from '@aws-crypto/sha256-js'
import {
  CodeartifactClient,
  type CodeartifactClientConfig,
  CreateRepositoryCommand,
  DescribeDomainCommand,
  GetPackageVersionAssetCommand,
  ListDomainsCommand,
  PublishPackageVersionCommand,
} from '@aws-sdk/client-codeartifact'
import { SignatureV4 } from '@smithy/signature-v4'
import { awsClis, runAws, skipWithoutAws } from '../support/aws.ts'
import { answerTo, type AwsStage, startAwsPlane } from '../support/aws-plane.ts'
import { temporaryFolder } from '../support/identity.ts'

function sdk({ url, key }: AwsStage, more: CodeartifactClientConfig = {}): CodeartifactClient {
  return new CodeartifactClient({ endpoint: url, region: 'eu-west-3', credentials: key, ...more })
}

function cliEnvironment({ key }: AwsStage, home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    AWS_DEFAULT_REGION: 'eu-west-3',
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_MAX_ATTEMPTS: '1',
  }
}

test('The AWS CLI is told who it is, and its errors can be read', { skip: skipWithoutAws }, async (t) => {
  for (const cli of awsClis) {
    const stage = await startAwsPlane(t)
    const home = await temporaryFolder(t)
    const env = cliEnvironment(stage, home)
    // Not by AWS_ENDPOINT_URL: version 2 learnt that in 2.13, and Debian ships an older one.
    const aws = (command: string, more = {}) =>
      runAws(cli, `${command} --endpoint-url ${stage.url}`, { ...env, ...more }, home)

    const identity = await aws('sts get-caller-identity --output json')
    assert.equal(identity.code, 0, identity.output)
    assert.deepEqual(
      JSON.parse(identity.stdout),
      { UserId: stage.user.userId, Account: stage.user.accountId, Arn: stage.user.arn },
      identity.output,
    )
    const domain = await aws(
      'codeartifact describe-domain --domain acme --domain-owner 111122223333 --query domain.name',
    )
    assert.equal(domain.stdout.trim(), '"acme"', domain.output)

    const commands = [
      ['events list-rules', {}, /\(UnknownOperationException\).*'AWSEvents\.ListRules' is not served here/],
      ['iam list-instance-profiles', {}, /\(InvalidAction\).*Could not find operation ListInstanceProfiles/],
      ['codeartifact list-domains', { AWS_SECRET_ACCESS_KEY: 'x' }, /\(InvalidSignatureException\).*does not match/],
      ['sts get-caller-identity', { AWS_SECRET_ACCESS_KEY: 'x' }, /\(SignatureDoesNotMatch\).*does not match/],
      ['sts get-caller-identity', { AWS_SESSION_TOKEN: 'x' }, /\(InvalidClientTokenId\).*token .* is invalid/],
      ['codeartifact list-domains --no-sign-request', {}, /\(MissingAuthenticationTokenException\).*Missing/],
    ] as const
    const runs = await Promise.all(commands.map(([command, more]) => aws(command, more)))
    for (const [index, run] of runs.entries()) {
      const [command, , message] = commands[index] ?? ['', {}, /^$/]
      assert.notEqual(run.code, 0, `${cli.name}: ${command}`)
      assert.match(run.output, message, `${cli.name}: ${command}`)
    }
  }
})

test('The SDK for JavaScript reads answers, times and bytes', async (t) => {
  const stage = await startAwsPlane(t)
  const client = sdk(stage)
  const { domain } = await client.send(new DescribeDomainCommand({ domain: 'acme', domainOwner: '111122223333' }))
  assert.equal(domain?.name, 'acme')
  assert.deepEqual(domain?.createdTime, new Date(1_763_625_600_500))
  const names = { domain: 'acme', repository: 'main', format: 'generic', package: 'p', packageVersion: '1' } as const
  const asset = await client.send(new GetPackageVersionAssetCommand({ ...names, asset: 'a b+c.bin' }))
  assert.equal(await asset.asset?.transformToString(), 'bytes')
  assert.equal(asset.assetName, 'a b+c.bin')
})

test('The SDK for JavaScript publishes a stream whose length it does not know', async (t) => {
  const stage = await startAwsPlane(t)
  const publish = (assetSHA256: string) =>
    sdk(stage).send(
      new PublishPackageVersionCommand({
        domain: 'acme',
        repository: 'main',
        format: 'generic',
        package: "odd @/+%&=#?\\*()! '~:;,|^[]{}`$é漢😀",
        packageVersion: '1',
        assetName: 'a.bin',
        assetSHA256,
        assetContent: Readable.from([Buffer.from('hel'), Buffer.from('lo')]),
      }),
    )
  const answer = await publish('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
  assert.equal(answer.version, 'hello')
  assert.equal(answer.package, "odd @/+%&=#?\\*()! '~:;,|^[]{}`$é漢😀")
  await assert.rejects(publish('a'.repeat(64)), { name: 'ValidationException', reason: 'OTHER' })
})

test('The SDK for JavaScript knows each failure by its name', async (t) => {
  const stage = await startAwsPlane(t)
  const create = (description: string) =>
    sdk(stage, { maxAttempts: 1 }).send(
      new CreateRepositoryCommand({ domain: 'acme', repository: 'main', description }),
    )
  await assert.rejects(create('conflict'), { name: 'ConflictException', resourceType: 'repository', resourceId: 'd/r' })
  await assert.rejects(create('unsupported'), { name: 'ValidationException', reason: 'UNKNOWN_OPERATION' })
  await assert.rejects(create('broken'), { name: 'InternalServerException' })
  await assert.rejects(create('throttled'), { name: 'ThrottlingException', retryAfterSeconds: 2 })
  const forger = sdk(stage, { credentials: { ...stage.key, secretAccessKey: 'x' }, maxAttempts: 1 })
  await assert.rejects(forger.send(new ListDomainsCommand({})), { name: 'InvalidSignatureException' })
})

test('The SDK for JavaScript mends a clock that is ten minutes off and tries again', async (t) => {
  const stage = await startAwsPlane(t)
  const present = stage.time.now
  for (const offset of [-600_000, 600_000]) {
    const before = stage.records.length
    stage.time.now = present + offset
    const answer = await sdk(stage).send(new ListDomainsCommand({}))
    assert.deepEqual(answer.domains, [])
    assert.deepEqual(
      stage.records.slice(before).map(({ status }) => status),
      [403, 200],
    )
  }
})

test('An endpoint with a path of its own works, with and without a final slash', async (t) => {
  const stage = await startAwsPlane(t)
  for (const path of ['/aws', '/aws/', '/a%20b']) {
    const client = sdk(stage, { endpoint: `${stage.url}${path}` })
    assert.deepEqual((await client.send(new ListDomainsCommand({ maxResults: 1 }))).domains, [], path)
  }
})

test('A presigned GetCallerIdentity works for its own method until it expires', async (t) => {
  const stage = await startAwsPlane(t)
  const signer = new SignatureV4({ credentials: stage.key, region: 'eu-west-3', service: 'sts', sha256: Sha256 })
  const presign = async (method: string) => {
    const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
    const request = { method, protocol: 'http:', hostname: stage.host, path: '/', headers: { host: stage.host }, query }
    const signed = await signer.presign(request, { signingDate: new Date(stage.time.now), expiresIn: 60 })
    return `${stage.url}/?${new URLSearchParams(signed.query as Record<string, string>).toString()}`
  }
  for (const method of ['GET', 'POST']) {
    const address = await presign(method)
    const answer = await answerTo(address, { method })
    assert.equal(answer.status, 200, answer.text)
    assert.ok(answer.text.includes(`<Arn>${stage.user.arn}</Arn>`))
    const exchanged = await answerTo(address, { method: method === 'GET' ? 'POST' : 'GET' })
    assert.match(exchanged.text, /<Code>SignatureDoesNotMatch</)
    const both = await answerTo(address, { method, headers: { authorization: 'AWS4-HMAC-SHA256 x' } })
    assert.match(both.text, /<Code>IncompleteSignature</)
  }
  const address = await presign('GET')
  stage.time.now += 61_000
  const expired = await answerTo(address, {})
  assert.equal(expired.status, 400)
  assert.match(expired.text, /<Code>RequestExpired</)
})

test('A presigned request of CodeArtifact reads, and does nothing else', async (t) => {
  const stage = await startAwsPlane(t)
  const signer = new SignatureV4({
    credentials: stage.key,
    region: 'eu-west-3',
    service: 'codeartifact',
    sha256: Sha256,
  })
  const send = async (method: string, path: string) => {
    const request = { method, protocol: 'http:', hostname: stage.host, path, headers: { host: stage.host }, query: {} }
    const { query } = await signer.presign(request, { signingDate: new Date(stage.time.now), expiresIn: 60 })
    return answerTo(`${stage.url}${path}?${new URLSearchParams(query as Record<string, string>).toString()}`, {
      method,
    })
  }
  assert.equal((await send('GET', '/v1/package/version/asset')).text, 'bytes')
  const refused = await send('POST', '/v1/domains')
  assert.deepEqual([refused.status, refused.json['__type']], [400, 'IncompleteSignatureException'])
})
