import type { Call } from '../http/call.ts'

/** Who is calling. */
export interface Principal {
  readonly kind: 'user'
  /** 12 digits. */
  readonly accountId: string
  /** `arn:aws:iam::{account}:user/{name}` */
  readonly arn: string
  /** `AIDA…` */
  readonly principalId: string
  readonly userName: string
  /** The access key that signed, or that made the token. */
  readonly accessKeyId: string
  /** Until policies decide: such a principal may do everything, any other nothing. */
  readonly isAdministrator: boolean
}

/** A principal and the request it came with: what a decision and an audit record need to know. */
export interface Caller {
  readonly principal: Principal
  readonly requestId: string
  readonly remoteAddress: string
  readonly userAgent: string
}

export function callerOf(principal: Principal, call: Pick<Call, 'id' | 'remoteAddress' | 'header'>): Caller {
  return {
    principal,
    requestId: call.id,
    remoteAddress: call.remoteAddress,
    userAgent: call.header('user-agent') ?? '',
  }
}
