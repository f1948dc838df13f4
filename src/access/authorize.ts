import assert from 'node:assert/strict'
import { LRUCache } from 'lru-cache'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { AccessDeniedError } from './access-denied-error.ts'
import type { ArnContext } from './arns.ts'
import { type Decision, evaluate, type PolicySubject, type PolicyTarget } from './policy/evaluate.ts'
import { targetOf } from './policy/target.ts'
import type { Caller, Grants, Principal } from './principal.ts'
import { contextOf, type RequestKeys } from './request-context.ts'
import { createResourceStates, denialsOf, type ResourceState } from './resource-state.ts'

export { AccessDeniedError } from './access-denied-error.ts'

/** What a decision looks at besides caller, action and resource. */
export interface DecisionOptions {
  readonly keys?: RequestKeys
  /** For an action on `*`: the domain whose policy may deny it all the same. */
  readonly within?: string
}

/** The one choke point: every request of every plane is authorized here, on the exact resource. */
export interface Authorizer {
  /** Reads the policies of a resource. Undefined when they are at hand, so that a warm read waits for nothing. */
  prepare(resource: string): Promise<void> | undefined
  /** Throws `AccessDeniedError`. Synchronous; the resource must have been prepared by this request. */
  authorize(caller: Caller, action: string, resource: string, options?: DecisionOptions): void
  /** The same decision, to be looked at. */
  decide(caller: Caller, action: string, resource: string, options?: DecisionOptions): Decision
}

export interface AuthorizerParts {
  readonly metadata: Pick<Metadata, 'db' | 'epochs'>
  readonly arns: ArnContext
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

/** Decisions remembered for each principal. Ours. */
const DECISIONS_MAX = 1_000

interface KnownDecision {
  readonly state: ResourceState
  readonly decision: Decision
}

export function createAuthorizer(parts: AuthorizerParts): Authorizer {
  const states = createResourceStates(parts.metadata)
  const decisions = new WeakMap<Grants, LRUCache<string, KnownDecision>>()
  const stateOf = (resource: string) => {
    // What has changed since the request prepared it counts from the next request on.
    const state = states.find(resource) ?? states.latest(resource)
    assert.ok(state, `${resource} was not prepared for a decision`)
    return state
  }
  const decide: Authorizer['decide'] = (caller, action, resource, options) => {
    const state = stateOf(resource)
    if (options !== undefined) {
      const within = options.within === undefined ? undefined : stateOf(options.within)
      return makeDecision(parts, caller, { action, resource, state, options, within }).decision
    }
    const known = decisionsOf(decisions, caller.principal.grants)
    const key = `${action}\n${resource}`
    const entry = known.get(key)
    if (entry?.state === state) return entry.decision
    const { decision, isVolatile } = makeDecision(parts, caller, { action, resource, state })
    if (!isVolatile) known.set(key, { state, decision })
    return decision
  }
  return {
    prepare(resource) {
      if (states.find(resource)) return undefined
      return states.load(resource).then(() => undefined)
    },
    authorize(caller, action, resource, options) {
      const decision = decide(caller, action, resource, options)
      if (decision.outcome !== 'allow') throw new AccessDeniedError(caller.principal, action, resource, decision)
    },
    decide,
  }
}

function decisionsOf(decisions: WeakMap<Grants, LRUCache<string, KnownDecision>>, grants: Grants) {
  const known = decisions.get(grants) ?? new LRUCache<string, KnownDecision>({ max: DECISIONS_MAX })
  decisions.set(grants, known)
  return known
}

interface Question {
  readonly action: string
  readonly resource: string
  readonly state: ResourceState
  readonly options?: DecisionOptions
  readonly within?: ResourceState | undefined
}

function makeDecision(
  { arns, clock }: AuthorizerParts,
  caller: Caller,
  { action, resource, state, options, within }: Question,
): { decision: Decision; isVolatile: boolean } {
  const { principal } = caller
  let isVolatile = options !== undefined
  if (principal.kind === 'root' && action === 'codeartifact:GetAuthorizationToken')
    return { decision: noToken, isVolatile }
  const context = contextOf({
    caller,
    state: within ?? state,
    region: arns.region,
    now: clock(),
    keys: options?.keys,
    onVolatile() {
      isVolatile = true
    },
  })
  const target = targetOf(action, resource, state, { ...arns, account: principal.accountId })
  const decision = evaluate(subjectOf(principal, state), withDenials(target, within), { action, context })
  return { decision, isVolatile }
}

/** Source: CodeArtifact User Guide, "Authentication and tokens": the root user cannot call GetAuthorizationToken. */
const noToken: Decision = { outcome: 'explicit deny', by: 'root', statement: undefined }

function withDenials(target: PolicyTarget, within: ResourceState | undefined): PolicyTarget {
  const domain = denialsOf(within?.domain)
  return domain ? { ...target, policies: [{ ...domain, kind: 'domain' }] } : target
}

/** A policy that named a user or role means that one, not a later one of the same name. */
export function subjectOf(principal: Principal, { namedIds }: Pick<ResourceState, 'namedIds'>): PolicySubject {
  const { kind, accountId, arn, roleArn, principalId, grants } = principal
  const isSame = (name: string | undefined, id: string) => {
    const known = name === undefined ? undefined : namedIds.get(name)
    return known === undefined || known === id
  }
  const ownId = principalId.split(':', 1)[0] ?? ''
  return {
    kind,
    accountId,
    arn: kind !== 'user' || isSame(arn, ownId) ? arn : '',
    roleArn: isSame(roleArn, ownId) ? roleArn : undefined,
    ...grants,
  }
}
