import type { Metadata } from '../storage/metadata/metadata.ts'
import { type PolicyDocument, PolicyDocumentError } from './policy/document.ts'

type Database = Metadata['db']

/**
 * The ids of the users and roles that a policy names, by ARN, as far as their accounts are of this installation: the
 * policy means these, and not later ones of the same name. Throws `PolicyDocumentError` 'principal' for one that is not
 * there. Source: IAM User Guide, "Principal", on deleted users and roles.
 */
export async function findNamedPrincipals(
  db: Database,
  document: PolicyDocument,
): Promise<Readonly<Record<string, string>>> {
  const arns = document.statements.flatMap(({ principals }) =>
    (principals?.items ?? []).flatMap((entry) => (entry.kind === 'one' || entry.kind === 'role' ? [entry.arn] : [])),
  )
  const found = await Promise.all([...new Set(arns)].map(async (arn) => [arn, await findEntity(db, arn)] as const))
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined))
}

/** Undefined for sessions, and for what belongs to accounts that are not of this installation. */
async function findEntity(db: Database, arn: string): Promise<string | undefined> {
  const [, account, kind, path, name] = /^arn:[\w-]+:iam::(\d{12}):(user|role)(\/(?:[^/]+\/)*)([^/]+)$/.exec(arn) ?? []
  if (account === undefined || path === undefined || name === undefined) return undefined
  const known = await db.selectFrom('accounts').select('id').where('id', '=', account).executeTakeFirst()
  if (!known) return undefined
  const id =
    kind === 'user' ? await findUserId(db, { account, path, name }) : await findRoleId(db, { account, path, name })
  if (id !== undefined) return id
  throw new PolicyDocumentError('principal', `Invalid principal in policy: "AWS":"${arn.slice(0, 200)}".`)
}

interface EntityKey {
  readonly account: string
  readonly path: string
  readonly name: string
}

async function findUserId(db: Database, { account, path, name }: EntityKey): Promise<string | undefined> {
  const users = db.selectFrom('users').select('user_id').where('account_id', '=', account)
  return (await users.where('path', '=', path).where('name', '=', name).executeTakeFirst())?.user_id
}

async function findRoleId(db: Database, { account, path, name }: EntityKey): Promise<string | undefined> {
  const roles = db.selectFrom('roles').select('role_id').where('account_id', '=', account)
  return (await roles.where('path', '=', path).where('name', '=', name).executeTakeFirst())?.role_id
}
