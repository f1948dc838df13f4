/** The ways in which an expected request can fail. Every protocol owns a total table from kind to its own shape. */
export type RegistryErrorKind =
  | 'missing'
  | 'conflict'
  | 'denied'
  | 'invalid'
  | 'quota'
  | 'throttled'
  | 'unavailable'
  | 'unsupported'

/** `resourceType` of the service's errors. Source: CodeArtifact service model, `ResourceType`. */
export type ResourceType = 'domain' | 'repository' | 'package' | 'package-version' | 'asset'

/** `reason` of a ValidationException. Source: CodeArtifact service model, `ValidationExceptionReason`. */
export type InvalidReason =
  | 'CANNOT_PARSE'
  | 'ENCRYPTION_KEY_ERROR'
  | 'FIELD_VALIDATION_FAILED'
  | 'UNKNOWN_OPERATION'
  | 'OTHER'

export interface RegistryErrorDetails {
  readonly cause?: unknown
  readonly resourceType?: ResourceType
  readonly resourceId?: string
  readonly reason?: InvalidReason
  /** Why it is so, for whoever may read the repository: which control hides a version. One line. */
  readonly explanation?: string | undefined
  /** Unit: seconds. */
  readonly retryAfterSeconds?: number
}

/** An expected failure. The message is written for the person who reads it in a client. */
export class RegistryError extends Error {
  readonly kind: RegistryErrorKind
  readonly details: RegistryErrorDetails

  constructor(kind: RegistryErrorKind, message: string, details: RegistryErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'RegistryError'
    this.kind = kind
    this.details = details
  }
}

/** A field breaks its rule: names the field, the value and the rule. */
export function invalid(field: string, value: string, rule: string): RegistryError {
  const shown = value.length > 100 ? `${value.slice(0, 100)}…` : value
  return new RegistryError('invalid', `${field} '${shown}' ${rule}`, { reason: 'FIELD_VALIDATION_FAILED' })
}

/** The request contradicts itself or the state in a way that no single field explains. */
export function refused(message: string): RegistryError {
  return new RegistryError('invalid', message, { reason: 'OTHER' })
}
