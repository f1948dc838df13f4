import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { SignJWT, UnsecuredJWT } from 'jose'
import { type IdentityStage, startIdentity, temporaryFolder } from '../../test/support/identity.ts'
import { principalOf } from './identity.ts'
import { openKeyring } from './keyring.ts'
import { createTokens } from './tokens.ts'
import type { UnauthenticatedKind } from './unauthenticated-error.ts'

const acme = { domain: 'acme', owner: '111122223333' }

function issue({ tokens, user, key }: IdentityStage, seconds = 3600, domain = acme) {
  return tokens.issue(principalOf(user, key.accessKeyId), domain, seconds)
}

async function refuses({ tokens }: IdentityStage, token: string, kind: UnauthenticatedKind, domain = acme) {
  await assert.rejects(
    async () => tokens.verify(token, domain),
    (error: Error & { kind?: string }) => {
      assert.equal(error.name, 'UnauthenticatedError')
      assert.equal(error.kind, kind)
      assert.equal(error.message.includes(token) && token !== '', false)
      return true
    },
  )
}

test('A token names its user until it expires, and says when it did', async (t) => {
  const stage = await startIdentity(t)
  stage.time.now = Date.UTC(2026, 0, 31, 10, 20, 30, 125)
  const { token, expiresAt } = await issue(stage, 900)
  assert.equal(expiresAt, stage.time.now + 900_000)
  const principal = await stage.tokens.verify(token, acme)
  assert.deepEqual(principal, principalOf(stage.user, stage.key.accessKeyId))
  stage.time.now = expiresAt - 1
  await stage.tokens.verify(token, acme)
  stage.time.now = expiresAt
  await refuses(stage, token, 'expired')
  await assert.rejects(async () => stage.tokens.verify(token, acme), {
    message: 'token expired at 2026-01-31T10:35:30.125Z; log in again',
  })
})

test('A token fits where logins put it: URLs, ini files and command lines', async (t) => {
  const stage = await startIdentity(t)
  const domain = { domain: 'd'.repeat(50), owner: '111122223333' }
  const { token } = await issue(stage, 43_200, domain)
  assert.match(token, /^eyJ[A-Za-z0-9_.-]+$/)
  assert.ok(token.length <= 2048)
})

test('A token that was seen before is verified at once', async (t) => {
  const stage = await startIdentity(t)
  const { token } = await issue(stage)
  assert.ok(stage.tokens.verify(token, acme) instanceof Promise)
  await stage.tokens.verify(token, acme)
  assert.equal(stage.tokens.verify(token, acme) instanceof Promise, false)
})

test('A token of one domain opens no other, not even of the same name', async (t) => {
  const stage = await startIdentity(t)
  const { token } = await issue(stage)
  await refuses(stage, token, 'other-domain', { ...acme, domain: 'other' })
  await stage.tokens.verify(token, acme)
  await refuses(stage, token, 'other-domain', { ...acme, owner: '444455556666' })
})

test('A token is refused at once when its user is gone, and stays when only its key is inactive', async (t) => {
  const stage = await startIdentity(t)
  const { token } = await issue(stage)
  await stage.tokens.verify(token, acme)
  await stage.setKeyStatus(stage.key.accessKeyId, 'Inactive')
  await stage.tokens.verify(token, acme)
  await stage.removeUser(stage.user.userId)
  await refuses(stage, token, 'wrong')
})

test('A user made anew under the old name does not inherit the tokens', async (t) => {
  const stage = await startIdentity(t)
  const { token } = await issue(stage)
  await stage.removeUser(stage.user.userId)
  const { accountId, name } = stage.user
  await stage.identity.createUser({ accountId, name, path: '/', policyArns: [] })
  await refuses(stage, token, 'wrong')
})

test('A token that was changed, made elsewhere or with another algorithm is wrong', async (t) => {
  const stage = await startIdentity(t)
  const { token } = await issue(stage)
  const [header = '', claims = '', mac = ''] = token.split('.')
  await refuses(stage, `${header}.${claims}.${mac.slice(0, -1)}`, 'wrong')
  await refuses(stage, `${header}.${claims.replace(/^e/, 'f')}.${mac}`, 'wrong')
  await refuses(stage, `${header}.${claims}.${Buffer.alloc(32).toString('base64url')}`, 'wrong')

  const payload = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const elsewhere = new SignJWT(payload).setProtectedHeader({ alg: 'HS256' })
  await refuses(stage, await elsewhere.sign(Buffer.alloc(32)), 'wrong')
  const stronger = new SignJWT(payload).setProtectedHeader({ alg: 'HS512' })
  await refuses(stage, await stronger.sign(stage.keyring.derive('package token')), 'wrong')
  await refuses(stage, new UnsecuredJWT(payload).encode(), 'malformed')
  await refuses(stage, `${new UnsecuredJWT(payload).encode()}AAAA`, 'wrong')

  const keyring = await openKeyring(await temporaryFolder(t), randomBytes)
  const other = createTokens({ ...stage, keyring, clock: () => stage.time.now, randomId: randomUUID })
  const foreign = await other.issue(principalOf(stage.user, stage.key.accessKeyId), acme, 3600)
  await refuses(stage, foreign.token, 'wrong')
})

test('Anything that is no token is malformed or wrong, and nothing else', async (t) => {
  const stage = await startIdentity(t)
  for (const text of ['', 'x', 'eyJ', 'eyJ.a.b c', `eyJ${'a'.repeat(2048)}.a.b`])
    await refuses(stage, text, 'malformed')
  const text = fc.oneof(fc.string(), fc.stringMatching(/^eyJ[\w-]{1,9}\.[\w-]{1,9}\.[\w-]{1,9}$/))
  await fc.assert(
    fc.asyncProperty(text, async (drawn) => {
      await assert.rejects(async () => stage.tokens.verify(drawn, acme), { name: 'UnauthenticatedError' })
    }),
  )
})
