import { identityScope } from '../../storage/metadata/scopes.ts'
import { isUniqueViolation } from '../../storage/metadata/unique-violation.ts'
import { newEntityId } from '../identifiers.ts'
import { checkAttachable, refuseWhileUsed } from './attachments.ts'
import { type Entity, findEntity, requireEntity } from './entities.ts'
import { IamError } from './iam-error.ts'
import type { IamParts } from './parts.ts'
import { putTags, type Tag } from './tags.ts'

/** Source: IAM User Guide, "IAM and AWS STS quotas". */
const USERS_MAX = 5000

export interface NewUser {
  readonly account: string
  readonly name: string
  readonly path: string
  readonly boundary: string | undefined
  readonly tags: readonly Tag[]
}

/** Throws `IamError`. */
export async function createUser(parts: IamParts, draft: NewUser): Promise<Entity> {
  return existsWhenTaken('User', draft.name, () =>
    parts.metadata.write(async (write) => {
      if (await findEntity(parts, write.tx, 'user', draft.account, draft.name)) throw exists('User', draft.name)
      const { count } = await write.tx
        .selectFrom('users')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('account_id', '=', draft.account)
        .executeTakeFirstOrThrow()
      if (Number(count) >= USERS_MAX)
        throw new IamError('limit', `Cannot exceed quota for UsersPerAccount: ${USERS_MAX}`)
      if (draft.boundary !== undefined) await checkAttachable(parts, write.tx, draft.account, draft.boundary)
      const id = newEntityId('AIDA', parts.randomBytes)
      await write.tx
        .insertInto('users')
        .values({
          user_id: id,
          account_id: draft.account,
          name: draft.name,
          path: draft.path,
          permissions_boundary: draft.boundary ?? null,
          created_at: parts.clock(),
        })
        .execute()
      await putTags(write, id, draft.tags)
      write.touch(identityScope)
      return requireEntity(parts, write.tx, 'user', draft.account, draft.name)
    }),
  )
}

export interface Renaming {
  readonly name?: string | undefined
  readonly path?: string | undefined
}

/** Throws `IamError`. */
export async function updateUser(parts: IamParts, account: string, name: string, change: Renaming): Promise<void> {
  await existsWhenTaken('User', change.name ?? name, () =>
    parts.metadata.write(async (write) => {
      const user = await requireEntity(parts, write.tx, 'user', account, name)
      const set = { name: change.name ?? user.name, path: change.path ?? user.path }
      await write.tx.updateTable('users').set(set).where('user_id', '=', user.id).execute()
      write.touch(identityScope)
    }),
  )
}

/** Throws `IamError` 'delete-conflict' while it has keys, policies or groups. */
export async function deleteUser(parts: IamParts, account: string, name: string): Promise<void> {
  await parts.metadata.write(async (write) => {
    const user = await requireEntity(parts, write.tx, 'user', account, name)
    const { tx } = write
    const key = await tx.selectFrom('access_keys').select('status').where('user_id', '=', user.id).executeTakeFirst()
    if (key) throw new IamError('delete-conflict', 'Cannot delete entity, must delete access keys first.')
    const group = await tx.selectFrom('group_members').selectAll().where('user_id', '=', user.id).executeTakeFirst()
    if (group) throw new IamError('delete-conflict', 'Cannot delete entity, must remove users from group first.')
    await refuseWhileUsed(tx, user.id)
    await tx.deleteFrom('resource_tags').where('resource_id', '=', user.id).execute()
    await tx.deleteFrom('sessions').where('entity_id', '=', user.id).execute()
    await tx.deleteFrom('users').where('user_id', '=', user.id).execute()
    write.touch(identityScope)
  })
}

export function exists(kind: string, name: string): IamError {
  return new IamError('exists', `${kind} with name ${name} already exists.`)
}

/** Two callers may both find a name free; the database lets one of them have it. */
export async function existsWhenTaken<T>(kind: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error)) throw exists(kind, name)
    throw error
  }
}
