/** Who may be named in a resource or trust policy. */
export type PrincipalEntry =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'account'; readonly accountId: string }
  /** A user, a session or a federated user, by exact ARN. */
  | { readonly kind: 'one'; readonly arn: string }
  /** Every session of a role. */
  | { readonly kind: 'role'; readonly arn: string }
  /** An OIDC provider's ARN, or its name. */
  | { readonly kind: 'federated'; readonly provider: string }
  /** Accepted, but nobody here is one. */
  | { readonly kind: 'service' | 'canonical-user'; readonly name: string }

/** How closely a policy names somebody; the closer, the more an Allow alone is worth. */
export type Closeness = 'account' | 'role' | 'self'

/** Who is compared with the entries. */
export interface Subject {
  readonly accountId: string
  /** As in `GetCallerIdentity`. */
  readonly arn: string
  /** Of a role session. */
  readonly roleArn: string | undefined
  /** Of somebody who shows a foreign token: the provider. */
  readonly provider?: string
}

/** Undefined when it is somebody else. */
export function closenessOf(entry: PrincipalEntry, subject: Subject): Closeness | undefined {
  switch (entry.kind) {
    case 'everyone':
      return 'self'
    case 'account':
      return entry.accountId === subject.accountId && subject.provider === undefined ? 'account' : undefined
    case 'one':
      return entry.arn === subject.arn ? 'self' : undefined
    case 'role':
      return entry.arn === subject.roleArn ? 'role' : undefined
    case 'federated':
      return entry.provider === subject.provider ? 'self' : undefined
    case 'service':
    case 'canonical-user':
      return undefined
  }
}

const RANK = { account: 0, role: 1, self: 2 } as const

export function closest(left: Closeness | undefined, right: Closeness | undefined): Closeness | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return RANK[left] >= RANK[right] ? left : right
}

/** Undefined when nobody can have such a name. Source: IAM User Guide, "AWS JSON policy elements: Principal". */
export function parseAwsPrincipal(text: string): PrincipalEntry | undefined {
  if (text === '*') return { kind: 'everyone' }
  if (/^\d{12}$/.test(text)) return { kind: 'account', accountId: text }
  if (/[*?]/.test(text)) return undefined
  const [, service, accountId = '', resource = ''] = /^arn:[\w-]+:(iam|sts)::(\d{12}):(.+)$/.exec(text) ?? []
  if (service === undefined) return undefined
  if (resource === 'root' && service === 'iam') return { kind: 'account', accountId }
  if (service === 'iam' && /^user\/\S+$/.test(resource)) return { kind: 'one', arn: text }
  if (service === 'iam' && /^role\/\S+$/.test(resource)) return { kind: 'role', arn: text }
  return service === 'sts' && /^(assumed-role\/[^/\s]+\/[^/\s]+|federated-user\/[^/\s]+)$/.test(resource)
    ? { kind: 'one', arn: text }
    : undefined
}
