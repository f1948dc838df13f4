import type { QueryRequest } from '../service.ts'

/** Needs no permission and cannot be denied: it says only what the signature has proved. */
export async function getCallerIdentity({ caller }: QueryRequest): Promise<Readonly<Record<string, string>>> {
  const { arn, principalId, accountId } = caller.principal
  return { Arn: arn, UserId: principalId, Account: accountId }
}
