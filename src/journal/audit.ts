import type { Write } from '../storage/metadata/metadata.ts'
import type { JournalClock } from './events.ts'

/** Who did it, and by which request; `access` knows such callers. */
export interface Actor {
  readonly principal: {
    readonly kind: string
    readonly accountId: string
    readonly arn: string
    readonly principalId: string
    readonly userName: string
    readonly accessKeyId: string
    /** Of a role session. */
    readonly roleArn: string | undefined
    readonly session: { readonly issuedAt: number; readonly sourceIdentity: string | undefined } | undefined
  }
  readonly requestId: string
  readonly remoteAddress: string
  readonly userAgent: string
  /** By the console's session. */
  readonly via?: 'console'
  /** Told that there is a record, so that nobody writes another when the request ends. */
  readonly trace?: { isRecorded: boolean }
}

/** What was done, in CloudTrail's words. Source: CodeArtifact User Guide, "Logging with CloudTrail". */
export interface AuditFact {
  /** Whose operation it is; CodeArtifact's unless given. */
  readonly eventSource?: string
  /** The operation's name, or the permission used on a package endpoint: `PublishPackageVersion`. */
  readonly eventName: string
  /** `domainName`, `repositoryName`, `packageName` …: never a token, never an asset. */
  readonly requestParameters: Readonly<Record<string, unknown>>
  /** The account that owns what was touched. */
  readonly recipientAccountId: string
}

/** Writes the record in the transaction that makes the change. */
export async function recordAudit(write: Write, clock: JournalClock, actor: Actor, fact: AuditFact): Promise<void> {
  const id = clock.randomId()
  const { principal } = actor
  const body = {
    eventVersion: '1.08',
    userIdentity: userIdentity(principal),
    eventTime: `${new Date(clock.now).toISOString().slice(0, 19)}Z`,
    eventSource: fact.eventSource ?? 'codeartifact.amazonaws.com',
    eventName: fact.eventName,
    awsRegion: clock.region,
    sourceIPAddress: actor.remoteAddress,
    userAgent: actor.userAgent,
    requestParameters: fact.requestParameters,
    responseElements: null,
    requestID: actor.requestId,
    eventID: id,
    readOnly: false,
    eventType: 'AwsApiCall',
    recipientAccountId: fact.recipientAccountId,
    ...consoleFact(actor),
  }
  await write.tx
    .insertInto('audit_records')
    .values({ id, body: JSON.stringify(body), created_at: clock.now })
    .execute()
  if (actor.trace) actor.trace.isRecorded = true
}

/** Source: CloudTrail User Guide, "CloudTrail record contents", `sessionCredentialFromConsole`. */
export function consoleFact({ via }: Pick<Actor, 'via'>): { readonly sessionCredentialFromConsole?: 'true' } {
  return via === 'console' ? { sessionCredentialFromConsole: 'true' } : {}
}

const identityTypes: Readonly<Record<string, string>> = {
  root: 'Root',
  'role-session': 'AssumedRole',
  'federated-user': 'FederatedUser',
  // What the installation does by itself.
  service: 'AWSService',
}

/** Source: CloudTrail User Guide, "CloudTrail userIdentity element". */
export function userIdentity({ kind, roleArn, session, ...principal }: Actor['principal']) {
  const { principalId, arn, accountId, accessKeyId, userName } = principal
  const common = { type: identityTypes[kind] ?? 'IAMUser', principalId, arn, accountId, accessKeyId }
  if (!session) return { ...common, userName }
  const issuer = roleArn && {
    type: 'Role',
    principalId: principalId.split(':', 1)[0],
    arn: roleArn,
    accountId,
    userName: roleArn.slice(roleArn.lastIndexOf('/') + 1),
  }
  const creationDate = `${new Date(session.issuedAt).toISOString().slice(0, 19)}Z`
  return {
    ...common,
    sessionContext: {
      ...(issuer && { sessionIssuer: issuer }),
      attributes: { creationDate, mfaAuthenticated: 'false' },
      ...(session.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
    },
  }
}
