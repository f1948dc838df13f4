import { identityScope } from '../../storage/metadata/scopes.ts'
import { insertAccessKey, type NewAccessKey } from '../identity.ts'
import { requireEntity } from './entities.ts'
import { IamError } from './iam-error.ts'
import type { Database, IamParts } from './parts.ts'

/** Source: IAM User Guide, "IAM and AWS STS quotas". */
const KEYS_PER_USER_MAX = 2

export interface ListedKey {
  readonly accessKeyId: string
  readonly status: string
  /** ms since 1970. */
  readonly createdAt: number
}

export interface LastUse {
  readonly userName: string
  /** ms since 1970; undefined: never. */
  readonly usedAt: number | undefined
  readonly service: string | undefined
  readonly region: string | undefined
}

/** Throws `IamError`. */
export async function createAccessKey(
  parts: IamParts,
  account: string,
  userName: string,
): Promise<NewAccessKey & { readonly createdAt: number }> {
  return parts.metadata.write(async (write) => {
    const user = await requireEntity(parts, write.tx, 'user', account, userName)
    const keys = await readKeys(write.tx, user.id)
    if (keys.length >= KEYS_PER_USER_MAX) {
      throw new IamError('limit', `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER_MAX}`)
    }
    return { ...(await insertAccessKey(parts, write, user.id)), createdAt: parts.clock() }
  })
}

/** Throws `IamError` 'missing'. */
export async function listAccessKeys(parts: IamParts, account: string, userName: string): Promise<ListedKey[]> {
  const user = await requireEntity(parts, parts.metadata.db, 'user', account, userName)
  return readKeys(parts.metadata.db, user.id)
}

async function readKeys(db: Database, userId: string): Promise<ListedKey[]> {
  const rows = await db
    .selectFrom('access_keys')
    .select(['access_key_id', 'status', 'created_at'])
    .where('user_id', '=', userId)
    .orderBy('access_key_id')
    .execute()
  return rows.map((row) => ({ accessKeyId: row.access_key_id, status: row.status, createdAt: row.created_at }))
}

/** Undefined: delete it. Throws `IamError` 'missing'. */
export async function changeAccessKey(
  parts: IamParts,
  account: string,
  userName: string,
  { accessKeyId, status }: { readonly accessKeyId: string; readonly status: 'Active' | 'Inactive' | undefined },
): Promise<void> {
  await parts.metadata.write(async (write) => {
    const user = await requireEntity(parts, write.tx, 'user', account, userName)
    const keys = await readKeys(write.tx, user.id)
    if (!keys.some((key) => key.accessKeyId === accessKeyId)) throw keyMissing(accessKeyId)
    const { tx } = write
    if (status === undefined) await tx.deleteFrom('access_keys').where('access_key_id', '=', accessKeyId).execute()
    else await tx.updateTable('access_keys').set({ status }).where('access_key_id', '=', accessKeyId).execute()
    write.touch(identityScope)
  })
}

/** Throws `IamError` 'missing', also for a key of another account. */
export async function readLastUse(parts: IamParts, account: string, accessKeyId: string): Promise<LastUse> {
  const row = await parts.metadata.db
    .selectFrom('access_keys')
    .innerJoin('users', 'users.user_id', 'access_keys.user_id')
    .select(['users.name', 'last_used_at', 'last_used_service', 'last_used_region'])
    .where('access_key_id', '=', accessKeyId)
    .where('account_id', '=', account)
    .executeTakeFirst()
  if (!row) throw keyMissing(accessKeyId)
  return {
    userName: row.name,
    usedAt: row.last_used_at ?? undefined,
    service: row.last_used_service ?? undefined,
    region: row.last_used_region ?? undefined,
  }
}

/** The account of any key, temporary ones included. Throws `IamError` 'missing'. */
export async function findKeyAccount({ metadata: { db } }: IamParts, accessKeyId: string): Promise<string> {
  const key = await db
    .selectFrom('access_keys')
    .innerJoin('users', 'users.user_id', 'access_keys.user_id')
    .select('account_id')
    .where('access_key_id', '=', accessKeyId)
    .executeTakeFirst()
  const sessions = db.selectFrom('sessions').select('account_id').where('access_key_id', '=', accessKeyId)
  const found = key ?? (await sessions.executeTakeFirst())
  if (found) return found.account_id
  throw keyMissing(accessKeyId)
}

function keyMissing(accessKeyId: string): IamError {
  return new IamError('missing', `The Access Key with id ${accessKeyId.slice(0, 40)} cannot be found.`)
}
