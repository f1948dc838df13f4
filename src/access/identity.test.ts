import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ACCOUNT_ID, type IdentityStage, startIdentity, temporaryFolder } from '../../test/support/identity.ts'
import { withPostgres } from '../../test/support/setups.ts'
import { createIdentity, IdentityConflictError } from './identity.ts'
import { administratorGrants } from '../../test/support/grants.ts'
import { openKeyring } from './keyring.ts'
import { ADMINISTRATOR_POLICY_ARN } from './managed-policies.ts'

test('A key is found with its secret and its user, and its secret is stored sealed', async (t) => {
  const { identity, metadata, user, key } = await startIdentity(t)
  assert.match(user.userId, /^AIDA[A-Z2-7]{17}$/)
  assert.match(key.accessKeyId, /^AKIA[A-Z2-7]{16}$/)
  assert.match(key.secretAccessKey, /^[A-Za-z0-9+/]{40}$/)
  const found = await identity.findAccessKey(key.accessKeyId)
  assert.deepEqual(found, {
    secretAccessKey: key.secretAccessKey,
    principal: {
      kind: 'user',
      accountId: ACCOUNT_ID,
      arn: `arn:aws:iam::${ACCOUNT_ID}:user/alice`,
      principalId: user.userId,
      userName: 'alice',
      accessKeyId: key.accessKeyId,
      roleArn: undefined,
      tags: new Map(),
      grants: administratorGrants,
      session: undefined,
    },
  })
  const row = await metadata.db.selectFrom('access_keys').selectAll().executeTakeFirstOrThrow()
  assert.equal(Buffer.from(row.secret_sealed).includes(key.secretAccessKey), false)
  assert.equal(row.status, 'Active')
})

test('What is known is answered at once, until anything about identity changes', async (t) => {
  const { identity, user, key, setKeyStatus } = await startIdentity(t)
  await identity.findAccessKey(key.accessKeyId)
  await identity.findUser(user.userId)
  assert.equal(identity.findAccessKey(key.accessKeyId) instanceof Promise, false)
  assert.equal(identity.findUser(user.userId) instanceof Promise, false)
  await setKeyStatus(key.accessKeyId, 'Inactive')
  assert.equal(await identity.findAccessKey(key.accessKeyId), undefined)
  assert.notEqual(await identity.findUser(user.userId), undefined)
  await setKeyStatus(key.accessKeyId, 'Active')
  assert.notEqual(await identity.findAccessKey(key.accessKeyId), undefined)
})

test('A user that is gone is not found any more, and neither are their keys', async (t) => {
  const { identity, user, key, removeUser } = await startIdentity(t)
  await identity.findAccessKey(key.accessKeyId)
  await identity.findUser(user.userId)
  await removeUser(user.userId)
  assert.equal(await identity.findUser(user.userId), undefined)
  assert.equal(await identity.findAccessKey(key.accessKeyId), undefined)
})

test('A path is part of the name by which policies know a user', async (t) => {
  const { identity } = await startIdentity(t)
  const user = await identity.createUser({ accountId: ACCOUNT_ID, name: 'bo', path: '/ci/', policyArns: [] })
  assert.equal(user.arn, `arn:aws:iam::${ACCOUNT_ID}:user/ci/bo`)
  assert.deepEqual(await identity.findUser(user.userId), user)
})

test('What exists cannot be made again', async (t) => {
  const { identity, metadata } = await startIdentity(t)
  await assert.rejects(identity.createAccount({ id: ACCOUNT_ID, name: 'again' }), IdentityConflictError)
  const draft = { accountId: ACCOUNT_ID, name: 'alice', path: '/x/', policyArns: [] }
  await assert.rejects(identity.createUser(draft), /user 'alice' of account '111122223333' exists/)
  assert.equal((await metadata.db.selectFrom('users').selectAll().execute()).length, 1)
})

async function makesOneAdministrator({ identity, metadata }: IdentityStage): Promise<void> {
  const account = { id: '000000000000', name: 'first', userName: 'admin' }
  const made = await Promise.all([1, 2, 3].map(() => identity.createAccountWithAdministrator(account)))
  const keys = made.filter((key) => key !== undefined)
  assert.equal(keys.length, 1)
  const found = await identity.findAccessKey(keys[0]?.accessKeyId ?? '')
  assert.equal(found?.principal.arn, 'arn:aws:iam::000000000000:user/admin')
  assert.deepEqual(
    found?.principal.grants.identity.map(({ name }) => name),
    [ADMINISTRATOR_POLICY_ARN],
  )
  assert.equal(found?.secretAccessKey, keys[0]?.secretAccessKey)
  const users = await metadata.db.selectFrom('users').selectAll().where('account_id', '=', account.id).execute()
  assert.equal(users.length, 1)
}

test('Processes that start together make one account with one administrator and one key', async (t) => {
  await makesOneAdministrator(await startIdentity(t))
})

test('Processes that start together on PostgreSQL do so too', async (t) => {
  await withPostgres(t, async (databaseUrl) => makesOneAdministrator(await startIdentity(t, databaseUrl)))
})

test('A secret that was sealed with another master key is an error, not an unknown key', async (t) => {
  const { metadata, key } = await startIdentity(t)
  const keyring = await openKeyring(await temporaryFolder(t), randomBytes)
  const other = createIdentity({ metadata, keyring, arns: { partition: 'aws' }, clock: Date.now, randomBytes })
  await assert.rejects(async () => other.findAccessKey(key.accessKeyId), /the master key is another/)
})
