import type { RegistryParts } from './parts.ts'

/** The account's own policies decide. Source: KMS Developer Guide, "Default key policy". */
export function defaultKeyPolicy({ arns }: Pick<RegistryParts, 'arns'>, account: string): string {
  const statement = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: `arn:${arns.partition}:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  }
  return JSON.stringify({ Version: '2012-10-17', Id: 'key-default-1', Statement: [statement] })
}
