import type { Actor } from '../../journal/audit.ts'

const NAME = 'retention.packyard'

/** Whom the audit trail names where nobody but a rule did it. */
export function retentionActor(accountId: string): Actor {
  return {
    principal: {
      kind: 'service',
      accountId,
      arn: NAME,
      principalId: NAME,
      userName: NAME,
      accessKeyId: '',
      roleArn: undefined,
      session: undefined,
    },
    requestId: '',
    remoteAddress: NAME,
    userAgent: NAME,
  }
}
