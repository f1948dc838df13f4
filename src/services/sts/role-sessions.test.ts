import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allowing,
  element,
  isError,
  makeUser,
  type Sending,
  sessionOf,
  startIam,
  trusting,
} from '../../../test/support/iam-calls.ts'
import { ACCOUNT_ID } from '../../../test/support/identity.ts'

const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT_ID}:role/${name}`
const tag = (index: number, key: string, value: string) => ({
  [`Tags.member.${index}.Key`]: key,
  [`Tags.member.${index}.Value`]: value,
})

async function startRoles(t: Parameters<typeof startIam>[0]) {
  const stage = await startIam(t)
  const { call, succeed } = stage
  const assume = (name: string, more: Readonly<Record<string, string>> = {}, sending: Sending = {}) =>
    call('AssumeRole', { RoleArn: roleArn(name), RoleSessionName: 'run-1', ...more }, { service: 'sts', ...sending })
  const makeRole = async (name: string, trust: string) => {
    await succeed('CreateRole', { RoleName: name, AssumeRolePolicyDocument: trust })
    await succeed('PutRolePolicy', { RoleName: name, PolicyName: 'p', PolicyDocument: allowing('sts:*') })
  }
  return { ...stage, assume, makeRole }
}

test('A trust policy means the user it named, not a later one of the same name', async (t) => {
  const { succeed, assume, makeRole } = await startRoles(t)
  const bo = await makeUser(succeed, 'bo')
  await makeRole('ci', trusting(bo.arn))
  assert.equal((await assume('ci', {}, { credentials: bo })).status, 200)
  await succeed('DeleteAccessKey', { UserName: 'bo', AccessKeyId: bo.accessKeyId })
  await succeed('DeleteUser', { UserName: 'bo' })
  const later = await makeUser(succeed, 'bo')
  isError(await assume('ci', {}, { credentials: later }), 403, 'AccessDenied', /sts:AssumeRole/)
  await succeed('UpdateAssumeRolePolicy', { RoleName: 'ci', PolicyDocument: trusting(later.arn) })
  assert.equal((await assume('ci', {}, { credentials: later })).status, 200)
})

test('Transitive tags go along the chain of roles, others end with their session', async (t) => {
  const { assume, makeRole, sessions } = await startRoles(t)
  for (const name of ['first', 'second', 'third']) await makeRole(name, trusting(ACCOUNT_ID))
  const tags = { ...tag(1, 'Team', 'blue'), ...tag(2, 'Step', 'one'), 'TransitiveTagKeys.member.1': 'team' }
  const first = sessionOf((await assume('first', tags)).text)
  const second = sessionOf((await assume('second', tag(1, 'Step', 'two'), { credentials: first })).text)
  const third = sessionOf((await assume('third', {}, { credentials: second })).text)
  const tagsOf = async ({ accessKeyId }: { accessKeyId: string }) =>
    Object.fromEntries((await sessions.find(accessKeyId))?.principal.tags ?? [])
  assert.deepEqual(await tagsOf(first), { team: 'blue', step: 'one' })
  assert.deepEqual(await tagsOf(second), { step: 'two', team: 'blue' })
  assert.deepEqual(await tagsOf(third), { team: 'blue' })
  isError(await assume('third', tag(1, 'TEAM', 'red'), { credentials: second }), 400, 'ValidationError', /Tags/)
  const stray = { 'TransitiveTagKeys.member.1': 'none' }
  isError(await assume('first', stray), 400, 'ValidationError', /TransitiveTagKeys/)
})

test('A role that lets nobody tag sessions is closed to sessions that would hand tags on', async (t) => {
  const { assume, makeRole } = await startRoles(t)
  await makeRole('first', trusting(ACCOUNT_ID))
  await makeRole('strict', trusting(ACCOUNT_ID).replace(',"sts:TagSession"', ''))
  const first = sessionOf((await assume('first', tag(1, 'team', 'blue'))).text)
  assert.equal((await assume('strict', {}, { credentials: first })).status, 200)
  const tags = { ...tag(1, 'team', 'blue'), 'TransitiveTagKeys.member.1': 'team' }
  const tagged = sessionOf((await assume('first', tags)).text)
  isError(await assume('strict', {}, { credentials: tagged }), 403, 'AccessDenied', /sts:TagSession/)
})

test('A source identity stays with every session that follows, and cannot be changed', async (t) => {
  const { assume, makeRole } = await startRoles(t)
  const trust = trusting(ACCOUNT_ID).replace('sts:TagSession', 'sts:SetSourceIdentity')
  for (const name of ['first', 'second']) await makeRole(name, trust)
  const first = await assume('first', { SourceIdentity: 'dana' })
  assert.equal(element(first.text, 'SourceIdentity'), 'dana')
  const credentials = sessionOf(first.text)
  assert.equal(element((await assume('second', {}, { credentials })).text, 'SourceIdentity'), 'dana')
  isError(await assume('second', { SourceIdentity: 'eve' }, { credentials }), 403, 'AccessDenied', /SourceIdentity/)
})

test('Nobody has signed in with a second factor: sessions say so, long-term keys say nothing, codes are refused', async (t) => {
  const { call, succeed, assume, makeRole } = await startRoles(t)
  const bo = await makeUser(succeed, 'bo')
  const listing = (condition: object) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: ['iam:ListUsers', 'sts:*'], Resource: '*', Condition: condition },
    })
  const list = async (condition: object) => {
    await succeed('PutUserPolicy', { UserName: 'bo', PolicyName: 'p', PolicyDocument: listing(condition) })
    const session = sessionOf((await call('GetSessionToken', {}, { service: 'sts', credentials: bo })).text)
    const asks = [bo, session].map((credentials) => call('ListUsers', {}, { credentials }))
    return (await Promise.all(asks)).map(({ status }) => status)
  }
  const key = 'aws:MultiFactorAuthPresent'
  assert.deepEqual(await list({ Bool: { [key]: 'true' } }), [403, 403])
  assert.deepEqual(await list({ Bool: { [key]: 'false' } }), [403, 200])
  assert.deepEqual(await list({ BoolIfExists: { [key]: 'true' } }), [200, 403])
  assert.deepEqual(await list({ Null: { [key]: 'true' } }), [200, 403])
  await makeRole('ci', trusting(ACCOUNT_ID))
  const code = { SerialNumber: `arn:aws:iam::${ACCOUNT_ID}:mfa/dana`, TokenCode: '123456' }
  isError(await assume('ci', code), 403, 'AccessDenied', /MultiFactorAuthentication failed/)
  isError(await call('GetSessionToken', code, { service: 'sts' }), 403, 'AccessDenied', /MultiFactor/)
})
