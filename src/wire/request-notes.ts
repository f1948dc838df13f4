import { AccessDeniedError } from '../access/authorize.ts'
import type { Caller, CallTrace } from '../access/principal.ts'
import { redactTarget } from '../http/access-log.ts'
import type { RequestRecord } from '../http/request-record.ts'
import { userIdentity } from '../journal/audit.ts'
import type { NotedRequest } from '../journal/trail/recorder.ts'
import type { TrailRecord } from '../journal/trail/trail-record.ts'
import { RegistryError } from '../registry/errors.ts'
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

/** Longest that one parameter, a user agent or an error is kept. Unit: characters. Ours. */
const TEXT_MAX = 500

/** A request as it is written down; undefined for those that nobody was known to make. */
export function noteRequest(parts: NoteParts, request: RequestRecord): NotedRequest | undefined {
  // Both planes that know callers give these.
  const caller = request.by as Caller | undefined
  const { trace } = caller ?? {}
  if (!caller || !trace) return undefined
  const at = parts.clock()
  return {
    record() {
      if (trace.isRecorded && request.status < 400) return undefined
      return { at, record: recordOf(parts, at, request, caller, trace) }
    },
    usage() {
      if (request.plane !== 'packages' || request.status >= 400 || !trace.repository) return undefined
      return {
        at,
        bytes: request.sentBytes,
        account: caller.principal.accountId,
        principal: caller.principal.arn,
        repository: trace.repository,
        package: trace.package,
        version: trace.version,
      }
    },
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
  const asked = trace.operation ? operationFacts(trace.operation) : packageFacts(request, trace)
  const record = {
    eventVersion: '1.08',
    userIdentity: userIdentity(principal),
    eventTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    ...asked,
    awsRegion: region,
    sourceIPAddress: remoteAddress,
    userAgent: userAgent.slice(0, TEXT_MAX),
    ...failureOf(request),
    responseElements: null,
    requestID: requestId,
    eventID: randomId(),
    eventType: 'AwsApiCall',
    recipientAccountId: trace.repository?.domain.owner ?? ownerOf(asked.requestParameters) ?? principal.accountId,
  }
  return record
}

function ownerOf(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const owner = parameters['domainOwner']
  return typeof owner === 'string' && /^\d{12}$/.test(owner) ? owner : undefined
}

/** A request of a package manager goes by the permission that it needs. */
function packageFacts({ method, path }: RequestRecord, { repository, package: name, version }: CallTrace) {
  const readOnly = method === 'GET' || method === 'HEAD'
  return {
    eventSource: 'codeartifact.amazonaws.com',
    eventName: readOnly
      ? 'ReadFromRepository'
      : method === 'DELETE'
        ? 'DeletePackageVersions'
        : 'PublishPackageVersion',
    readOnly,
    requestParameters: {
      ...(repository && {
        domainName: repository.domain.name,
        domainOwner: repository.domain.owner,
        repositoryName: repository.name,
      }),
      ...(name && { packageFormat: name.format, packageName: name.name }),
      ...(name && name.namespace !== '' && { packageNamespace: name.namespace }),
      ...(version !== undefined && { packageVersion: version }),
    },
    additionalEventData: { httpMethod: method, requestUri: withoutRepository(redactTarget(path, '')).slice(0, 1000) },
  }
}

/** `/npm/d/acme-111122223333/main/left-pad` → `/npm/left-pad` */
function withoutRepository(path: string): string {
  return path.replace(/^.*?(\/[a-z]+)\/d\/[^/]+\/[^/]+/, '$1')
}

function operationFacts({ service, name, parameters }: NonNullable<CallTrace['operation']>) {
  const shown = Object.entries(parameters).flatMap(([parameter, value]) => {
    const as = Object.hasOwn(shownParameters, parameter) ? shownParameters[parameter] : undefined
    return as === undefined || typeof value !== 'string' ? [] : [[as, value.slice(0, TEXT_MAX)] as const]
  })
  return {
    eventSource: `${service}.amazonaws.com`,
    eventName: name,
    readOnly: /^(Get|List|Describe|Lookup|Test|Simulate)/.test(name) && name !== 'GetAuthorizationToken',
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
