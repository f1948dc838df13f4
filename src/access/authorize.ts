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
  /** What a refusal names instead of the resource, where the resource itself would tell too much. */
  readonly namedAs?: string
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
  /** Undefined: accounts belong to no organization. */
  readonly organizationId?: string | undefined
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

/** Resources whose decisions are remembered, for each principal. Ours. */
const DECISIONS_MAX = 1_000

/** All that are known of one resource, by action. */
interface KnownDecisions {
  readonly state: ResourceState
  readonly decisions: Map<string, Decision>
}

export function createAuthorizer(parts: AuthorizerParts): Authorizer {
  const states = createResourceStates(parts.metadata)
  const decisions = new WeakMap<Grants, ByResource>()
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
    const entry = known.get(resource)
    const decided = entry?.state === state ? entry.decisions.get(action) : undefined
    if (decided) return decided
    const { decision, isVolatile } = makeDecision(parts, caller, { action, resource, state })
    if (!isVolatile) remember(known, resource, state).set(action, decision)
    return decision
  }
  return {
    prepare(resource) {
      if (states.find(resource)) return undefined
      return states.load(resource).then(() => undefined)
    },
    authorize(caller, action, resource, options) {
      const decision = decide(caller, action, resource, options)
      if (decision.outcome !== 'allow')
        throw new AccessDeniedError(caller.principal, action, options?.namedAs ?? resource, decision)
    },
    decide,
  }
}

type ByResource = LRUCache<string, KnownDecisions>

function decisionsOf(decisions: WeakMap<Grants, ByResource>, grants: Grants): ByResource {
  let known = decisions.get(grants)
  if (!known) {
    known = new LRUCache({ max: DECISIONS_MAX })
    decisions.set(grants, known)
  }
  return known
}

/** What was decided in another state of the resource is forgotten. */
function remember(known: ByResource, resource: string, state: ResourceState): Map<string, Decision> {
  const entry = known.get(resource)
  if (entry?.state === state) return entry.decisions
  const decisions = new Map<string, Decision>()
  known.set(resource, { state, decisions })
  return decisions
}

interface Question {
  readonly action: string
  readonly resource: string
  readonly state: ResourceState
  readonly options?: DecisionOptions
  readonly within?: ResourceState | undefined
}

function makeDecision(
  { arns, organizationId, clock }: AuthorizerParts,
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
    organizationId,
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
