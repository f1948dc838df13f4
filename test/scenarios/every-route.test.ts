import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sha256 } from '@aws-crypto/sha256-js'
import * as sdk from '@aws-sdk/client-codeartifact'
import { SignatureV4 } from '@smithy/signature-v4'
import { formats } from '../../src/formats/index.ts'
import { operations } from '../../src/services/codeartifact/operations.ts'
import { kmsOperations } from '../../src/services/kms/service.ts'
import { readCredentials } from '../support/aws.ts'
import { startIdentity } from '../support/identity.ts'
import { identityServices } from '../support/identity-services.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { plausibleBody, plausiblePath } from '../support/plausible-requests.ts'

const OWNER = '000000000000'
const REGION = 'us-east-1'

interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

interface Stage {
  readonly yard: Packyard
  /** Of a user without any policy; `token` was made while there was one. */
  readonly nobody: Key
  readonly token: string
}

/** STS answers these to whoever has a key. Source: STS API Reference, "GetCallerIdentity" and "GetSessionToken". */
const answeredToAll = new Set(['GetCallerIdentity', 'GetSessionToken'])
/** The JSON Web Token is the credential, and this is none. Source: STS API Reference. */
const needsNoSignature = new Set(['AssumeRoleWithWebIdentity'])

async function start(t: Parameters<typeof startPackyard>[0]): Promise<Stage> {
  const yard = await startPackyard(t, { processes: 1 })
  const admin = readCredentials(yard.env['AWS_SHARED_CREDENTIALS_FILE'] ?? '', yard.env['AWS_PROFILE'] ?? '')
  const iam = async (action: string, parameters: Readonly<Record<string, string>>) => {
    const { status, text } = await query(yard, 'iam', action, parameters, admin)
    assert.equal(status, 200, text)
    return (name: string) => new RegExp(`<${name}>([^<]+)`).exec(text)?.[1] ?? ''
  }
  await iam('CreateUser', { UserName: 'nobody' })
  const made = await iam('CreateAccessKey', { UserName: 'nobody' })
  const nobody = { accessKeyId: made('AccessKeyId'), secretAccessKey: yard.secret(made('SecretAccessKey')) }
  const Action = ['codeartifact:GetAuthorizationToken', 'sts:GetServiceBearerToken']
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action, Resource: '*' },
  })
  await iam('PutUserPolicy', { UserName: 'nobody', PolicyName: 'p', PolicyDocument })
  const issued = await client(yard, nobody).send(new sdk.GetAuthorizationTokenCommand({ domain: 'packyard' }))
  await iam('DeleteUserPolicy', { UserName: 'nobody', PolicyName: 'p' })
  return { yard, nobody, token: yard.secret(issued.authorizationToken ?? '') }
}

/** Without a key it sends what it would have signed. */
function client({ url }: Packyard, key: Key | undefined): sdk.CodeartifactClient {
  const credentials = key ?? { accessKeyId: 'none', secretAccessKey: 'none' }
  const unsigned = { signer: { sign: async <T>(request: T) => request } }
  const settings = { endpoint: url, region: REGION, maxAttempts: 1, credentials }
  return new sdk.CodeartifactClient({ ...settings, ...(key ? {} : unsigned) })
}

async function query(
  { url }: Packyard,
  service: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
  key?: Key,
) {
  const Version = service === 'iam' ? '2010-05-08' : '2011-06-15'
  const body = new URLSearchParams({ Action: action, Version, ...parameters }).toString()
  return post(url, service, body, { 'content-type': 'application/x-www-form-urlencoded' }, key)
}

async function post(url: string, service: string, body: string, headers: Record<string, string>, key?: Key) {
  const { host } = new URL(url)
  const request = { method: 'POST', protocol: 'http:', hostname: host, path: '/', headers: { ...headers, host }, body }
  const signer = key && new SignatureV4({ credentials: key, region: REGION, service, sha256: Sha256 })
  const sent = signer ? (await signer.sign(request)).headers : headers
  const response = await fetch(`${url}/`, { method: 'POST', body, headers: sent })
  return { status: response.status, text: await response.text() }
}

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: '*', Action: 'codeartifact:*', Resource: '*' },
})

/** The client is about to forget its token, and learns nothing. */
const saysNothing = new Set(['DELETE /-/user/token/:token'])

/** Whatever an operation of CodeArtifact may ask for; the SDK sends what its model has. */
const anyInput = {
  domain: 'packyard',
  repository: 'main',
  sourceRepository: 'npm-store',
  destinationRepository: 'main',
  format: 'npm',
  package: 'tiny',
  packageVersion: '1.0.0',
  versions: ['1.0.0'],
  targetStatus: 'Unlisted',
  asset: 'package.tgz',
  assetName: 'package.tgz',
  assetContent: 'abc',
  assetSHA256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  externalConnection: 'public:npmjs',
  packageGroup: '/npm/*',
  originRestrictionType: 'PUBLISH',
  restrictions: { publish: 'ALLOW', upstream: 'ALLOW' },
  policyDocument: policy,
  resourceArn: `arn:aws:codeartifact:${REGION}:${OWNER}:domain/packyard`,
  tags: [{ key: 'team', value: 'blue' }],
  tagKeys: ['team'],
}

const ownInputs: Readonly<Record<string, object>> = {
  CreateDomain: { domain: 'fresh' },
  CreateRepository: { repository: 'fresh' },
  PublishPackageVersion: { format: 'generic', namespace: 'team' },
  UpdatePackageGroupOriginConfiguration: { restrictions: { PUBLISH: 'BLOCK' } },
}

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: OWNER }, Action: 'sts:AssumeRole' },
})

/** Whatever an action of IAM or STS may ask for. */
const anyParameters: Readonly<Record<string, string>> = {
  UserName: 'admin',
  NewUserName: 'other',
  GroupName: 'team',
  RoleName: 'ci',
  RoleArn: `arn:aws:iam::${OWNER}:role/ci`,
  RoleSessionName: 'session',
  Name: 'session',
  WebIdentityToken: 'no.such.token',
  PolicyName: 'p',
  PolicyArn: `arn:aws:iam::${OWNER}:policy/p`,
  PolicySourceArn: `arn:aws:iam::${OWNER}:user/admin`,
  PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
  PolicyDocument: policy.replace('"Principal":"*",', ''),
  'PolicyInputList.member.1': policy.replace('"Principal":"*",', ''),
  'ActionNames.member.1': 'iam:GetUser',
  AssumeRolePolicyDocument: trust,
  VersionId: 'v1',
  AccessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  Status: 'Inactive',
  Url: 'https://issuer.example',
  ClientID: 'sts.amazonaws.com',
  'ClientIDList.member.1': 'sts.amazonaws.com',
  'ThumbprintList.member.1': 'cf23df2207d99a74fbe169e3eba035e633b65d94',
  OpenIDConnectProviderArn: `arn:aws:iam::${OWNER}:oidc-provider/issuer.example`,
  'Tags.member.1.Key': 'team',
  'Tags.member.1.Value': 'blue',
  'TagKeys.member.1': 'team',
}

/** Whatever an operation of KMS may ask for. */
const anyKeyInput = (KeyId: string) => ({
  KeyId,
  TargetKeyId: KeyId,
  AliasName: 'alias/ours',
  PolicyName: 'default',
  Policy: policy,
  PendingWindowInDays: 7,
  Description: 'ours',
  Tags: [{ TagKey: 'team', TagValue: 'blue' }],
  TagKeys: ['team'],
  Plaintext: 'YQ==',
  CiphertextBlob: 'YQ==',
})

/** Says which answers were no refusals, or refused something else than the principal or the lack of one. */
function assertRefused(answers: readonly (readonly [what: string, status: number | undefined, text: string])[]): void {
  const wanted = (what: string) => (what.endsWith('nobody') ? /not authorized to perform/ : /Missing Authentication/i)
  const open = answers.filter(([what, status, text]) => !(status === 401 || status === 403) || !wanted(what).test(text))
  assert.deepEqual(open, [])
}

test('Nothing answers to strangers, nor to a user who may do nothing', async (t) => {
  const stage = await start(t)
  const { yard, nobody, token } = stage
  const known = (await yard.sdk.send(new sdk.DescribeDomainCommand({ domain: 'packyard' }))).domain

  await t.test("CodeArtifact's 48 operations", async () => {
    const names = Object.keys(operations)
    assert.equal(names.length, 48)
    const answers = []
    for (const [who, key] of [['a stranger', undefined] as const, ['nobody', nobody] as const]) {
      for (const name of names) answers.push(await answerOf(client(yard, key), name, who))
    }
    assertRefused(answers)
  })

  await t.test('every action of IAM and STS', async (t) => {
    const answers = []
    for (const { name: service, operations: actions } of identityServices(await startIdentity(t))) {
      for (const action of Object.keys(actions)) {
        const signed = await query(yard, service, action, anyParameters, nobody)
        if (answeredToAll.has(action)) assert.equal(signed.status, 200, action)
        else if (needsNoSignature.has(action)) assert.match(signed.text, /InvalidIdentityToken/)
        else answers.push([`${service}:${action} nobody`, signed.status, signed.text] as const)
        const unsigned = await query(yard, service, action, anyParameters)
        if (needsNoSignature.has(action)) assert.match(unsigned.text, /InvalidIdentityToken/)
        else answers.push([`${service}:${action} a stranger`, unsigned.status, unsigned.text] as const)
      }
    }
    assert.ok(answers.length > 100, `${answers.length}`)
    assertRefused(answers)
  })

  await t.test('every operation of KMS', async () => {
    const answers = []
    for (const name of Object.keys(kmsOperations)) {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${name}` }
      const body = JSON.stringify(anyKeyInput(known?.encryptionKey ?? ''))
      for (const [who, key] of [['a stranger', undefined] as const, ['nobody', nobody] as const]) {
        const { status, text } = await post(yard.url, 'kms', body, headers, key)
        // KMS answers its refusals with 400. Source: KMS API Reference, "Common Errors".
        const isRefused = /AccessDenied|MissingAuthenticationToken/.test(text)
        answers.push([`kms:${name} ${who}`, isRefused ? 403 : status, text] as const)
      }
    }
    assert.ok(answers.length > 20)
    assertRefused(answers)
  })

  for (const format of formats) {
    await t.test(`every route of ${format.id}`, async () => {
      const endpoint = (await yard.endpoint('main', format.id)).replace(/\/$/, '')
      const answers = []
      for (const route of format.routes) {
        const path = plausiblePath(format, route)
        for (const [who, authorization, wanted] of [
          ['a stranger', undefined, 401],
          ['a liar', 'Bearer not.a.token', 401],
          ['nobody', `Bearer ${token}`, saysNothing.has(`${route.method} ${route.path}`) ? 200 : 403],
        ] as const) {
          const { headers, ...request } = await plausibleBody(format, route)
          const all = { ...(headers as Record<string, string>), ...(authorization && { authorization }) }
          const response = await fetch(endpoint + path, { ...request, method: route.method, headers: all })
          const text = await response.text()
          if (response.status !== wanted) answers.push([`${route.method} ${path} ${who}`, response.status, text])
        }
      }
      assert.deepEqual(answers, [])
    })
  }

  await t.test('and nothing has changed', async () => {
    assert.deepEqual((await yard.sdk.send(new sdk.ListDomainsCommand({}))).domains?.length, 1)
    assert.deepEqual(await yard.packages('main'), [])
    const { domain } = await yard.sdk.send(new sdk.DescribeDomainCommand({ domain: 'packyard' }))
    assert.deepEqual(domain, known)
    assert.deepEqual(await yard.storedFiles(), [])
  })
})

type Command = new (input: object) => sdk.DescribeDomainCommand

async function answerOf(by: sdk.CodeartifactClient, name: string, who: string) {
  const command = (sdk as unknown as Record<string, Command>)[`${name}Command`]
  assert.ok(command, name)
  const input = { ...anyInput, ...ownInputs[name] }
  try {
    const { $metadata } = await by.send(new command(input))
    return [`${name} ${who}`, $metadata.httpStatusCode, 'it was done'] as const
  } catch (error) {
    if (!(error instanceof sdk.CodeartifactServiceException)) throw error
    return [`${name} ${who}`, error.$metadata.httpStatusCode, error.message] as const
  }
}
