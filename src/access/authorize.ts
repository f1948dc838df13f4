import type { Caller, Principal } from './principal.ts'

/** The one choke point: every request of every plane is authorized here, on the exact resource. */
export interface Authorizer {
  /** Throws `AccessDeniedError`. Synchronous, so that a warm read waits for nothing. */
  authorize(caller: Caller, action: string, resource: string): void
}

/** The caller is known and may not. The message is the service's own; scripts search for it. */
export class AccessDeniedError extends Error {
  readonly action: string
  readonly resource: string

  constructor(principal: Principal, action: string, resource: string) {
    super(
      `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
        `because no identity-based policy allows the ${action} action`,
    )
    this.name = 'AccessDeniedError'
    this.action = action
    this.resource = resource
  }
}

/** Until policies decide, an administrator may do everything in the own account, and nobody else anything. */
export function createAuthorizer(): Authorizer {
  return {
    authorize(caller, action, resource) {
      const { principal } = caller
      if (principal.isAdministrator && isOwn(principal, resource)) return
      throw new AccessDeniedError(principal, action, resource)
    },
  }
}

/** The account stands in the fifth part of an ARN; `*` stands for what has no ARN of its own. */
function isOwn(principal: Principal, resource: string): boolean {
  return resource === '*' || resource.split(':', 5)[4] === principal.accountId
}
