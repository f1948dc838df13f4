import { matchesArn, mayCover } from './arn-pattern.ts'
import { holds } from './conditions.ts'
import type { Choice, NamedPolicy, Statement } from './document.ts'
import { type Closeness, closenessOf, closest, type Subject } from './principals.ts'
import type { Context, Template } from './template.ts'
import { matches } from './wildcards.ts'

/** Who asks, with every policy that speaks of what they may do. */
export interface PolicySubject extends Subject {
  readonly kind: 'root' | 'user' | 'role-session' | 'federated-user'
  readonly identity: readonly NamedPolicy[]
  readonly boundary: NamedPolicy | undefined
  /** Undefined: the session was not narrowed. */
  readonly session: readonly NamedPolicy[] | undefined
}

/** What it is asked for, and whose it is. */
export interface PolicyTarget {
  readonly resource: string
  /** Further names of the same thing: a statement that covers one of them covers it. */
  readonly alsoKnownAs?: readonly string[]
  /** For actions without a resource: an Allow on anything that begins so is taken too. */
  readonly allowPrefix?: string
  /** Undefined for actions on no resource. */
  readonly owner: string | undefined
  /** The account that administers a repository. */
  readonly administrator?: string | undefined
  readonly policies: readonly (NamedPolicy & { readonly kind: 'domain' | 'repository' | 'trust' })[]
}

export interface PolicyRequest {
  /** `codeartifact:ReadFromRepository` */
  readonly action: string
  readonly context: Context
}

/** Which kind of policy decided. */
export type PolicyKind = 'identity' | 'boundary' | 'session' | 'resource'

export interface Decision {
  readonly outcome: 'allow' | 'explicit deny' | 'implicit deny'
  /** For an implicit deny: the kind that should have allowed. */
  readonly by: PolicyKind | 'root'
  /** The statement that decided; undefined when it was the want of one. */
  readonly statement: DecidingStatement | undefined
}

export interface DecidingStatement {
  readonly policy: string
  readonly index: number
  readonly sid: string | undefined
}

interface Hit {
  readonly statement: DecidingStatement
  readonly closeness: Closeness | undefined
}

/**
 * May they? An explicit Deny anywhere wins; then what must allow depends on whose resource it is.
 * Source: IAM User Guide, "Policy evaluation logic"; CodeArtifact User Guide, "Interaction between repository and domain
 * policies".
 */
export function evaluate(subject: PolicySubject, target: PolicyTarget, request: PolicyRequest): Decision {
  const look = lookFor(subject, target, request)
  const boundary = subject.boundary ? [subject.boundary] : undefined
  const denied =
    deniedBy(look, target.policies, 'resource') ??
    deniedBy(look, subject.identity, 'identity') ??
    deniedBy(look, boundary ?? [], 'boundary') ??
    deniedBy(look, subject.session ?? [], 'session')
  if (denied) return denied
  const resourceAllow = look(target.policies, 'Allow')
  const identityAllow = subject.kind === 'root' ? rootAllow(subject, target) : look(subject.identity, 'Allow')
  return settle(subject, target, {
    resource: resourceAllow,
    identity: identityAllow,
    boundary: boundary === undefined || look(boundary, 'Allow') !== undefined,
    session: subject.session === undefined || look(subject.session, 'Allow') !== undefined,
  })
}

interface Grants {
  readonly resource: Hit | undefined
  readonly identity: Hit | undefined
  readonly boundary: boolean
  readonly session: boolean
}

function settle(subject: PolicySubject, target: PolicyTarget, grants: Grants): Decision {
  const { resource, identity } = grants
  const isOwn = target.owner === undefined || target.owner === subject.accountId
  const isSameAccount = isOwn || target.administrator === subject.accountId
  const needsResource = !isSameAccount || target.policies.some(({ kind }) => kind === 'trust')
  if (isOwn && resource && isEnough(subject, resource, grants)) return allowed('resource', resource)
  if (!grants.boundary) return missing('boundary')
  if (!grants.session) return missing('session')
  if (needsResource && !resource) return missing('resource')
  return identity ? allowed(subject.kind === 'root' ? 'root' : 'identity', identity) : missing('identity')
}

/** Within the account, a resource policy that names the caller needs no identity policy beside it. */
function isEnough({ kind }: PolicySubject, { closeness }: Hit, { boundary, session }: Grants): boolean {
  if (closeness === 'self') return kind !== 'root'
  return closeness === 'role' && boundary && session
}

/** The root user may do everything in the own account that resource policies do not deny. */
function rootAllow({ accountId }: PolicySubject, { owner }: PolicyTarget): Hit {
  const policy = owner === undefined || owner === accountId ? 'the root user of the account' : 'the root user'
  return { statement: { policy, index: 0, sid: undefined }, closeness: undefined }
}

type Look = (policies: readonly NamedPolicy[], effect: 'Allow' | 'Deny') => Hit | undefined

function lookFor(subject: PolicySubject, target: PolicyTarget, request: PolicyRequest): Look {
  const action = request.action.toLowerCase()
  return (policies, effect) => {
    let best: Hit | undefined
    for (const { name, document } of policies) {
      for (const statement of document.statements) {
        if (statement.effect !== effect) continue
        const closeness = covers(statement, subject, target, { ...request, action })
        if (closeness === undefined) continue
        if (closeness === 'unnamed' || closeness === 'self' || effect === 'Deny') return hit(name, statement, closeness)
        if (!best || closest(best.closeness, closeness) !== best.closeness) best = hit(name, statement, closeness)
      }
    }
    return best
  }
}

function hit(policy: string, { index, sid }: Statement, closeness: Closeness | 'unnamed'): Hit {
  return { statement: { policy, index, sid }, closeness: closeness === 'unnamed' ? undefined : closeness }
}

/** Undefined: it does not apply. `unnamed`: it names no principals. */
function covers(
  statement: Statement,
  subject: PolicySubject,
  target: PolicyTarget,
  { action, context }: PolicyRequest,
): Closeness | 'unnamed' | undefined {
  if (!chooses(statement.actions, (pattern) => matches(pattern, action))) return undefined
  const who = whoIsMeant(statement, subject)
  if (who === undefined) return undefined
  if (!coversResource(statement, target, context)) return undefined
  return statement.conditions.every((condition) => holds(condition, context)) ? who : undefined
}

function whoIsMeant({ principals, effect }: Statement, subject: PolicySubject): Closeness | 'unnamed' | undefined {
  if (!principals) return 'unnamed'
  const named = principals.items.reduce<Closeness | undefined>(
    (best, entry) => closest(best, closenessOf(entry, subject)),
    undefined,
  )
  if (principals.form === 'these') return named
  // Source: IAM User Guide, "NotPrincipal": it cannot except anybody who has a permissions boundary.
  if (effect === 'Deny' && subject.boundary) return 'self'
  return named === undefined ? 'self' : undefined
}

function coversResource({ resources, principals, effect }: Statement, target: PolicyTarget, context: Context): boolean {
  if (!resources) return true
  const shortForm = principals ? 'open after wildcard' : 'open'
  const names = [target.resource, ...(target.alsoKnownAs ?? [])]
  const { allowPrefix } = target
  return chooses(resources, (pattern: Template) => {
    if (names.some((name) => matchesArn(pattern, name, context, shortForm))) return true
    return allowPrefix !== undefined && effect === 'Allow' && mayCover(pattern, allowPrefix, context)
  })
}

function chooses<T>({ form, items }: Choice<T>, test: (item: T) => boolean): boolean {
  return items.some(test) === (form === 'these')
}

function deniedBy(look: Look, policies: readonly NamedPolicy[], by: PolicyKind): Decision | undefined {
  const found = look(policies, 'Deny')
  return found && { outcome: 'explicit deny', by, statement: found.statement }
}

function allowed(by: PolicyKind | 'root', { statement }: Hit): Decision {
  return { outcome: 'allow', by, statement }
}

function missing(by: PolicyKind): Decision {
  return { outcome: 'implicit deny', by, statement: undefined }
}
