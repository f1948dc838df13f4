import { AccessDeniedError } from '../access/authorize.ts'
import type { Caller, CallTrace } from '../access/principal.ts'
import type { RequestRecord } from '../http/request-record.ts'
import { consoleFact, userIdentity } from '../journal/audit.ts'
import { packageFacts } from '../journal/trail/package-facts.ts'
import { AGENT_MAX, type NotedRead } from '../journal/trail/read-lines.ts'
import type { NotedCall, NotedRequest } from '../journal/trail/recorder.ts'
import type { TrailRecord } from '../journal/trail/trail-record.ts'
import type { UsageEntry } from '../journal/trail/usage.ts'
import { RegistryError } from '../registry/errors.ts'
import { REDIRECTED_BYTES } from '../formats/redirect.ts'
import { CodedError } from '../services/coded-error.ts'

export interface NoteParts {
  readonly region: string
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomId: () => string
}

/** Parameters of calls that may be shown: names of things, never a policy, a secret or a document. */
const shownParameters: Readonly<Record<string, string>> = {
  domain: 'domainName',
  'domain-owner': 'domainOwner',
  repository: 'repositoryName',
  'source-repository': 'sourceRepositoryName',
  'destination-repository': 'destinationRepositoryName',
  format: 'packageFormat',
  namespace: 'packageNamespace',
  package: 'packageName',
  version: 'packageVersion',
  asset: 'assetName',
  'package-group': 'packageGroup',
  resourceArn: 'resourceArn',
  Name: 'name',
  Rule: 'rule',
  KeyId: 'keyId',
  AliasName: 'aliasName',
  ResourceARN: 'resourceARN',
  UserName: 'userName',
  GroupName: 'groupName',
  RoleName: 'roleName',
  RoleArn: 'roleArn',
  RoleSessionName: 'roleSessionName',
  PolicyName: 'policyName',
  PolicyArn: 'policyArn',
}

/** Longest that one parameter or an error is kept. Unit: characters. Ours. */
const TEXT_MAX = 500

/** A request as it is noted, on the way of every answer; undefined for those that nobody was known to make. */
export function noteRequest(parts: NoteParts, request: RequestRecord): NotedRequest | undefined {
  // Both planes that know callers give these.
  const caller = request.by as Caller | undefined
  const { trace } = caller ?? {}
  if (!caller || !trace) return undefined
  return noteRead(parts, request, caller, trace) ?? noteCall(parts, request, caller, trace)
}

function noteRead({ clock }: NoteParts, request: RequestRecord, caller: Caller, trace: CallTrace) {
  const { method, status, plane } = request
  if (method !== 'GET' && method !== 'HEAD') return undefined
  if (plane !== 'packages' || status >= 400 || trace.isRecorded || !trace.repository) return undefined
  const read: NotedRead = {
    kind: 'read',
    at: clock(),
    requestId: caller.requestId,
    method,
    path: request.path,
    bytes: bytesOf(request),
    remoteAddress: caller.remoteAddress,
    userAgent: caller.userAgent,
    principal: caller.principal,
    repository: trace.repository,
    package: trace.package,
    version: trace.version,
  }
  return read
}

/** Who was sent to the object store has read it there, as far as anybody knows. */
function bytesOf({ status, sentBytes, fields }: RequestRecord): number {
  if (status !== 302) return sentBytes
  return fields.reduce((sum, field) => sum + Number(field[REDIRECTED_BYTES] ?? 0), sentBytes)
}

/** Made at once, so that what waits does not hold on to what was sent. */
function noteCall(parts: NoteParts, request: RequestRecord, caller: Caller, trace: CallTrace): NotedCall {
  const at = parts.clock()
  const isRecorded = trace.isRecorded && request.status < 400
  return {
    kind: 'call',
    at,
    record: isRecorded ? undefined : recordOf(parts, at, request, caller, trace),
    usage: usageOf(at, request, caller, trace),
  }
}

function usageOf(at: number, request: RequestRecord, { principal }: Caller, trace: CallTrace): UsageEntry | undefined {
  if (request.plane !== 'packages' || request.status >= 400 || !trace.repository) return undefined
  return {
    at,
    requests: 1,
    bytes: request.sentBytes,
    account: principal.accountId,
    principal: principal.arn,
    repository: trace.repository,
    package: trace.package,
    version: trace.version,
  }
}

/** Source: CodeArtifact User Guide, "Logging CodeArtifact API calls with AWS CloudTrail". */
function recordOf(
  { region, randomId }: NoteParts,
  at: number,
  request: RequestRecord,
  caller: Caller,
  trace: CallTrace,
): TrailRecord {
  const { principal, remoteAddress, userAgent, requestId } = caller
  const asked = trace.operation
    ? operationFacts(trace.operation)
    : packageFacts({ ...trace, method: request.method, path: request.path })
  const record = {
    eventVersion: '1.08',
    userIdentity: userIdentity(principal),
    eventTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    ...asked,
    awsRegion: region,
    sourceIPAddress: remoteAddress,
    userAgent: userAgent.slice(0, AGENT_MAX),
    ...failureOf(request),
    responseElements: null,
    requestID: requestId,
    eventID: randomId(),
    eventType: 'AwsApiCall',
    recipientAccountId: trace.repository?.domain.owner ?? ownerOf(asked.requestParameters) ?? principal.accountId,
    ...consoleFact(caller),
  }
  return record
}

function ownerOf(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const owner = parameters['domainOwner']
  return typeof owner === 'string' && /^\d{12}$/.test(owner) ? owner : undefined
}

function operationFacts({ service, name, parameters }: NonNullable<CallTrace['operation']>) {
  const shown = Object.entries(parameters).flatMap(([parameter, value]) => {
    const as = Object.hasOwn(shownParameters, parameter) ? shownParameters[parameter] : undefined
    return as === undefined || typeof value !== 'string' ? [] : [[as, value.slice(0, TEXT_MAX)] as const]
  })
  return {
    eventSource: `${service}.amazonaws.com`,
    eventName: name,
    readOnly: /^(Get|List|Describe|Lookup|Search|Test|Simulate)/.test(name) && name !== 'GetAuthorizationToken',
    requestParameters: Object.fromEntries<unknown>(shown),
  }
}

const statusCodes: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  401: 'Unauthorized',
  402: 'ServiceQuotaExceededException',
  403: 'AccessDenied',
  404: 'ResourceNotFoundException',
  409: 'ConflictException',
  429: 'ThrottlingException',
}

function failureOf({ status, error }: RequestRecord): object {
  if (status < 400) return {}
  const isDenied = error instanceof AccessDeniedError || (error instanceof RegistryError && error.kind === 'denied')
  const code = error instanceof CodedError ? error.code : (statusCodes[status] ?? `Http${status}`)
  const message = error instanceof Error && status < 500 ? error.message.slice(0, TEXT_MAX) : undefined
  return { errorCode: isDenied ? 'AccessDenied' : code, ...(message !== undefined && { errorMessage: message }) }
}
