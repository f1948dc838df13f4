import type { Metadata, Write } from '../storage/metadata/metadata.ts'
import { identityScope } from '../storage/metadata/scopes.ts'
import { type ArnContext, userArn } from './arns.ts'
import { createEpochCache } from './epoch-cache.ts'
import { newAccessKeyId, newSecretAccessKey, newUserId } from './identifiers.ts'
import type { Keyring, RandomBytes } from './keyring.ts'
import type { Principal } from './principal.ts'

/** Users and keys remembered; some hundred bytes each. Ours. */
const ENTRIES_MAX = 10_000

export interface User {
  readonly userId: string
  readonly accountId: string
  readonly name: string
  readonly arn: string
  readonly isAdministrator: boolean
}

/** An access key as its owner gets it, once. */
export interface NewAccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** An access key that may sign. */
export interface SigningKey {
  readonly secretAccessKey: string
  readonly principal: Principal
}

export interface UserDraft {
  readonly accountId: string
  readonly name: string
  /** Begins and ends with `/`. */
  readonly path: string
  readonly isAdministrator: boolean
}

/** Accounts, users and access keys. Lookups answer at once when they are known; a change anywhere forgets them all. */
export interface Identity {
  /** Throws `IdentityConflictError`. */
  createAccount(account: Account): Promise<void>
  /** Throws `IdentityConflictError` when the account has a user of that name. */
  createUser(draft: UserDraft): Promise<User>
  createAccessKey(userId: string): Promise<NewAccessKey>
  /**
   * The account with one administrator and an access key, in one transaction. Undefined when the account was there, so
   * that processes which start together make one.
   */
  createAccountWithAdministrator(account: AccountDraft): Promise<NewAccessKey | undefined>
  /** Undefined for a key that is unknown or inactive. */
  findAccessKey(accessKeyId: string): SigningKey | Promise<SigningKey | undefined>
  findUser(userId: string): User | Promise<User | undefined>
}

/** What is to be made is there already. */
export class IdentityConflictError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'IdentityConflictError'
  }
}

export interface Account {
  /** 12 digits. */
  readonly id: string
  readonly name: string
}

export interface AccountDraft extends Account {
  /** The administrator's. */
  readonly userName: string
}

export interface IdentityParts {
  readonly metadata: Metadata
  readonly keyring: Keyring
  readonly arns: Pick<ArnContext, 'partition'>
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomBytes: RandomBytes
}

export function createIdentity(parts: IdentityParts): Identity {
  const { metadata } = parts
  const users = createEpochCache<User>(metadata.epochs, identityScope, ENTRIES_MAX)
  const keys = createEpochCache<SigningKey>(metadata.epochs, identityScope, ENTRIES_MAX)
  return {
    createAccount: (account) => metadata.write((write) => insertAccount(parts, write, account)),
    createUser: (draft) => metadata.write((write) => insertUser(parts, write, draft)),
    createAccessKey: (userId) => metadata.write((write) => insertAccessKey(parts, write, userId)),
    createAccountWithAdministrator: (account) => metadata.write((write) => insertFirstUser(parts, write, account)),
    findAccessKey: (accessKeyId) => keys.find(accessKeyId, () => readSigningKey(parts, accessKeyId)),
    findUser: (userId) => users.find(userId, () => readUser(parts, userId)),
  }
}

/** Who a user is when this access key signs, or a token that it made is shown. */
export function principalOf(user: User, accessKeyId: string): Principal {
  return {
    kind: 'user',
    accountId: user.accountId,
    arn: user.arn,
    principalId: user.userId,
    userName: user.name,
    accessKeyId,
    isAdministrator: user.isAdministrator,
  }
}

async function insertFirstUser(
  parts: IdentityParts,
  write: Write,
  account: AccountDraft,
): Promise<NewAccessKey | undefined> {
  if (!(await tryInsertAccount(parts, write, account))) return undefined
  const draft = { accountId: account.id, name: account.userName, path: '/', isAdministrator: true }
  const user = await insertUser(parts, write, draft)
  return insertAccessKey(parts, write, user.userId)
}

async function insertAccount(parts: IdentityParts, write: Write, account: Account): Promise<void> {
  if (await tryInsertAccount(parts, write, account)) return
  throw new IdentityConflictError(`account '${account.id}' exists`)
}

/** False when the account is there, or another process is just making it. */
async function tryInsertAccount(parts: IdentityParts, write: Write, account: Account): Promise<boolean> {
  const inserted = await write.tx
    .insertInto('accounts')
    .values({ id: account.id, name: account.name, created_at: parts.clock() })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  write.touch(identityScope)
  return inserted !== undefined
}

async function insertUser(parts: IdentityParts, write: Write, draft: UserDraft): Promise<User> {
  const row = {
    user_id: newUserId(parts.randomBytes),
    account_id: draft.accountId,
    name: draft.name,
    path: draft.path,
    is_administrator: draft.isAdministrator ? 1 : 0,
    created_at: parts.clock(),
  }
  const inserted = await write.tx
    .insertInto('users')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_id')
    .executeTakeFirst()
  if (!inserted) throw new IdentityConflictError(`user '${draft.name}' of account '${draft.accountId}' exists`)
  write.touch(identityScope)
  return userOf(parts, row)
}

async function insertAccessKey(parts: IdentityParts, write: Write, userId: string): Promise<NewAccessKey> {
  const accessKeyId = newAccessKeyId(parts.randomBytes)
  const secretAccessKey = newSecretAccessKey(parts.randomBytes)
  await write.tx
    .insertInto('access_keys')
    .values({
      access_key_id: accessKeyId,
      user_id: userId,
      secret_sealed: parts.keyring.seal(Buffer.from(secretAccessKey), sealPurpose(accessKeyId)),
      status: 'Active',
      created_at: parts.clock(),
    })
    .execute()
  write.touch(identityScope)
  return { accessKeyId, secretAccessKey }
}

async function readSigningKey(parts: IdentityParts, accessKeyId: string): Promise<SigningKey | undefined> {
  const row = await parts.metadata.db
    .selectFrom('access_keys')
    .innerJoin('users', 'users.user_id', 'access_keys.user_id')
    .selectAll('users')
    .select('secret_sealed')
    .where('access_key_id', '=', accessKeyId)
    .where('status', '=', 'Active')
    .executeTakeFirst()
  if (!row) return undefined
  const secret = parts.keyring.open(row.secret_sealed, sealPurpose(accessKeyId))
  return { secretAccessKey: secret.toString(), principal: principalOf(userOf(parts, row), accessKeyId) }
}

async function readUser(parts: IdentityParts, userId: string): Promise<User | undefined> {
  const row = await parts.metadata.db.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst()
  return row && userOf(parts, row)
}

interface UserRow {
  readonly user_id: string
  readonly account_id: string
  readonly name: string
  readonly path: string
  readonly is_administrator: number
}

function userOf(parts: IdentityParts, row: UserRow): User {
  return {
    userId: row.user_id,
    accountId: row.account_id,
    name: row.name,
    arn: userArn(parts.arns, row.account_id, row.path, row.name),
    isAdministrator: row.is_administrator === 1,
  }
}

function sealPurpose(accessKeyId: string): string {
  return `secret of access key ${accessKeyId}`
}
