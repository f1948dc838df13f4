import { type AssumeParts, assumeRole, assumeRoleWithWebIdentity, type AssumedRole } from '../../access/assume-role.ts'
import { findKeyAccount } from '../../access/iam/access-keys.ts'
import { checkAttachable } from '../../access/iam/attachments.ts'
import { checkIdentityDocument, countedLength } from '../../access/iam/documents.ts'
import { invalidInput } from '../../access/iam/iam-error.ts'
import { checkTags } from '../../access/iam/tags.ts'
import type { Authorizer } from '../../access/authorize.ts'
import type { NewSession, SessionFacts, Sessions } from '../../access/sessions.ts'
import { StsError } from '../../access/sts-error.ts'
import type { WebIdentities } from '../../access/web-identity.ts'
import { Input } from '../iam/input.ts'
import { isoTime } from '../iam/shapes.ts'
import type { QueryRequest, QueryResult, QueryService } from '../service.ts'
import { getCallerIdentity } from './get-caller-identity.ts'

export interface StsParts extends AssumeParts {
  readonly sessions: Sessions
  readonly authorizer: Authorizer
  readonly webIdentities: WebIdentities
}

/** Unit: characters, and policies. Source: STS API Reference, "AssumeRole". */
const SESSION_POLICY_CHARACTERS_MAX = 2048
const SESSION_POLICY_ARNS_MAX = 10
/** Unit: seconds. Source: as above. */
const ROLE_SECONDS = { min: 900, max: 43_200, absent: 3600 }
/** Unit: seconds. Source: STS API Reference, "GetSessionToken" and "GetFederationToken". */
const OWN_SECONDS = { min: 900, max: 129_600, absent: 43_200 }

/** The Security Token Service. Source of version and namespace: STS service model. */
export function createStsService(parts: StsParts): QueryService {
  return {
    protocol: 'query',
    name: 'sts',
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      GetCallerIdentity: { run: getCallerIdentity },
      AssumeRole: { run: (request) => runAssumeRole(parts, request) },
      AssumeRoleWithWebIdentity: { signature: 'not needed', run: (request) => runWebIdentity(parts, request) },
      GetSessionToken: { run: (request) => runSessionToken(parts, request) },
      GetFederationToken: { run: (request) => runFederationToken(parts, request) },
      GetAccessKeyInfo: { run: (request) => runKeyInfo(parts, request) },
    },
  }
}

async function runAssumeRole(parts: StsParts, { caller, parameters }: QueryRequest): Promise<QueryResult> {
  const input = new Input(parameters)
  refuseMfa(input)
  const roleArn = input.required('RoleArn')
  const facts = await readFacts(parts, input, roleArn.split(':', 5)[4] ?? '')
  const sessionName = readSessionName(input, 'RoleSessionName', 64)
  const externalId = input.optional('ExternalId')
  const keys = {
    'sts:rolesessionname': sessionName,
    ...(externalId === undefined ? {} : { 'sts:externalid': externalId }),
  }
  const durationSeconds = input.integer('DurationSeconds', ROLE_SECONDS)
  const assumed = await assumeRole(parts, caller, { roleArn, sessionName, durationSeconds, facts }, keys)
  const { facts: given } = assumed
  return { ...roleMembers(assumed, sessionName, given), SourceIdentity: given.sourceIdentity }
}

async function runWebIdentity(parts: StsParts, { parameters }: Omit<QueryRequest, 'caller'>): Promise<QueryResult> {
  const input = new Input(parameters)
  const roleArn = input.required('RoleArn')
  const account = roleArn.split(':', 5)[4] ?? ''
  const sessionName = readSessionName(input, 'RoleSessionName', 64)
  const durationSeconds = input.integer('DurationSeconds', ROLE_SECONDS)
  const identity = await parts.webIdentities.verify(input.required('WebIdentityToken'), account)
  const facts = { ...(await readFacts(parts, input, account)), tags: [], sourceIdentity: undefined }
  const request = { roleArn, sessionName, durationSeconds, facts }
  const assumed = await assumeRoleWithWebIdentity(parts, identity, request)
  return {
    ...roleMembers(assumed, sessionName, facts),
    SubjectFromWebIdentityToken: identity.subject,
    Audience: identity.audience,
    Provider: identity.provider.arn,
  }
}

/** The same user for a while. Needs no permission. Source: STS API Reference, "GetSessionToken". */
async function runSessionToken(parts: StsParts, { caller, parameters }: QueryRequest): Promise<QueryResult> {
  const { principal } = caller
  if (principal.session) throw new StsError('denied', 'Cannot call GetSessionToken with session credentials')
  const input = new Input(parameters)
  refuseMfa(input)
  const durationSeconds = input.integer('DurationSeconds', OWN_SECONDS)
  const session = await parts.sessions.create({
    kind: 'user',
    entityId: principal.principalId,
    accountId: principal.accountId,
    name: principal.userName,
    facts: { tags: [] },
    durationSeconds,
  })
  return { Credentials: credentials(session) }
}

/** There are no devices, so no code of one can be right; who gives one must not believe that it was looked at. */
function refuseMfa(input: Input): void {
  const given = input.optional('SerialNumber') ?? input.optional('TokenCode')
  if (given === undefined) return
  throw new StsError('denied', 'MultiFactorAuthentication failed: there are no MFA devices here')
}

async function runFederationToken(parts: StsParts, { caller, parameters }: QueryRequest): Promise<QueryResult> {
  const { principal } = caller
  const input = new Input(parameters)
  if (principal.session) throw new StsError('denied', 'Cannot call GetFederationToken with session credentials')
  const name = readSessionName(input, 'Name', 32)
  const { partition } = parts.iam.arns
  const arn = `arn:${partition}:sts::${principal.accountId}:federated-user/${name}`
  const durationSeconds = input.integer('DurationSeconds', OWN_SECONDS)
  const facts = await readFacts(parts, input, principal.accountId)
  parts.authorizer.authorize(caller, 'sts:GetFederationToken', arn)
  const { principalId: entityId, accountId } = principal
  const draft = { kind: 'federated', entityId, accountId, name, facts, durationSeconds } as const
  const session = await parts.sessions.create(draft)
  const federated = { FederatedUserId: `${accountId}:${name}`, Arn: arn }
  return { Credentials: credentials(session), FederatedUser: federated, ...packedSize(facts) }
}

async function runKeyInfo({ iam, authorizer }: StsParts, { caller, parameters }: QueryRequest): Promise<QueryResult> {
  authorizer.authorize(caller, 'sts:GetAccessKeyInfo', '*')
  return { Account: await findKeyAccount(iam, new Input(parameters).required('AccessKeyId')) }
}

/** Throws `IamError` or `StsError` for session policies and tags that cannot be used. */
async function readFacts({ iam }: StsParts, input: Input, account: string): Promise<SessionFacts> {
  const inline = input.optional('Policy')
  const arns = input.policyArns()
  if (inline !== undefined) checkIdentityDocument(inline)
  if (inline !== undefined && countedLength(inline) > SESSION_POLICY_CHARACTERS_MAX) {
    throw new StsError('policy-too-large', `Policy must have at most ${SESSION_POLICY_CHARACTERS_MAX} characters.`)
  }
  if (arns.length > SESSION_POLICY_ARNS_MAX) {
    throw new StsError('policy-too-large', `PolicyArns must have at most ${SESSION_POLICY_ARNS_MAX} members.`)
  }
  for (const arn of arns) await checkAttachable(iam, iam.metadata.db, account, arn)
  const tags = input.tags()
  checkTags(tags)
  const transitiveTagKeys = readTransitiveKeys(input, tags)
  const isNarrowed = inline !== undefined || arns.length > 0
  return {
    policies: isNarrowed ? { inline, arns } : undefined,
    tags,
    ...(transitiveTagKeys.length === 0 ? {} : { transitiveTagKeys }),
    sourceIdentity:
      input.optional('SourceIdentity') === undefined ? undefined : readSessionName(input, 'SourceIdentity', 64),
  }
}

function readTransitiveKeys(input: Input, tags: SessionFacts['tags']): readonly string[] {
  const known = new Set(tags.map(({ key }) => key.toLowerCase()))
  const keys = input.texts('TransitiveTagKeys')
  const stray = keys.find((key) => !known.has(key.toLowerCase()))
  if (stray === undefined) return keys
  throw invalidInput('TransitiveTagKeys', stray, 'must be the key of one of the Tags')
}

function readSessionName(input: Input, name: string, max: number): string {
  const value = input.required(name)
  if (/^[\w+=,.@-]+$/.test(value) && value.length >= 2 && value.length <= max) return value
  throw invalidInput(name, value, `must be 2 to ${max} letters, digits or "_+=,.@-"`)
}

function roleMembers({ role, session }: AssumedRole, sessionName: string, facts: SessionFacts): QueryResult {
  const [partition] = role.arn.split(':').slice(1, 2)
  const arn = `arn:${partition}:sts::${role.accountId}:assumed-role/${role.name}/${sessionName}`
  return {
    Credentials: credentials(session),
    AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: arn },
    ...packedSize(facts),
  }
}

/** In per cent of what is allowed. */
function packedSize({ policies, tags }: SessionFacts): QueryResult {
  if (!policies && tags.length === 0) return {}
  const length =
    countedLength(policies?.inline ?? '') + tags.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
  return { PackedPolicySize: Math.min(100, Math.ceil((length * 100) / SESSION_POLICY_CHARACTERS_MAX)) }
}

function credentials({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: NewSession) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: isoTime(expiresAt),
  }
}
