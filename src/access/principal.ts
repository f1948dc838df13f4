import type { Call } from '../http/call.ts'
import type { NamedPolicy } from './policy/document.ts'

/** Who is calling. */
export interface Principal {
  readonly kind: 'root' | 'user' | 'role-session' | 'federated-user'
  /** 12 digits. */
  readonly accountId: string
  /** As `GetCallerIdentity` says it. */
  readonly arn: string
  /** `AIDA…`, `AROA…:session`, `{account}:name` of a federated user, or the account's id for its root user. */
  readonly principalId: string
  /** A session's name is the session's own. */
  readonly userName: string
  /** The access key that signed, or that made the token. */
  readonly accessKeyId: string
  /** Of a role session. */
  readonly roleArn: string | undefined
  /** The user's, or the role's with the session's over them. Keys in lower case, as policies compare them. */
  readonly tags: ReadonlyMap<string, string>
  readonly grants: Grants
  /** Of temporary credentials. */
  readonly session: Session | undefined
}

/** Every policy that says what a principal may do. Whatever may change it makes it another object. */
export interface Grants {
  readonly identity: readonly NamedPolicy[]
  readonly boundary: NamedPolicy | undefined
  /** Undefined: nothing narrows the session. */
  readonly session: readonly NamedPolicy[] | undefined
}

export interface Session {
  /** ms since 1970. */
  readonly issuedAt: number
  /** ms since 1970. */
  readonly expiresAt: number
  readonly sourceIdentity: string | undefined
  /** The identity provider's ARN, for sessions that a foreign token began. */
  readonly provider: string | undefined
  /** Session tags that the sessions of roles assumed by this one have too. */
  readonly transitiveTags: readonly { readonly key: string; readonly value: string }[]
}

/** A principal and the request it came with: what a decision and an audit record need to know. */
export interface Caller {
  readonly principal: Principal
  readonly requestId: string
  readonly remoteAddress: string
  readonly userAgent: string
  /** Whether the client speaks TLS, to us or to the proxy that the operator named. */
  readonly isSecure: boolean
  /** By the console's session, and not by a signature of its own. */
  readonly via?: 'console'
  /** What is learnt of the request on its way. */
  readonly trace?: CallTrace
}

/** What a request turned out to ask for, and about what; for whoever writes it down at its end. */
export interface CallTrace {
  /** That a change has written its own audit record. */
  isRecorded: boolean
  /** Of the AWS APIs. Parameters as they were sent. */
  operation: { readonly service: string; readonly name: string; readonly parameters: object } | undefined
  repository: TracedRepository | undefined
  package: { readonly format: string; readonly namespace: string; readonly name: string } | undefined
  version: string | undefined
}

export interface TracedRepository {
  readonly id: string
  readonly name: string
  readonly domain: { readonly owner: string; readonly name: string }
}

export function callerOf(principal: Principal, call: Pick<Call, 'id' | 'remoteAddress' | 'header' | 'origin'>): Caller {
  return {
    principal,
    requestId: call.id,
    remoteAddress: call.remoteAddress,
    userAgent: call.header('user-agent') ?? '',
    isSecure: call.origin.startsWith('https:'),
    trace: { isRecorded: false, operation: undefined, repository: undefined, package: undefined, version: undefined },
  }
}
