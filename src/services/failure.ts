import { AccessDeniedError } from '../access/authorize.ts'
import { IamError, type IamFailure } from '../access/iam/iam-error.ts'
import { StsError, type StsFailure } from '../access/sts-error.ts'
import { RateLimitError } from '../access/rate-limit.ts'
import { AuthenticationError, type AuthenticationFailure } from '../aws/authentication-error.ts'
import { PageTokenError } from '../aws/page-token.ts'
import { PayloadMismatchError } from '../aws/payload.ts'
import { QueryFormError } from '../aws/query-form.ts'
import type { WireError } from '../aws/rest-json.ts'
import { HttpError } from '../http/call.ts'
import { RegistryError, type RegistryErrorKind } from '../registry/errors.ts'
import { CodedError } from './coded-error.ts'
import type { Protocol } from './protocol.ts'

/** No service here has this operation. */
export class UnknownOperationError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnknownOperationError'
  }
}

type FailureKind =
  | AuthenticationFailure
  | RegistryErrorKind
  | IamFailure
  | StsFailure
  | 'unknown-operation'
  | 'unreadable'
  | 'other-bytes'
  | 'too-large'
  | 'internal'

interface Failure {
  readonly kind: FailureKind
  readonly message: string
  readonly members?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

type Row = readonly [restCode: string, restStatus: number, queryCode: string, queryStatus: number]

/**
 * Codes and statuses by protocol; json 1.1 has the codes of rest-json.
 * Source: CodeArtifact service model; IAM and STS API References, "Common errors".
 * Unverified: what the service's own front end answers to signatures that fail.
 */
const wireErrors = {
  unsigned: ['MissingAuthenticationTokenException', 403, 'MissingAuthenticationToken', 403],
  incomplete: ['IncompleteSignatureException', 400, 'IncompleteSignature', 400],
  'unknown-key': ['UnrecognizedClientException', 403, 'InvalidClientTokenId', 403],
  mismatch: ['InvalidSignatureException', 403, 'SignatureDoesNotMatch', 403],
  'credentials-expired': ['ExpiredTokenException', 403, 'ExpiredToken', 403],
  'request-expired': ['InvalidSignatureException', 403, 'RequestExpired', 400],
  missing: ['ResourceNotFoundException', 404, 'NoSuchEntity', 404],
  conflict: ['ConflictException', 409, 'EntityAlreadyExists', 409],
  denied: ['AccessDeniedException', 403, 'AccessDenied', 403],
  invalid: ['ValidationException', 400, 'ValidationError', 400],
  unreadable: ['ValidationException', 400, 'MalformedQueryString', 400],
  'other-bytes': ['ValidationException', 400, 'SignatureDoesNotMatch', 403],
  exists: ['ConflictException', 409, 'EntityAlreadyExists', 409],
  'delete-conflict': ['ConflictException', 409, 'DeleteConflict', 409],
  limit: ['ServiceQuotaExceededException', 402, 'LimitExceeded', 409],
  'malformed-policy': ['ValidationException', 400, 'MalformedPolicyDocument', 400],
  unmodifiable: ['ValidationException', 400, 'UnmodifiableEntity', 400],
  'policy-too-large': ['ValidationException', 400, 'PackedPolicyTooLarge', 400],
  'invalid-token': ['ValidationException', 400, 'InvalidIdentityToken', 400],
  'token-expired': ['ExpiredTokenException', 400, 'ExpiredTokenException', 400],
  'provider-silent': ['ValidationException', 400, 'IDPCommunicationError', 400],
  'invalid-duration': ['ValidationException', 400, 'ValidationError', 400],
  'claim-rejected': ['AccessDeniedException', 403, 'IDPRejectedClaim', 403],
  quota: ['ServiceQuotaExceededException', 402, 'LimitExceeded', 409],
  throttled: ['ThrottlingException', 429, 'Throttling', 400],
  unavailable: ['InternalServerException', 500, 'ServiceUnavailable', 503],
  unsupported: ['ValidationException', 400, 'InvalidAction', 400],
  'unknown-operation': ['UnknownOperationException', 404, 'InvalidAction', 400],
  'too-large': ['RequestEntityTooLargeException', 413, 'RequestEntityTooLarge', 413],
  internal: ['InternalServerException', 500, 'InternalFailure', 500],
} as const satisfies Record<FailureKind, Row>

/** Whatever was thrown, in the words of the wire. What is not expected is told as `internal`, without its message. */
export function toWireError(error: unknown, protocol: Protocol, requestId: string): WireError {
  if (error instanceof CodedError) return codedError(error, requestId)
  const { kind, message, members = {}, headers = {} } = failureOf(error, requestId)
  const [restCode, restStatus, queryCode, queryStatus] = wireErrors[kind]
  const [code, status] = protocol === 'query' ? [queryCode, queryStatus] : [restCode, restStatus]
  return { code, status, message, requestId, members, headers }
}

function codedError({ code, status, message }: CodedError, requestId: string): WireError {
  return { code, status, message, requestId, members: {}, headers: {} }
}

function failureOf(error: unknown, requestId: string): Failure {
  if (error instanceof RegistryError) return registryFailure(error)
  if (error instanceof AccessDeniedError) return { kind: 'denied', message: error.message }
  if (error instanceof IamError) return { kind: error.kind, message: error.message }
  if (error instanceof StsError) return { kind: error.kind, message: error.message }
  if (error instanceof RateLimitError) {
    return { kind: 'throttled', message: error.message, headers: { 'Retry-After': String(error.retryAfterSeconds) } }
  }
  if (error instanceof AuthenticationError) return { kind: error.kind, message: error.message }
  if (error instanceof UnknownOperationError) return { kind: 'unknown-operation', message: error.message }
  if (error instanceof PageTokenError) return invalidWith('invalid', error, 'FIELD_VALIDATION_FAILED')
  if (error instanceof QueryFormError) return invalidWith('unreadable', error, 'CANNOT_PARSE')
  if (error instanceof PayloadMismatchError) return invalidWith('other-bytes', error, 'OTHER')
  if (error instanceof HttpError) return httpFailure(error, requestId)
  return internal(requestId)
}

function registryFailure({ kind, message, details }: RegistryError): Failure {
  const { resourceType, resourceId, retryAfterSeconds } = details
  const reason = details.reason ?? (kind === 'unsupported' ? 'UNKNOWN_OPERATION' : 'OTHER')
  return {
    kind,
    message,
    members: {
      ...(kind === 'invalid' || kind === 'unsupported' ? { reason } : {}),
      ...(resourceType === undefined ? {} : { resourceType }),
      ...(resourceId === undefined ? {} : { resourceId }),
    },
    headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterSeconds)) },
  }
}

function invalidWith(kind: FailureKind, { message }: Error, reason: string): Failure {
  return { kind, message, members: { reason } }
}

/** What the listener itself refuses, before a service is asked. */
function httpFailure({ status, message, headers }: HttpError, requestId: string): Failure {
  if (status === 413) return { kind: 'too-large', message, headers }
  if (status === 404 || status === 405) return { kind: 'unknown-operation', message, headers }
  if (status === 429) return { kind: 'throttled', message, headers }
  if (status === 503) return { kind: 'unavailable', message, headers }
  return status < 500 ? { kind: 'invalid', message, headers, members: { reason: 'OTHER' } } : internal(requestId)
}

function internal(requestId: string): Failure {
  return { kind: 'internal', message: `Internal error; the server's log says more under request id ${requestId}` }
}
