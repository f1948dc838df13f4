import { findNamedPrincipals } from '../named-principals.ts'
import { PolicyDocumentError } from '../policy/document.ts'
import { parsePolicyDocument } from '../policy/parse-document.ts'
import { IamError } from './iam-error.ts'
import type { Database } from './parts.ts'

/** Longest documents, white space not counted. Unit: characters. Source: IAM User Guide, "IAM and AWS STS quotas". */
export const MANAGED_POLICY_CHARACTERS_MAX = 6144
/** Of all inline policies of one entity together. Unit: characters. Source: as above. */
export const INLINE_CHARACTERS_MAX = { user: 2048, group: 5120, role: 10_240 } as const
/** Unit: characters. Source: as above; what an administrator can raise it to. */
const TRUST_CHARACTERS_MAX = 4096

/** Throws `IamError` 'malformed-policy'. */
export function checkIdentityDocument(text: string): void {
  translated(() => parsePolicyDocument(text, 'identity'))
}

/**
 * Resolves to the columns that hold it. Throws `IamError` 'malformed-policy', also for a principal who does not exist:
 * Terraform tries again on that.
 */
export async function trustColumns(db: Database, text: string) {
  const document = translated(() => parsePolicyDocument(text, 'trust'))
  if (countedLength(text) > TRUST_CHARACTERS_MAX) {
    throw new IamError('limit', `Cannot exceed quota for ACLSizePerRole: ${TRUST_CHARACTERS_MAX}`)
  }
  try {
    return { trust_policy: text, trust_principals: JSON.stringify(await findNamedPrincipals(db, document)) }
  } catch (error) {
    throw translate(error)
  }
}

/** White space does not count. */
export function countedLength(text: string): number {
  return text.replaceAll(/\s/g, '').length
}

function translated<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translate(error)
  }
}

function translate(error: unknown): unknown {
  if (!(error instanceof PolicyDocumentError)) return error
  return new IamError('malformed-policy', error.message, error)
}
