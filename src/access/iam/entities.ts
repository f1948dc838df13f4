import { sql } from 'kysely'
import { ROOT_USER_NAME } from '../identity.ts'
import { IamError } from './iam-error.ts'
import { type Database, type IamParts, type ListedPage, type ListPage, toListedPage } from './parts.ts'

/** What policies can be attached to. */
export type EntityKind = 'user' | 'group' | 'role'

export interface Entity {
  readonly kind: EntityKind
  readonly id: string
  readonly accountId: string
  readonly name: string
  /** Begins and ends with `/`. */
  readonly path: string
  readonly arn: string
  /** ms since 1970. */
  readonly createdAt: number
  /** ARN of a managed policy. Groups have none. */
  readonly boundary: string | undefined
}

/** Source: IAM API Reference, "User", "Group", "Role". */
export interface Role extends Entity {
  readonly trustPolicy: string
  /** Ids of the users and roles that it named when it was put, by ARN. */
  readonly trustedIds: ReadonlyMap<string, string>
  readonly description: string | undefined
  readonly sessionSecondsMax: number
}

const ENTITY_NAMES = { user: 'user', group: 'group', role: 'role' } as const

export function entityArn(
  { arns }: Pick<IamParts, 'arns'>,
  kind: EntityKind | 'policy',
  account: string,
  pathAndName: string,
): string {
  return `arn:${arns.partition}:iam::${account}:${kind}${pathAndName}`
}

/** Names are found in any case, as none differs from another by case alone. */
export async function findEntity(
  parts: Pick<IamParts, 'arns'>,
  db: Database,
  kind: EntityKind,
  account: string,
  name: string,
): Promise<Entity | undefined> {
  switch (kind) {
    case 'user':
      return findUser(parts, db, account, name)
    case 'group':
      return findGroup(parts, db, account, name)
    case 'role':
      return findRole(parts, db, account, name)
  }
}

/** Throws `IamError` 'missing'. */
export async function requireEntity(
  parts: Pick<IamParts, 'arns'>,
  db: Database,
  kind: EntityKind,
  account: string,
  name: string,
): Promise<Entity> {
  const found = await findEntity(parts, db, kind, account, name)
  if (found) return found
  throw new IamError('missing', `The ${ENTITY_NAMES[kind]} with name ${name} cannot be found.`)
}

/** Throws `IamError` 'missing'. */
export async function requireRole(
  parts: Pick<IamParts, 'arns'>,
  db: Database,
  account: string,
  name: string,
): Promise<Role> {
  const found = await findRole(parts, db, account, name)
  if (found) return found
  throw new IamError('missing', `The role with name ${name} cannot be found.`)
}

const folded = (column: 'name', value: string) => sql<boolean>`lower(${sql.ref(column)}) = ${value.toLowerCase()}`

async function findUser(parts: Pick<IamParts, 'arns'>, db: Database, account: string, name: string) {
  if (name === ROOT_USER_NAME) return undefined
  const rows = db.selectFrom('users').selectAll().where('account_id', '=', account).where(folded('name', name))
  const row = await rows.executeTakeFirst()
  return row && userEntity(parts, row)
}

interface UserRow {
  readonly user_id: string
  readonly account_id: string
  readonly name: string
  readonly path: string
  readonly created_at: number
  readonly permissions_boundary: string | null
}

export function userEntity(parts: Pick<IamParts, 'arns'>, row: UserRow): Entity {
  return {
    kind: 'user',
    id: row.user_id,
    accountId: row.account_id,
    name: row.name,
    path: row.path,
    arn: entityArn(parts, 'user', row.account_id, `${row.path}${row.name}`),
    createdAt: row.created_at,
    boundary: row.permissions_boundary ?? undefined,
  }
}

async function findGroup(parts: Pick<IamParts, 'arns'>, db: Database, account: string, name: string) {
  const rows = db.selectFrom('user_groups').selectAll().where('account_id', '=', account).where(folded('name', name))
  const row = await rows.executeTakeFirst()
  return row && groupEntity(parts, row)
}

interface GroupRow {
  readonly group_id: string
  readonly account_id: string
  readonly name: string
  readonly path: string
  readonly created_at: number
}

export function groupEntity(parts: Pick<IamParts, 'arns'>, row: GroupRow): Entity {
  return {
    kind: 'group',
    id: row.group_id,
    accountId: row.account_id,
    name: row.name,
    path: row.path,
    arn: entityArn(parts, 'group', row.account_id, `${row.path}${row.name}`),
    createdAt: row.created_at,
    boundary: undefined,
  }
}

export async function findRole(
  parts: Pick<IamParts, 'arns'>,
  db: Database,
  account: string,
  name: string,
): Promise<Role | undefined> {
  const rows = db.selectFrom('roles').selectAll().where('account_id', '=', account).where(folded('name', name))
  const row = await rows.executeTakeFirst()
  return row && roleEntity(parts, row)
}

interface RoleRow {
  readonly role_id: string
  readonly account_id: string
  readonly name: string
  readonly path: string
  readonly trust_policy: string
  readonly trust_principals: string
  readonly description: string | null
  readonly session_seconds_max: number
  readonly permissions_boundary: string | null
  readonly created_at: number
}

function roleEntity(parts: Pick<IamParts, 'arns'>, row: RoleRow): Role {
  return {
    kind: 'role',
    id: row.role_id,
    accountId: row.account_id,
    name: row.name,
    path: row.path,
    arn: entityArn(parts, 'role', row.account_id, `${row.path}${row.name}`),
    createdAt: row.created_at,
    boundary: row.permissions_boundary ?? undefined,
    trustPolicy: row.trust_policy,
    trustedIds: new Map(Object.entries(JSON.parse(row.trust_principals) as Record<string, string>)),
    description: row.description ?? undefined,
    sessionSecondsMax: row.session_seconds_max,
  }
}

/** By name, those below a path. */
export interface EntityFilter {
  readonly account: string
  readonly pathPrefix: string
}

export async function listUsers(parts: IamParts, filter: EntityFilter, page: ListPage): Promise<ListedPage<Entity>> {
  const rows = await parts.metadata.db
    .selectFrom('users')
    .selectAll()
    .where('account_id', '=', filter.account)
    .where('name', '!=', ROOT_USER_NAME)
    .where('path', 'like', likePrefix(filter.pathPrefix))
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

export async function listGroups(parts: IamParts, filter: EntityFilter, page: ListPage): Promise<ListedPage<Entity>> {
  const rows = await parts.metadata.db
    .selectFrom('user_groups')
    .selectAll()
    .where('account_id', '=', filter.account)
    .where('path', 'like', likePrefix(filter.pathPrefix))
    .$if(page.after !== undefined, (query) => query.where('name', '>', page.after ?? ''))
    .orderBy('name')
    .limit(page.size + 1)
    .execute()
  return toListedPage(
    rows,
    page.size,
    (row) => groupEntity(parts, row),
    (row) => row.name,
  )
}

export async function listRoles(parts: IamParts, filter: EntityFilter, page: ListPage): Promise<ListedPage<Role>> {
  const rows = await parts.metadata.db
    .selectFrom('roles')
    .selectAll()
    .where('account_id', '=', filter.account)
    .where('path', 'like', likePrefix(filter.pathPrefix))
    .$if(page.after !== undefined, (query) => query.where('name', '>', page.after ?? ''))
    .orderBy('name')
    .limit(page.size + 1)
    .execute()
  return toListedPage(
    rows,
    page.size,
    (row) => roleEntity(parts, row),
    (row) => row.name,
  )
}

/** `_` and `%` stand for more than themselves in LIKE; a path that has them finds a little more than it should. */
function likePrefix(prefix: string): string {
  return `${prefix}%`
}
