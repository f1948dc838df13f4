import type { Decision, PolicyKind } from './policy/evaluate.ts'
import type { Principal } from './principal.ts'

/** The caller is known and may not. The message is the service's own; scripts search for it. */
export class AccessDeniedError extends Error {
  readonly action: string
  readonly resource: string

  constructor(
    principal: Pick<Principal, 'arn'>,
    action: string,
    resource: string,
    { outcome, by }: Pick<Decision, 'outcome' | 'by'> = { outcome: 'implicit deny', by: 'identity' },
  ) {
    super(
      `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
        (outcome === 'explicit deny' ? explicitReason(by) : implicitReason(by, action)),
    )
    this.name = 'AccessDeniedError'
    this.action = action
    this.resource = resource
  }
}

const kindNames: Readonly<Record<PolicyKind, readonly [article: string, name: string]>> = {
  identity: ['an', 'identity-based policy'],
  resource: ['a', 'resource-based policy'],
  boundary: ['a', 'permissions boundary'],
  session: ['a', 'session policy'],
}

function explicitReason(by: Decision['by']): string {
  return by === 'root'
    ? 'as the root user of an account may not'
    : `with an explicit deny in ${kindNames[by].join(' ')}`
}

function implicitReason(by: Decision['by'], action: string): string {
  return `because no ${kindNames[by === 'root' ? 'identity' : by][1]} allows the ${action} action`
}
