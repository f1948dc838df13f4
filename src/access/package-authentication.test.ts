import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startIdentity } from '../../test/support/identity.ts'
import { principalOf } from './identity.ts'
import { type AuthenticatedCall, createPackageAuthentication } from './package-authentication.ts'

const acme = { domain: 'acme', owner: '111122223333' }

function callWith(authorization: string | undefined): AuthenticatedCall {
  const headers: Record<string, string | undefined> = { authorization, 'user-agent': 'npm/11' }
  const origin = 'http://127.0.0.1:8686'
  return { id: 'id-1', remoteAddress: '192.0.2.7', origin, header: (name) => headers[name] }
}

const basic = (text: string) => Buffer.from(text).toString('base64')

test('A token is taken in every way in which package managers show one', async (t) => {
  const { tokens, user, key } = await startIdentity(t)
  const { authenticate } = createPackageAuthentication(tokens)
  const principal = principalOf(user, key.accessKeyId)
  const { token } = await tokens.issue(principal, acme, 3600)
  const headers = [
    `Bearer ${token}`,
    `bearer   ${token}  `,
    `Basic ${basic(`aws:${token}`)}`,
    `BASIC ${basic(`somebody@else:${token}`)}`,
    `Basic ${basic(`:${token}\n`)}`,
    token,
    `  ${token} `,
  ]
  const expected = { principal, requestId: 'id-1', remoteAddress: '192.0.2.7', userAgent: 'npm/11', isSecure: false }
  for (const header of headers) {
    const { trace, ...caller } = await authenticate(callWith(header), acme)
    assert.deepEqual(caller, expected, header)
    assert.equal(trace?.isRecorded, false)
  }
  const warm = authenticate(callWith(`Bearer ${token}`), acme)
  assert.equal(warm instanceof Promise, false)
})

test('What is no token is refused with a reason for people, and without what was sent', async (t) => {
  const { tokens, user, key } = await startIdentity(t)
  const { authenticate } = createPackageAuthentication(tokens)
  const { token } = await tokens.issue(principalOf(user, key.accessKeyId), acme, 3600)
  const cases: readonly [string | undefined, string, RegExp][] = [
    [undefined, 'missing', /needs a token; log in/],
    ['', 'missing', /needs a token/],
    ['Bearer', 'missing', /needs a token/],
    ['Bearer  ', 'missing', /needs a token/],
    [`Basic ${basic('aws:')}`, 'missing', /needs a token/],
    [`Basic ${basic('no colon')}`, 'malformed', /user:token in Base64/],
    ['Basic %%%', 'malformed', /user:token in Base64/],
    ['Digest username="x"', 'malformed', /not a token of this server/],
    [`Token ${token}`, 'malformed', /not a token of this server/],
    [`Bearer ${token}x`, 'wrong', /not valid here/],
    [`Basic ${basic(`aws:${token.slice(0, -2)}`)}`, 'wrong', /not valid here/],
  ]
  for (const [header, kind, message] of cases) {
    await assert.rejects(
      async () => authenticate(callWith(header), acme),
      (error: Error & { kind?: string }) => {
        assert.equal(error.kind, kind, `${header}`)
        assert.match(error.message, message)
        assert.equal(error.message.includes(token.slice(0, 20)), false)
        return true
      },
    )
  }
  const elsewhere = { domain: 'other', owner: '111122223333' }
  await assert.rejects(async () => authenticate(callWith(token), elsewhere), {
    kind: 'other-domain',
    message: /log in to domain 'other' of account 111122223333/,
  })
})
