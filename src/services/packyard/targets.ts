import type { OperationScope, OperationTarget } from './operation.ts'

/** What is the caller's own account's, as its tokens: `arn:aws:packyard:us-east-1:111122223333:token/*`. */
export function accountTarget(kind: string): (input: object, scope: OperationScope) => OperationTarget<string> {
  return (_input, { registry: { arns }, caller }) => {
    const account = caller.principal.accountId
    return { address: account, resource: `arn:${arns.partition}:packyard:${arns.region}:${account}:${kind}` }
  }
}

/**
 * What is the whole installation's, as its jobs. It belongs to the account that the installation began with, so that
 * administrators of other accounts have no say in it.
 */
export function installationTarget(kind: string): (input: object, scope: OperationScope) => OperationTarget<undefined> {
  return (_input, { registry: { arns }, parts }) => {
    const owner = `${arns.partition}:packyard:${arns.region}:${parts.installationAccount}`
    return { address: undefined, resource: `arn:${owner}:${kind}` }
  }
}

/** For what needs no permission. */
export function nothing(): OperationTarget<undefined> {
  return { address: undefined, resource: '*' }
}
