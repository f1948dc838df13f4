import { CodedError } from '../coded-error.ts'

/**
 * A policy is kept as it was given. It decides nothing here: the key's own account decides by IAM policies, as under the
 * default policy. Throws `CodedError`.
 */
export function checkKeyPolicy(text: string): void {
  const { Statement: statements } = parse(text)
  const list = Array.isArray(statements) ? (statements as unknown[]) : [statements]
  if (list.length === 0 || !list.every(isStatement)) {
    throw malformed(
      'Statement must be a statement, or a list of them, each with Effect, Principal, Action and Resource',
    )
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw malformed('the policy is not JSON', cause)
  }
  throw malformed('the policy must be a JSON object')
}

function isStatement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { Effect, ...rest } = value as Record<string, unknown>
  const has = (name: string) => name in rest || `Not${name}` in rest
  return (Effect === 'Allow' || Effect === 'Deny') && has('Principal') && has('Action') && has('Resource')
}

function malformed(message: string, cause?: unknown): CodedError {
  return new CodedError('MalformedPolicyDocumentException', message, { cause })
}
