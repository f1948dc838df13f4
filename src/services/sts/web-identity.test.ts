import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { SignJWT } from 'jose/jwt/sign'
import { UnsecuredJWT } from 'jose/jwt/unsecured'
import { type Answer, startAwsPlane } from '../../../test/support/aws-plane.ts'
import { ACCOUNT_ID } from '../../../test/support/identity.ts'
import { startIssuer } from '../../../test/support/oidc-issuer.ts'

const element = (text: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ''

async function startLogin(t: TestContext) {
  const stage = await startAwsPlane(t)
  const issuer = await startIssuer(t)
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const iam = async (action: string, parameters: Record<string, string>) => {
    const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }).toString()
    const answer = await stage.send({ target: '/', service: 'iam', headers, body })
    assert.equal(answer.status, 200, answer.text)
    return answer.text
  }
  await iam('CreateOpenIDConnectProvider', { Url: issuer.url, 'ClientIDList.member.1': 'sts.amazonaws.com' })
  const provider = `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${issuer.host}`
  const trust = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${issuer.host}:aud`]: 'sts.amazonaws.com' },
        StringLike: { [`${issuer.host}:sub`]: 'repo:acme/*:ref:refs/heads/main' },
      },
    },
  }
  await iam('CreateRole', { RoleName: 'ci', AssumeRolePolicyDocument: JSON.stringify(trust) })
  await iam('AttachRolePolicy', { RoleName: 'ci', PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' })
  /** Unsigned, as SDKs send it. */
  const login = async (token: string, roleName = 'ci'): Promise<Answer> => {
    const body = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${roleName}`,
      RoleSessionName: 'run-1',
      WebIdentityToken: token,
    })
    const response = await fetch(stage.url, { method: 'POST', body })
    return { status: response.status, headers: response.headers, text: await response.text(), json: {} }
  }
  const refuses = async (token: string, status: number, code: string, message?: RegExp) => {
    const answer = await login(token)
    assert.deepEqual([answer.status, element(answer.text, 'Code')], [status, code], answer.text)
    if (message) assert.match(answer.text, message)
    assert.ok(!answer.text.includes(token))
  }
  return { ...stage, issuer, login, refuses, provider, headers }
}

test('A CI job with a token of its own provider becomes a role session', async (t) => {
  const { issuer, login, provider, send, headers } = await startLogin(t)
  const { status, text } = await login(await issuer.sign())
  assert.equal(status, 200, text)
  assert.equal(element(text, 'SubjectFromWebIdentityToken'), 'repo:acme/web:ref:refs/heads/main')
  assert.equal(element(text, 'Provider'), provider)
  assert.equal(element(text, 'Audience'), 'sts.amazonaws.com')
  const credentials = {
    accessKeyId: element(text, 'AccessKeyId'),
    secretAccessKey: element(text, 'SecretAccessKey'),
    sessionToken: element(text, 'SessionToken'),
  }
  const body = 'Action=ListUsers&Version=2010-05-08'
  assert.equal((await send({ target: '/', service: 'iam', headers, body, credentials })).status, 200)
  const asked = issuer.requests()
  assert.equal((await login(await issuer.sign())).status, 200)
  assert.equal(issuer.requests(), asked, 'keys are remembered')
})

test('A key that the issuer has got since is asked for', async (t) => {
  const { issuer, login, time } = await startLogin(t)
  assert.equal((await login(await issuer.sign())).status, 200)
  await issuer.rotate()
  time.now += 15_000
  assert.equal((await login(await issuer.sign())).status, 200)
})

test('What the trust policy does not ask for is refused, as is a role that is not there', async (t) => {
  const { issuer, login, refuses } = await startLogin(t)
  await refuses(await issuer.sign({ sub: 'repo:evil/web:ref:refs/heads/main' }), 403, 'AccessDenied')
  const answer = await login(await issuer.sign(), 'none')
  assert.deepEqual([answer.status, element(answer.text, 'Code')], [403, 'AccessDenied'])
})

test('Tokens that prove nothing are refused, each with its own code', async (t) => {
  const { issuer, refuses, login } = await startLogin(t)
  const now = Math.floor(Date.now() / 1000)
  await refuses(await issuer.sign({ exp: now - 60, iat: now - 400 }), 400, 'ExpiredTokenException')
  await refuses(await issuer.sign({ aud: 'somebody-else' }), 400, 'InvalidIdentityToken', /audience/)
  await refuses(await issuer.sign({ nbf: now + 600 }), 400, 'InvalidIdentityToken')
  const unsigned = new UnsecuredJWT({ aud: 'sts.amazonaws.com', sub: 'repo:acme/web:ref:refs/heads/main' })
  await refuses(unsigned.setIssuer(issuer.url).setExpirationTime('5m').encode(), 400, 'InvalidIdentityToken')
  const foreign = await generateKeyPair('RS256')
  const forged = new SignJWT({ aud: 'sts.amazonaws.com', sub: 'repo:acme/web:ref:refs/heads/main', exp: now + 60 })
  forged.setIssuer(issuer.url).setProtectedHeader({ alg: 'RS256', kid: 'k0' })
  await refuses(await forged.sign(foreign.privateKey), 400, 'InvalidIdentityToken')
  const secret = new SignJWT({ aud: 'sts.amazonaws.com', sub: 's', exp: now + 60 }).setIssuer(issuer.url)
  await refuses(await secret.setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32)), 400, 'InvalidIdentityToken')
  const stranger = await issuer.sign({ iss: 'https://elsewhere.example' })
  await refuses(stranger, 400, 'InvalidIdentityToken', /No OpenIDConnect provider/)
  await refuses('no token', 400, 'InvalidIdentityToken')
  assert.equal((await login('')).status, 400)
})

test('An issuer that is down is said to be so', async (t) => {
  const { issuer, refuses } = await startLogin(t)
  const token = await issuer.sign()
  issuer.stop()
  await refuses(token, 400, 'IDPCommunicationError')
})
