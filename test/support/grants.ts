import { ADMINISTRATOR_POLICY_ARN, managedPolicies } from '../../src/access/managed-policies.ts'
import { parsePolicyDocument } from '../../src/access/policy/parse-document.ts'
import type { Grants } from '../../src/access/principal.ts'

/** What somebody may do who has no policy at all. */
export const noGrants: Grants = { identity: [], boundary: undefined, session: undefined }

/** What an administrator may do. */
export const administratorGrants: Grants = {
  ...noGrants,
  identity: [...managedPolicies.values()]
    .filter(({ arn }) => arn === ADMINISTRATOR_POLICY_ARN)
    .map(({ arn, document }) => ({ name: arn, document })),
}

/** One statement, or several. */
export function grantsOf(statement: object): Grants {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  return { ...noGrants, identity: [{ name: 'granted', document: parsePolicyDocument(text, 'identity') }] }
}
