import { identityScope } from '../../storage/metadata/scopes.ts'
import { newEntityId } from '../identifiers.ts'
import { checkAttachable, refuseWhileUsed } from './attachments.ts'
import { trustColumns } from './documents.ts'
import { findEntity, type Role, requireRole } from './entities.ts'
import type { IamParts } from './parts.ts'
import { putTags, type Tag } from './tags.ts'
import { exists, existsWhenTaken } from './users.ts'

export interface NewRole {
  readonly account: string
  readonly name: string
  readonly path: string
  readonly trustPolicy: string
  readonly description: string | undefined
  readonly sessionSecondsMax: number
  readonly boundary: string | undefined
  readonly tags: readonly Tag[]
}

/** Throws `IamError`. */
export async function createRole(parts: IamParts, draft: NewRole): Promise<Role> {
  const trust = await trustColumns(parts.metadata.db, draft.trustPolicy)
  return existsWhenTaken('Role', draft.name, () =>
    parts.metadata.write(async (write) => {
      if (await findEntity(parts, write.tx, 'role', draft.account, draft.name)) throw exists('Role', draft.name)
      if (draft.boundary !== undefined) await checkAttachable(parts, write.tx, draft.account, draft.boundary)
      const id = newEntityId('AROA', parts.randomBytes)
      await write.tx
        .insertInto('roles')
        .values({
          role_id: id,
          account_id: draft.account,
          name: draft.name,
          path: draft.path,
          ...trust,
          description: draft.description ?? null,
          session_seconds_max: draft.sessionSecondsMax,
          permissions_boundary: draft.boundary ?? null,
          created_at: parts.clock(),
        })
        .execute()
      await putTags(write, id, draft.tags)
      write.touch(identityScope)
      return requireRole(parts, write.tx, draft.account, draft.name)
    }),
  )
}

export interface RoleChange {
  readonly description?: string | undefined
  readonly sessionSecondsMax?: number | undefined
  readonly trustPolicy?: string | undefined
}

/** What is undefined stays. Throws `IamError`. */
export async function updateRole(parts: IamParts, account: string, name: string, change: RoleChange): Promise<Role> {
  const { trustPolicy } = change
  const trust = trustPolicy === undefined ? {} : await trustColumns(parts.metadata.db, trustPolicy)
  return parts.metadata.write(async (write) => {
    const role = await requireRole(parts, write.tx, account, name)
    const set = {
      description: change.description ?? role.description ?? null,
      session_seconds_max: change.sessionSecondsMax ?? role.sessionSecondsMax,
      ...trust,
    }
    await write.tx.updateTable('roles').set(set).where('role_id', '=', role.id).execute()
    write.touch(identityScope)
    return requireRole(parts, write.tx, account, name)
  })
}

/** Throws `IamError` 'delete-conflict' while it has policies. */
export async function deleteRole(parts: IamParts, account: string, name: string): Promise<void> {
  await parts.metadata.write(async (write) => {
    const role = await requireRole(parts, write.tx, account, name)
    await refuseWhileUsed(write.tx, role.id)
    await write.tx.deleteFrom('resource_tags').where('resource_id', '=', role.id).execute()
    await write.tx.deleteFrom('sessions').where('entity_id', '=', role.id).execute()
    await write.tx.deleteFrom('roles').where('role_id', '=', role.id).execute()
    write.touch(identityScope)
  })
}
