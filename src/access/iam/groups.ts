import { identityScope } from '../../storage/metadata/scopes.ts'
import { newEntityId } from '../identifiers.ts'
import { refuseWhileUsed } from './attachments.ts'
import { type Entity, findEntity, groupEntity, requireEntity, userEntity } from './entities.ts'
import { IamError } from './iam-error.ts'
import { type IamParts, type ListedPage, type ListPage, toListedPage } from './parts.ts'
import { exists, existsWhenTaken, type Renaming } from './users.ts'

/** Source: IAM User Guide, "IAM and AWS STS quotas". */
const GROUPS_PER_USER_MAX = 10

/** Throws `IamError`. */
export async function createGroup(parts: IamParts, account: string, name: string, path: string): Promise<Entity> {
  return existsWhenTaken('Group', name, () =>
    parts.metadata.write(async (write) => {
      if (await findEntity(parts, write.tx, 'group', account, name)) throw exists('Group', name)
      const row = {
        group_id: newEntityId('AGPA', parts.randomBytes),
        account_id: account,
        name,
        path,
        created_at: parts.clock(),
      }
      await write.tx.insertInto('user_groups').values(row).execute()
      write.touch(identityScope)
      return groupEntity(parts, row)
    }),
  )
}

/** Throws `IamError`. */
export async function updateGroup(parts: IamParts, account: string, name: string, change: Renaming): Promise<void> {
  await existsWhenTaken('Group', change.name ?? name, () =>
    parts.metadata.write(async (write) => {
      const group = await requireEntity(parts, write.tx, 'group', account, name)
      const set = { name: change.name ?? group.name, path: change.path ?? group.path }
      await write.tx.updateTable('user_groups').set(set).where('group_id', '=', group.id).execute()
      write.touch(identityScope)
    }),
  )
}

/** Throws `IamError` 'delete-conflict' while it has users or policies. */
export async function deleteGroup(parts: IamParts, account: string, name: string): Promise<void> {
  await parts.metadata.write(async (write) => {
    const group = await requireEntity(parts, write.tx, 'group', account, name)
    const members = write.tx.selectFrom('group_members').selectAll().where('group_id', '=', group.id)
    if (await members.executeTakeFirst()) {
      throw new IamError('delete-conflict', 'Cannot delete entity, must remove users from group first.')
    }
    await refuseWhileUsed(write.tx, group.id)
    await write.tx.deleteFrom('user_groups').where('group_id', '=', group.id).execute()
    write.touch(identityScope)
  })
}

/** Who is in already stays in. Throws `IamError`. */
export async function addToGroup(parts: IamParts, account: string, groupName: string, userName: string): Promise<void> {
  await parts.metadata.write(async (write) => {
    const group = await requireEntity(parts, write.tx, 'group', account, groupName)
    const user = await requireEntity(parts, write.tx, 'user', account, userName)
    const row = { group_id: group.id, user_id: user.id }
    await write.tx
      .insertInto('group_members')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const groups = await write.tx.selectFrom('group_members').selectAll().where('user_id', '=', user.id).execute()
    if (groups.length > GROUPS_PER_USER_MAX) {
      throw new IamError('limit', `Cannot exceed quota for GroupsPerUser: ${GROUPS_PER_USER_MAX}`)
    }
    write.touch(identityScope)
  })
}

/** Throws `IamError` 'missing'. */
export async function removeFromGroup(
  parts: IamParts,
  account: string,
  groupName: string,
  userName: string,
): Promise<void> {
  await parts.metadata.write(async (write) => {
    const group = await requireEntity(parts, write.tx, 'group', account, groupName)
    const user = await requireEntity(parts, write.tx, 'user', account, userName)
    const rows = write.tx.deleteFrom('group_members').where('group_id', '=', group.id).where('user_id', '=', user.id)
    await rows.execute()
    write.touch(identityScope)
  })
}

export async function listMembers(parts: IamParts, groupId: string, page: ListPage): Promise<ListedPage<Entity>> {
  const rows = await parts.metadata.db
    .selectFrom('group_members')
    .innerJoin('users', 'users.user_id', 'group_members.user_id')
    .selectAll('users')
    .where('group_id', '=', groupId)
    .$if(page.after !== undefined, (query) => query.where('name', '>', page.after ?? ''))
    .orderBy('name')
    .limit(page.size + 1)
    .execute()
  return toListedPage(
    rows,
    page.size,
    (row) => userEntity(parts, row),
    (row) => row.name,
  )
}

/** Throws `IamError` 'missing'. */
export async function listGroupsOf(parts: IamParts, account: string, userName: string): Promise<Entity[]> {
  const { db } = parts.metadata
  const user = await requireEntity(parts, db, 'user', account, userName)
  const rows = await db
    .selectFrom('group_members')
    .innerJoin('user_groups', 'user_groups.group_id', 'group_members.group_id')
    .selectAll('user_groups')
    .where('user_id', '=', user.id)
    .orderBy('name')
    .execute()
  return rows.map((row) => groupEntity(parts, row))
}
