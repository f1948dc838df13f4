import { AccessDeniedError } from './access-denied-error.ts'
import { subjectOf } from './authorize.ts'
import { invalidInput } from './iam/iam-error.ts'
import { findRole, type Role } from './iam/entities.ts'
import type { IamParts } from './iam/parts.ts'
import { type Decision, evaluate, type PolicySubject, type PolicyTarget } from './policy/evaluate.ts'
import { parsePolicyDocument } from './policy/parse-document.ts'
import type { Context } from './policy/template.ts'
import type { Caller, Principal } from './principal.ts'
import { contextOf, type RequestKeys } from './request-context.ts'
import type { NewSession, SessionFacts, Sessions } from './sessions.ts'
import { StsError } from './sts-error.ts'
import type { WebIdentity } from './web-identity.ts'

export interface AssumeParts {
  readonly iam: IamParts
  readonly sessions: Pick<Sessions, 'create'>
  readonly region: string
  /** Undefined: accounts belong to no organization. */
  readonly organizationId?: string | undefined
}

/** What is asked for, whoever asks. */
export interface RoleRequest {
  readonly roleArn: string
  readonly sessionName: string
  /** More than the role allows is refused; of `atMost`, what it allows is given. */
  readonly durationSeconds: number | { readonly atMost: number }
  readonly facts: SessionFacts
}

export interface AssumedRole {
  readonly role: Role
  readonly session: NewSession
  /** With what the calling session handed on. */
  readonly facts: SessionFacts
}

/** Longest session of a role that was assumed by a role. Unit: seconds. Source: IAM User Guide, "Role chaining". */
const CHAINED_SECONDS_MAX = 3600

/** Throws `AccessDeniedError`, also for a role that is not there, and `StsError`. */
export async function assumeRole(
  parts: AssumeParts,
  caller: Caller,
  request: RoleRequest,
  keys: RequestKeys,
): Promise<AssumedRole> {
  const { principal } = caller
  if (principal.kind === 'root') throw new StsError('denied', 'Roles may not be assumed by root accounts.')
  const role = await roleOf(parts, request.roleArn)
  const facts = inheritFacts(principal, request.facts)
  const actions = actionsOf('sts:AssumeRole', facts)
  if (!role) throw new AccessDeniedError(principal, 'sts:AssumeRole', request.roleArn)
  const state = { owner: role.accountId, tags: new Map<string, string>(), namedIds: role.trustedIds }
  const now = parts.iam.clock()
  const { region, organizationId } = parts
  const allKeys = { ...keys, ...keysOf(facts) }
  const context = contextOf({ caller, state, region, organizationId, now, keys: allKeys, onVolatile: () => {} })
  for (const action of actions) {
    const decision = decide(subjectOf(principal, state), role, action, context)
    if (decision.outcome !== 'allow') throw new AccessDeniedError(principal, action, role.arn, decision)
  }
  const max = principal.kind === 'role-session' ? CHAINED_SECONDS_MAX : role.sessionSecondsMax
  return begin(parts, role, { ...request, facts }, max)
}

/**
 * What a session hands on to the one that it begins. Throws `StsError`.
 * Source: IAM User Guide, "Chaining roles with session tags"; STS API Reference, "AssumeRole", on `SourceIdentity`.
 */
function inheritFacts({ session }: Principal, given: SessionFacts): SessionFacts {
  const { transitiveTags: inherited = [], sourceIdentity = given.sourceIdentity } = session ?? {}
  const taken = new Set(inherited.map(({ key }) => key.toLowerCase()))
  const doubled = given.tags.find(({ key }) => taken.has(key.toLowerCase()))
  if (doubled) {
    throw invalidInput('Tags', doubled.key, 'must not have a key that the calling session hands on')
  }
  if (given.sourceIdentity !== undefined && given.sourceIdentity !== sourceIdentity) {
    throw new StsError('denied', 'SourceIdentity: cannot be another one than that of the calling session')
  }
  const transitiveTagKeys = [...(given.transitiveTagKeys ?? []), ...inherited.map(({ key }) => key)]
  return { ...given, sourceIdentity, tags: [...given.tags, ...inherited], transitiveTagKeys }
}

/** For somebody whom a provider vouches for. Throws `StsError`. */
export async function assumeRoleWithWebIdentity(
  parts: AssumeParts,
  identity: WebIdentity,
  request: RoleRequest,
): Promise<AssumedRole> {
  const role = await roleOf(parts, request.roleArn)
  const action = 'sts:AssumeRoleWithWebIdentity'
  const provider = identity.provider.arn
  const subject: PolicySubject = {
    kind: 'federated-user',
    accountId: identity.provider.accountId,
    arn: '',
    roleArn: undefined,
    provider,
    identity: [],
    boundary: undefined,
    session: undefined,
  }
  const now = new Date(parts.iam.clock()).toISOString()
  const keys: RequestKeys = { ...identity.keys, 'aws:federatedprovider': provider, 'aws:currenttime': now }
  const context: Context = (key) => keys[key]
  // A role that is not there is refused in the same words, so that nobody can find out which there are.
  if (!role || decide(subject, role, action, context).outcome !== 'allow') {
    throw new StsError('denied', `Not authorized to perform ${action}`)
  }
  const facts = { ...request.facts, provider }
  return begin(parts, role, { ...request, facts }, role.sessionSecondsMax)
}

function decide(subject: PolicySubject, role: Role, action: string, context: Context): Decision {
  const trust = { name: 'the trust policy', document: parsePolicyDocument(role.trustPolicy, 'trust') }
  const target: PolicyTarget = { resource: role.arn, owner: role.accountId, policies: [{ ...trust, kind: 'trust' }] }
  return evaluate(subject, target, { action, context })
}

/** What the new session would bring along. Source: IAM User Guide, "IAM and AWS STS condition context keys". */
function keysOf({ tags, transitiveTagKeys = [], sourceIdentity }: SessionFacts): RequestKeys {
  return {
    ...(sourceIdentity === undefined ? {} : { 'sts:sourceidentity': sourceIdentity }),
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:requesttag/${key.toLowerCase()}`, value])),
    ...(tags.length === 0 ? {} : { 'aws:tagkeys': tags.map(({ key }) => key) }),
    ...(transitiveTagKeys.length === 0 ? {} : { 'sts:transitivetagkeys': transitiveTagKeys }),
  }
}

/** Tags and a source identity need leave of their own. Source: IAM User Guide, "Passing session tags". */
function actionsOf(action: string, { tags, sourceIdentity }: SessionFacts): readonly string[] {
  return [
    action,
    ...(tags.length > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ]
}

async function roleOf({ iam }: AssumeParts, arn: string): Promise<Role | undefined> {
  const [, account, name] = /^arn:[\w-]+:iam::(\d{12}):role\/(?:[^\s]*\/)?([\w+=,.@-]+)$/.exec(arn) ?? []
  if (account === undefined || name === undefined) return undefined
  const role = await findRole(iam, iam.metadata.db, account, name)
  return role?.arn === arn ? role : undefined
}

async function begin(
  { sessions }: AssumeParts,
  role: Role,
  { sessionName, durationSeconds: asked, facts }: RoleRequest,
  secondsMax: number,
): Promise<AssumedRole> {
  const durationSeconds = typeof asked === 'number' ? asked : Math.min(asked.atMost, secondsMax)
  if (durationSeconds > secondsMax) {
    const message = `The requested DurationSeconds exceeds the ${secondsMax} seconds that are set for this role.`
    throw new StsError('invalid-duration', message)
  }
  const { id: entityId, accountId } = role
  const draft = { kind: 'role', entityId, accountId, name: sessionName, facts, durationSeconds } as const
  return { role, facts, session: await sessions.create(draft) }
}
