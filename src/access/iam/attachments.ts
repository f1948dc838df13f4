import type { Write } from '../../storage/metadata/metadata.ts'
import { identityScope } from '../../storage/metadata/scopes.ts'
import { parsePolicyArn } from '../grants.ts'
import { managedPolicies } from '../managed-policies.ts'
import { checkIdentityDocument, countedLength, INLINE_CHARACTERS_MAX } from './documents.ts'
import { type Entity, type EntityKind, requireEntity } from './entities.ts'
import { IamError, invalidInput } from './iam-error.ts'
import type { Database, IamParts } from './parts.ts'

/** Source: IAM User Guide, "IAM and AWS STS quotas"; the largest value that it can be raised to. */
const ATTACHMENTS_MAX = 20

/** Whose policies are changed. */
export interface EntityName {
  readonly kind: EntityKind
  readonly account: string
  readonly name: string
}

/** Throws `IamError`. */
export async function putInlinePolicy(
  parts: IamParts,
  owner: EntityName,
  policyName: string,
  document: string,
): Promise<void> {
  checkIdentityDocument(document)
  await change(parts, owner, async ({ tx }, entity) => {
    const row = { entity_id: entity.id, name: policyName, document }
    await tx
      .insertInto('inline_policies')
      .values(row)
      .onConflict((conflict) => conflict.columns(['entity_id', 'name']).doUpdateSet({ document }))
      .execute()
    const all = await tx.selectFrom('inline_policies').select('document').where('entity_id', '=', entity.id).execute()
    const total = all.reduce((sum, one) => sum + countedLength(one.document), 0)
    const limit = INLINE_CHARACTERS_MAX[owner.kind]
    if (total > limit) {
      throw new IamError('limit', `Maximum policy size of ${limit} bytes exceeded for ${owner.kind} ${entity.name}`)
    }
  })
}

/** Throws `IamError` 'missing'. */
export async function getInlinePolicy(parts: IamParts, owner: EntityName, policyName: string): Promise<string> {
  const { db } = parts.metadata
  const entity = await requireEntity(parts, db, owner.kind, owner.account, owner.name)
  const rows = db.selectFrom('inline_policies').select('document').where('entity_id', '=', entity.id)
  const row = await rows.where('name', '=', policyName).executeTakeFirst()
  if (row) return row.document
  throw new IamError('missing', `The ${owner.kind} policy with name ${policyName} cannot be found.`)
}

/** By name. Throws `IamError` 'missing'. */
export async function listInlinePolicies(parts: IamParts, owner: EntityName): Promise<string[]> {
  const { db } = parts.metadata
  const entity = await requireEntity(parts, db, owner.kind, owner.account, owner.name)
  const rows = db.selectFrom('inline_policies').select('name').where('entity_id', '=', entity.id)
  return (await rows.orderBy('name').execute()).map((row) => row.name)
}

/** Throws `IamError` 'missing'. */
export async function deleteInlinePolicy(parts: IamParts, owner: EntityName, policyName: string): Promise<void> {
  await getInlinePolicy(parts, owner, policyName)
  await change(parts, owner, async ({ tx }, entity) => {
    const rows = tx.deleteFrom('inline_policies').where('entity_id', '=', entity.id)
    await rows.where('name', '=', policyName).execute()
  })
}

/** What is attached already stays so. Throws `IamError`. */
export async function attachPolicy(parts: IamParts, owner: EntityName, policyArn: string): Promise<void> {
  await change(parts, owner, async ({ tx }, entity) => {
    await checkAttachable(parts, tx, owner.account, policyArn)
    const row = { entity_id: entity.id, policy_arn: policyArn, created_at: parts.clock() }
    await tx
      .insertInto('policy_attachments')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const all = await tx.selectFrom('policy_attachments').selectAll().where('entity_id', '=', entity.id).execute()
    if (all.length > ATTACHMENTS_MAX) {
      throw new IamError('limit', `Cannot exceed quota for PoliciesPer${titled(owner.kind)}: ${ATTACHMENTS_MAX}`)
    }
  })
}

/** Throws `IamError` 'missing' when it is not attached. */
export async function detachPolicy(parts: IamParts, owner: EntityName, policyArn: string): Promise<void> {
  await change(parts, owner, async ({ tx }, entity) => {
    const rows = tx.deleteFrom('policy_attachments').where('entity_id', '=', entity.id)
    const gone = await rows.where('policy_arn', '=', policyArn).returning('policy_arn').executeTakeFirst()
    if (!gone) throw new IamError('missing', `Policy ${policyArn} was not found.`)
  })
}

/** ARNs, in order. Throws `IamError` 'missing'. */
export async function listAttachedPolicies(parts: IamParts, owner: EntityName): Promise<string[]> {
  const { db } = parts.metadata
  const entity = await requireEntity(parts, db, owner.kind, owner.account, owner.name)
  const rows = db.selectFrom('policy_attachments').select('policy_arn').where('entity_id', '=', entity.id)
  return (await rows.orderBy('policy_arn').execute()).map((row) => row.policy_arn)
}

/** Undefined removes it. Throws `IamError`. */
export async function setBoundary(parts: IamParts, owner: EntityName, policyArn: string | undefined): Promise<void> {
  await change(parts, owner, async ({ tx }, entity) => {
    if (policyArn !== undefined) await checkAttachable(parts, tx, owner.account, policyArn)
    const set = { permissions_boundary: policyArn ?? null }
    if (owner.kind === 'role') await tx.updateTable('roles').set(set).where('role_id', '=', entity.id).execute()
    else await tx.updateTable('users').set(set).where('user_id', '=', entity.id).execute()
  })
}

/** Throws `IamError` for an ARN of no policy that this account may use. */
export async function checkAttachable(
  parts: Pick<IamParts, 'arns'>,
  db: Database,
  account: string,
  policyArn: string,
): Promise<void> {
  if (managedPolicies.has(policyArn)) return
  const key = parsePolicyArn(policyArn)
  if (!key && !policyArn.startsWith(`arn:${parts.arns.partition}:iam::aws:policy/`)) {
    throw invalidInput('PolicyArn', policyArn, 'must be the ARN of a policy')
  }
  const rows = db.selectFrom('policies').select('policy_id').where('account_id', '=', account)
  const found =
    key?.account === account &&
    (await rows.where('path', '=', key.path).where('name', '=', key.name).executeTakeFirst())
  if (!found) throw new IamError('missing', `Policy ${policyArn} does not exist or is not attachable.`)
}

/** Throws `IamError` 'delete-conflict' while an entity has policies. */
export async function refuseWhileUsed(db: Database, entityId: string): Promise<void> {
  const inline = db.selectFrom('inline_policies').select('name').where('entity_id', '=', entityId)
  if (await inline.executeTakeFirst()) {
    throw new IamError('delete-conflict', 'Cannot delete entity, must delete policies first.')
  }
  const attached = db.selectFrom('policy_attachments').select('policy_arn').where('entity_id', '=', entityId)
  if (await attached.executeTakeFirst()) {
    throw new IamError('delete-conflict', 'Cannot delete entity, must detach all policies first.')
  }
}

async function change(
  parts: IamParts,
  owner: EntityName,
  work: (write: Write, entity: Entity) => Promise<void>,
): Promise<void> {
  await parts.metadata.write(async (write) => {
    await work(write, await requireEntity(parts, write.tx, owner.kind, owner.account, owner.name))
    write.touch(identityScope)
  })
}

function titled(kind: EntityKind): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
}
