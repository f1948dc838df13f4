import { sql } from 'kysely'
import { identityScope } from '../../storage/metadata/scopes.ts'
import { parsePolicyArn } from '../grants.ts'
import { newEntityId } from '../identifiers.ts'
import { type ManagedPolicy, managedPolicies } from '../managed-policies.ts'
import { checkIdentityDocument, countedLength, MANAGED_POLICY_CHARACTERS_MAX } from './documents.ts'
import { entityArn, type EntityKind } from './entities.ts'
import { IamError } from './iam-error.ts'
import { type Database, type IamParts, type ListedPage, type ListPage, toListedPage } from './parts.ts'
import { putTags, type Tag } from './tags.ts'
import { exists, existsWhenTaken } from './users.ts'

/** Source: IAM User Guide, "IAM and AWS STS quotas". */
const VERSIONS_MAX = 5

/** A managed policy, of an account or of all. Source: IAM API Reference, "Policy". */
export interface Policy {
  readonly id: string
  readonly arn: string
  readonly name: string
  readonly path: string
  readonly description: string | undefined
  readonly defaultVersion: number
  readonly attachmentCount: number
  readonly boundaryCount: number
  /** ms since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly isShipped: boolean
}

export interface PolicyVersion {
  readonly version: number
  readonly document: string
  readonly isDefault: boolean
  /** ms since 1970. */
  readonly createdAt: number
}

export interface NewPolicy {
  readonly account: string
  readonly name: string
  readonly path: string
  readonly document: string
  readonly description: string | undefined
  readonly tags: readonly Tag[]
}

/** Throws `IamError`. */
export async function createPolicy(parts: IamParts, draft: NewPolicy): Promise<Policy> {
  checkManagedDocument(draft.document)
  const arn = entityArn(parts, 'policy', draft.account, `${draft.path}${draft.name}`)
  return existsWhenTaken('Policy', draft.name, () =>
    parts.metadata.write(async (write) => {
      const { tx } = write
      const same = sql<boolean>`lower(name) = ${draft.name.toLowerCase()}`
      const known = tx.selectFrom('policies').select('policy_id').where('account_id', '=', draft.account).where(same)
      if (await known.executeTakeFirst()) throw exists('Policy', draft.name)
      const now = parts.clock()
      const id = newEntityId('ANPA', parts.randomBytes)
      await tx
        .insertInto('policies')
        .values({
          policy_id: id,
          account_id: draft.account,
          name: draft.name,
          path: draft.path,
          description: draft.description ?? null,
          default_version: 1,
          last_version: 1,
          created_at: now,
          updated_at: now,
        })
        .execute()
      const version = { policy_id: id, version: 1, document: draft.document, created_at: now }
      await tx.insertInto('policy_versions').values(version).execute()
      await putTags(write, id, draft.tags)
      write.touch(identityScope)
      return requirePolicy(parts, tx, arn)
    }),
  )
}

/** Throws `IamError` 'missing'. */
export async function requirePolicy(parts: Pick<IamParts, 'arns'>, db: Database, arn: string): Promise<Policy> {
  const shipped = managedPolicies.get(arn)
  if (shipped) return shippedPolicy(db, shipped)
  const row = await findRow(db, arn)
  if (row) return toPolicy(parts, db, row)
  throw new IamError('missing', `Policy ${arn} was not found.`)
}

type PolicyRow = NonNullable<Awaited<ReturnType<typeof findRow>>>

async function findRow(db: Database, arn: string) {
  const key = parsePolicyArn(arn)
  if (!key) return undefined
  const rows = db.selectFrom('policies').selectAll().where('account_id', '=', key.account)
  return rows.where('path', '=', key.path).where('name', '=', key.name).executeTakeFirst()
}

async function toPolicy(parts: Pick<IamParts, 'arns'>, db: Database, row: PolicyRow): Promise<Policy> {
  const arn = entityArn(parts, 'policy', row.account_id, `${row.path}${row.name}`)
  return {
    id: row.policy_id,
    arn,
    name: row.name,
    path: row.path,
    description: row.description ?? undefined,
    defaultVersion: row.default_version,
    ...(await countUses(db, arn)),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    isShipped: false,
  }
}

/** When policies that every account has were first shipped. ms since 1970. Ours. */
const SHIPPED_AT = Date.UTC(2026, 0, 1)

async function shippedPolicy(db: Database, { id, arn, name, description }: ManagedPolicy): Promise<Policy> {
  const fixed = { path: '/', defaultVersion: 1, createdAt: SHIPPED_AT, updatedAt: SHIPPED_AT, isShipped: true }
  return { id, arn, name, description, ...fixed, ...(await countUses(db, arn)) }
}

async function countUses(db: Database, arn: string) {
  const attached = await db.selectFrom('policy_attachments').select('entity_id').where('policy_arn', '=', arn).execute()
  const users = await db.selectFrom('users').select('user_id').where('permissions_boundary', '=', arn).execute()
  const roles = await db.selectFrom('roles').select('role_id').where('permissions_boundary', '=', arn).execute()
  return { attachmentCount: attached.length, boundaryCount: users.length + roles.length }
}

export interface PolicyFilter {
  readonly account: string
  readonly scope: 'All' | 'AWS' | 'Local'
  readonly pathPrefix: string
  readonly isAttachedOnly: boolean
}

/** By ARN. */
export async function listPolicies(parts: IamParts, filter: PolicyFilter, page: ListPage): Promise<ListedPage<Policy>> {
  const { db } = parts.metadata
  const rows = await db.selectFrom('policies').selectAll().where('account_id', '=', filter.account).execute()
  const own = filter.scope === 'AWS' ? [] : await Promise.all(rows.map((row) => toPolicy(parts, db, row)))
  const shipped =
    filter.scope === 'Local'
      ? []
      : await Promise.all([...managedPolicies.values()].map((one) => shippedPolicy(db, one)))
  const wanted = [...own, ...shipped]
    .filter(({ path }) => path.startsWith(filter.pathPrefix))
    .filter(({ attachmentCount }) => !filter.isAttachedOnly || attachmentCount > 0)
    .filter(({ arn }) => page.after === undefined || arn > page.after)
    .toSorted((left, right) => (left.arn < right.arn ? -1 : 1))
  return toListedPage(
    wanted.slice(0, page.size + 1),
    page.size,
    (policy) => policy,
    (policy) => policy.arn,
  )
}

/** Throws `IamError` while it is attached, or has versions besides the default. */
export async function deletePolicy(parts: IamParts, arn: string): Promise<void> {
  refuseShipped(arn)
  await parts.metadata.write(async (write) => {
    const policy = await requirePolicy(parts, write.tx, arn)
    if (policy.attachmentCount + policy.boundaryCount > 0) {
      throw new IamError('delete-conflict', 'Cannot delete a policy attached to entities.')
    }
    if ((await readVersions(write.tx, policy)).length > 1) {
      throw new IamError('delete-conflict', 'This policy has more than one version. Delete the others first.')
    }
    await write.tx.deleteFrom('resource_tags').where('resource_id', '=', policy.id).execute()
    await write.tx.deleteFrom('policies').where('policy_id', '=', policy.id).execute()
    write.touch(identityScope)
  })
}

/** Latest first. Throws `IamError` 'missing'. */
export async function listPolicyVersions(parts: IamParts, arn: string): Promise<PolicyVersion[]> {
  const { db } = parts.metadata
  const policy = await requirePolicy(parts, db, arn)
  const shipped = managedPolicies.get(arn)
  if (shipped) return [{ version: 1, document: shipped.text, isDefault: true, createdAt: SHIPPED_AT }]
  return readVersions(db, policy)
}

async function readVersions(db: Database, { id, defaultVersion }: Policy): Promise<PolicyVersion[]> {
  const rows = await db
    .selectFrom('policy_versions')
    .selectAll()
    .where('policy_id', '=', id)
    .orderBy('version', 'desc')
    .execute()
  return rows.map(({ version, document, created_at: createdAt }) => {
    return { version, document, createdAt, isDefault: version === defaultVersion }
  })
}

/** Throws `IamError` 'missing'. */
export async function requireVersion(parts: IamParts, arn: string, version: number): Promise<PolicyVersion> {
  const found = (await listPolicyVersions(parts, arn)).find((one) => one.version === version)
  if (found) return found
  throw new IamError('missing', `Policy ${arn} version v${version} does not exist or is not attachable.`)
}

export interface NewVersion {
  readonly document: string
  readonly use: 'as default' | 'beside'
}

/** Throws `IamError`. */
export async function createPolicyVersion(
  parts: IamParts,
  arn: string,
  { document, use }: NewVersion,
): Promise<PolicyVersion> {
  refuseShipped(arn)
  checkManagedDocument(document)
  return parts.metadata.write(async (write) => {
    const policy = await requirePolicy(parts, write.tx, arn)
    if ((await readVersions(write.tx, policy)).length >= VERSIONS_MAX) {
      throw new IamError('limit', `A managed policy can have up to ${VERSIONS_MAX} versions. Delete one first.`)
    }
    const now = parts.clock()
    const { last_version: version } = await write.tx
      .updateTable('policies')
      .set((eb) => ({ last_version: eb('last_version', '+', 1), updated_at: now }))
      .where('policy_id', '=', policy.id)
      .returning('last_version')
      .executeTakeFirstOrThrow()
    await write.tx
      .insertInto('policy_versions')
      .values({ policy_id: policy.id, version, document, created_at: now })
      .execute()
    if (use === 'as default') {
      await write.tx
        .updateTable('policies')
        .set({ default_version: version })
        .where('policy_id', '=', policy.id)
        .execute()
    }
    write.touch(identityScope)
    return { version, document, isDefault: use === 'as default', createdAt: now }
  })
}

/** Throws `IamError`. */
export async function changePolicyVersion(
  parts: IamParts,
  arn: string,
  version: number,
  what: 'make default' | 'delete',
): Promise<void> {
  refuseShipped(arn)
  const found = await requireVersion(parts, arn, version)
  if (what === 'delete' && found.isDefault) {
    throw new IamError('delete-conflict', 'Cannot delete the default version of a policy.')
  }
  await parts.metadata.write(async (write) => {
    const { id } = await requirePolicy(parts, write.tx, arn)
    const versions = write.tx.deleteFrom('policy_versions').where('policy_id', '=', id).where('version', '=', version)
    const policy = write.tx.updateTable('policies').set({ default_version: version, updated_at: parts.clock() })
    if (what === 'delete') await versions.execute()
    else await policy.where('policy_id', '=', id).execute()
    write.touch(identityScope)
  })
}

export interface PolicyUser {
  readonly kind: EntityKind
  readonly id: string
  readonly name: string
}

/** Whoever it is attached to. Throws `IamError` 'missing'. */
export async function listPolicyUsers(parts: IamParts, account: string, arn: string): Promise<PolicyUser[]> {
  const { db } = parts.metadata
  await requirePolicy(parts, db, arn)
  const rows = await db.selectFrom('policy_attachments').select('entity_id').where('policy_arn', '=', arn).execute()
  const ids = rows.map((row) => row.entity_id)
  if (ids.length === 0) return []
  const users = db.selectFrom('users').select(['user_id as id', 'name']).where('user_id', 'in', ids)
  const groups = db.selectFrom('user_groups').select(['group_id as id', 'name']).where('group_id', 'in', ids)
  const roles = db.selectFrom('roles').select(['role_id as id', 'name']).where('role_id', 'in', ids)
  const found = [
    ...(await users.where('account_id', '=', account).execute()).map((row) => ({ ...row, kind: 'user' as const })),
    ...(await groups.where('account_id', '=', account).execute()).map((row) => ({ ...row, kind: 'group' as const })),
    ...(await roles.where('account_id', '=', account).execute()).map((row) => ({ ...row, kind: 'role' as const })),
  ]
  return found.toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

function checkManagedDocument(document: string): void {
  checkIdentityDocument(document)
  if (countedLength(document) <= MANAGED_POLICY_CHARACTERS_MAX) return
  throw new IamError('limit', `Cannot exceed quota for PolicySize: ${MANAGED_POLICY_CHARACTERS_MAX}`)
}

function refuseShipped(arn: string): void {
  if (managedPolicies.has(arn)) throw new IamError('unmodifiable', `Policy ${arn} is the same for every account.`)
}
