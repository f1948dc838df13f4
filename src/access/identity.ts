import type { Metadata, Write } from '../storage/metadata/metadata.ts'
import { identityScope } from '../storage/metadata/scopes.ts'
import { type ArnContext, userArn } from './arns.ts'
import { createEpochCache } from './epoch-cache.ts'
import { createDocumentReader, type DocumentReader, readBearersPolicies, readBoundary } from './grants.ts'
import { newAccessKeyId, newSecretAccessKey, newUserId } from './identifiers.ts'
import type { Keyring, RandomBytes } from './keyring.ts'
import { ADMINISTRATOR_POLICY_ARN } from './managed-policies.ts'
import type { Grants, Principal } from './principal.ts'

/** Users and keys remembered; some hundred bytes each. Ours. */
const ENTRIES_MAX = 5_000

/** The name of an account's root user, which no other user can have. Source: IAM User Guide, "Credential reports". */
export const ROOT_USER_NAME = '<root_account>'

export interface User {
  readonly userId: string
  readonly accountId: string
  readonly name: string
  readonly arn: string
  /** Keys in lower case. */
  readonly tags: ReadonlyMap<string, string>
  readonly grants: Grants
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
  /** ARNs of managed policies. */
  readonly policyArns: readonly string[]
}

/** Accounts, users and access keys. Lookups answer at once when they are known; a change anywhere forgets them all. */
export interface Identity {
  /** Throws `IdentityConflictError`. */
  createAccount(account: Account): Promise<void>
  /** Throws `IdentityConflictError` when the account has a user of that name. */
  createUser(draft: UserDraft): Promise<User>
  createAccessKey(userId: string): Promise<NewAccessKey>
  /** A key of the account's root user, which may do everything in the account but hold package tokens. */
  createRootAccessKey(accountId: string): Promise<NewAccessKey>
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
  const documents = createDocumentReader()
  const users = createEpochCache<User>(metadata.epochs, identityScope, ENTRIES_MAX)
  const keys = createEpochCache<SigningKey>(metadata.epochs, identityScope, ENTRIES_MAX)
  const findUser = (userId: string) => users.find(userId, () => readUser(parts, documents, userId))
  return {
    createAccount: (account) => metadata.write((write) => insertAccount(parts, write, account)),
    async createUser(draft) {
      const userId = await metadata.write((write) => insertUser(parts, write, draft))
      const user = await readUser(parts, documents, userId)
      if (user) return user
      throw new Error(`user ${userId} went away as soon as it was made`)
    },
    createAccessKey: (userId) => metadata.write((write) => insertAccessKey(parts, write, userId)),
    createRootAccessKey: (accountId) => metadata.write((write) => insertRootKey(parts, write, accountId)),
    createAccountWithAdministrator: (account) => metadata.write((write) => insertFirstUser(parts, write, account)),
    findAccessKey: (accessKeyId) => keys.find(accessKeyId, () => readSigningKey(parts, accessKeyId, findUser)),
    findUser,
  }
}

/** Who a user is when this access key signs, or a token that it made is shown. */
export function principalOf(user: User, accessKeyId: string): Principal {
  return {
    kind: user.userId === user.accountId ? 'root' : 'user',
    accountId: user.accountId,
    arn: user.arn,
    principalId: user.userId,
    userName: user.name,
    accessKeyId,
    roleArn: undefined,
    tags: user.tags,
    grants: user.grants,
    session: undefined,
  }
}

async function insertFirstUser(
  parts: IdentityParts,
  write: Write,
  account: AccountDraft,
): Promise<NewAccessKey | undefined> {
  if (!(await tryInsertAccount(parts, write, account))) return undefined
  const policyArns = [ADMINISTRATOR_POLICY_ARN]
  const userId = await insertUser(parts, write, {
    accountId: account.id,
    name: account.userName,
    path: '/',
    policyArns,
  })
  return insertAccessKey(parts, write, userId)
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

async function insertUser(parts: IdentityParts, write: Write, draft: UserDraft): Promise<string> {
  const userId = newUserId(parts.randomBytes)
  if (!(await tryInsertUser(parts, write, { ...draft, userId }))) {
    throw new IdentityConflictError(`user '${draft.name}' of account '${draft.accountId}' exists`)
  }
  if (draft.policyArns.length === 0) return userId
  const attached = draft.policyArns.map((arn) => ({ entity_id: userId, policy_arn: arn, created_at: parts.clock() }))
  await write.tx.insertInto('policy_attachments').values(attached).execute()
  return userId
}

async function tryInsertUser(
  parts: IdentityParts,
  write: Write,
  draft: Omit<UserDraft, 'policyArns'> & { readonly userId: string },
): Promise<boolean> {
  const inserted = await write.tx
    .insertInto('users')
    .values({
      user_id: draft.userId,
      account_id: draft.accountId,
      name: draft.name,
      path: draft.path,
      permissions_boundary: null,
      created_at: parts.clock(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_id')
    .executeTakeFirst()
  write.touch(identityScope)
  return inserted !== undefined
}

async function insertRootKey(parts: IdentityParts, write: Write, accountId: string): Promise<NewAccessKey> {
  await tryInsertUser(parts, write, { userId: accountId, accountId, name: ROOT_USER_NAME, path: '/' })
  return insertAccessKey(parts, write, accountId)
}

/** A new key of a user, in the caller's transaction. */
export async function insertAccessKey(
  parts: Pick<IdentityParts, 'randomBytes' | 'keyring' | 'clock'>,
  write: Write,
  userId: string,
): Promise<NewAccessKey> {
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

async function readSigningKey(
  parts: IdentityParts,
  accessKeyId: string,
  findUser: Identity['findUser'],
): Promise<SigningKey | undefined> {
  const row = await parts.metadata.db
    .selectFrom('access_keys')
    .select(['user_id', 'secret_sealed'])
    .where('access_key_id', '=', accessKeyId)
    .where('status', '=', 'Active')
    .executeTakeFirst()
  const user = row && (await findUser(row.user_id))
  if (!user) return undefined
  const secret = parts.keyring.open(row.secret_sealed, sealPurpose(accessKeyId))
  return { secretAccessKey: secret.toString(), principal: principalOf(user, accessKeyId) }
}

async function readUser(parts: IdentityParts, documents: DocumentReader, userId: string): Promise<User | undefined> {
  const { db } = parts.metadata
  const row = await db.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst()
  if (!row) return undefined
  const groups = await db
    .selectFrom('group_members')
    .innerJoin('user_groups', 'user_groups.group_id', 'group_members.group_id')
    .select(['user_groups.group_id', 'name'])
    .where('user_id', '=', userId)
    .execute()
  const bearers = groups.map((group) => ({ id: group.group_id, title: `group '${group.name}'` }))
  const identity = await readBearersPolicies(db, documents, [{ id: userId, title: `user '${row.name}'` }, ...bearers])
  const boundary = await readBoundary(db, documents, row.permissions_boundary)
  return {
    userId,
    accountId: row.account_id,
    name: row.name,
    arn:
      userId === row.account_id
        ? `arn:${parts.arns.partition}:iam::${row.account_id}:root`
        : userArn(parts.arns, row.account_id, row.path, row.name),
    tags: await readFoldedTags(db, userId),
    grants: { identity, boundary, session: undefined },
  }
}

/** Tags of a user or role as policies compare them: keys in lower case. */
export async function readFoldedTags(db: Metadata['db'], entityId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('resource_tags').selectAll().where('resource_id', '=', entityId).execute()
  return new Map(rows.map(({ key, value }) => [key.toLowerCase(), value]))
}

function sealPurpose(accessKeyId: string): string {
  return `secret of access key ${accessKeyId}`
}
