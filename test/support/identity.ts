import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createIdentity, type Identity, type NewAccessKey, type User } from '../../src/access/identity.ts'
import { type Keyring, openKeyring } from '../../src/access/keyring.ts'
import { ADMINISTRATOR_POLICY_ARN } from '../../src/access/managed-policies.ts'
import { createSessionStore, type Sessions } from '../../src/access/sessions.ts'
import { createTokens, type Tokens } from '../../src/access/tokens.ts'
import type { Metadata } from '../../src/storage/metadata/metadata.ts'
import { identityScope } from '../../src/storage/metadata/scopes.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { openSqlite } from '../../src/storage/metadata/sqlite/open.ts'

export const ACCOUNT_ID = '111122223333'

/** An empty folder, removed after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** Users, keys and tokens on a database of their own, under a clock that the test sets. */
export interface IdentityStage {
  readonly metadata: Metadata
  readonly keyring: Keyring
  readonly identity: Identity
  readonly sessions: Sessions
  readonly tokens: Tokens
  /** An administrator, and a key of theirs. */
  readonly user: User
  readonly key: NewAccessKey
  /** ms since 1970. */
  readonly time: { now: number }
  removeUser(userId: string): Promise<void>
  setKeyStatus(accessKeyId: string, status: 'Active' | 'Inactive'): Promise<void>
}

/** On SQLite, or on the PostgreSQL database that is named. */
export async function startIdentity(t: TestContext, databaseUrl?: string): Promise<IdentityStage> {
  const folder = await temporaryFolder(t)
  const metadata = databaseUrl
    ? await openPostgres({ url: databaseUrl })
    : await openSqlite({ file: join(folder, 'packyard.db') })
  t.after(() => metadata.close())
  const keyring = await openKeyring(join(folder, 'keys'), randomBytes)
  const time = { now: Date.now() }
  const clock = () => time.now
  const identity = createIdentity({ metadata, keyring, arns: { partition: 'aws' }, clock, randomBytes })
  await identity.createAccount({ id: ACCOUNT_ID, name: 'test' })
  const user = await identity.createUser({
    accountId: ACCOUNT_ID,
    name: 'alice',
    path: '/',
    policyArns: [ADMINISTRATOR_POLICY_ARN],
  })
  const key = await identity.createAccessKey(user.userId)
  const sessions = createSessionStore({ metadata, keyring, identity, arns: { partition: 'aws' }, clock, randomBytes })
  const tokens = createTokens({ metadata, identity, sessions, keyring, clock, randomId: randomUUID })
  return { metadata, keyring, identity, sessions, tokens, user, key, time, ...changesOf(metadata) }
}

/** What the IAM API will do one day. */
function changesOf(metadata: Metadata): Pick<IdentityStage, 'removeUser' | 'setKeyStatus'> {
  return {
    removeUser: (userId) =>
      metadata.write(async ({ tx, touch }) => {
        await tx.deleteFrom('access_keys').where('user_id', '=', userId).execute()
        await tx.deleteFrom('users').where('user_id', '=', userId).execute()
        touch(identityScope)
      }),
    setKeyStatus: (accessKeyId, status) =>
      metadata.write(async ({ tx, touch }) => {
        await tx.updateTable('access_keys').set({ status }).where('access_key_id', '=', accessKeyId).execute()
        touch(identityScope)
      }),
  }
}
