import type { Authorizer } from './authorize.ts'
import { createDocumentReader, readBearersPolicies, readBoundary } from './grants.ts'
import { findEntity, requireRole } from './iam/entities.ts'
import { IamError } from './iam/iam-error.ts'
import type { IamParts } from './iam/parts.ts'
import { type Identity, principalOf, readFoldedTags } from './identity.ts'
import type { Decision } from './policy/evaluate.ts'
import type { Principal } from './principal.ts'

export interface ExplainParts {
  readonly iam: IamParts
  readonly identity: Pick<Identity, 'findUser'>
  readonly authorizer: Authorizer
}

export interface Explanation extends Decision {
  /** In one sentence, for a person. */
  readonly text: string
}

/**
 * What would be decided if a user, or a session of a role without session policy, asked now, from nowhere in
 * particular. Throws `IamError` 'missing' for a principal who is not there.
 */
export async function explain(
  parts: ExplainParts,
  {
    principal: arn,
    action,
    resource,
  }: { readonly principal: string; readonly action: string; readonly resource: string },
): Promise<Explanation> {
  const principal = await readPrincipal(parts, arn)
  const caller = { principal, requestId: 'explain', remoteAddress: '', userAgent: 'explain', isSecure: true }
  await parts.authorizer.prepare(resource)
  const decision = parts.authorizer.decide(caller, action, resource)
  return { ...decision, text: tell(decision, { arn, action, resource }) }
}

function tell(
  { outcome, by, statement }: Decision,
  { arn, action, resource }: { readonly arn: string; readonly action: string; readonly resource: string },
): string {
  const verdict = outcome === 'allow' ? 'may' : 'may not'
  const what = `${arn} ${verdict} ${action} on ${resource}`
  if (!statement) return `${what}: no ${by} policy allows it.`
  const sid = statement.sid === undefined ? '' : ` (${statement.sid})`
  const does = outcome === 'allow' ? 'allows' : 'denies'
  return `${what}: statement ${statement.index + 1}${sid} of ${statement.policy} ${does} it.`
}

/** A user, or a session of a role without session policy. Throws `IamError` 'missing'. */
export async function readPrincipal(
  { iam, identity }: Pick<ExplainParts, 'iam' | 'identity'>,
  arn: string,
): Promise<Principal> {
  const [, account = '', kind, name = ''] = /^arn:[\w-]+:iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? []
  if (kind === 'role') return roleSession(iam, account, name)
  const entity = kind === 'user' ? await findEntity(iam, iam.metadata.db, 'user', account, name) : undefined
  const user = entity && (await identity.findUser(entity.id))
  if (user) return principalOf(user, '')
  throw new IamError('missing', `'${arn}' is no user and no role here; write arn:aws:iam::{account}:user/{name}`)
}

async function roleSession(iam: IamParts, account: string, name: string): Promise<Principal> {
  const { db } = iam.metadata
  const role = await requireRole(iam, db, account, name)
  const documents = createDocumentReader()
  const now = iam.clock()
  return {
    kind: 'role-session',
    accountId: account,
    arn: `arn:${iam.arns.partition}:sts::${account}:assumed-role/${role.name}/explain`,
    principalId: `${role.id}:explain`,
    userName: 'explain',
    accessKeyId: '',
    roleArn: role.arn,
    tags: await readFoldedTags(db, role.id),
    grants: {
      identity: await readBearersPolicies(db, documents, [{ id: role.id, title: `role '${role.name}'` }]),
      boundary: await readBoundary(db, documents, role.boundary ?? null),
      session: undefined,
    },
    session: { issuedAt: now, expiresAt: now, sourceIdentity: undefined, provider: undefined, transitiveTags: [] },
  }
}
