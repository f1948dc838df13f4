import type { Context, ContextValue } from './policy/template.ts'
import type { Caller } from './principal.ts'
import type { ResourceState } from './resource-state.ts'

/** Condition keys that only this request has, as its tags. Names in lower case. */
export type RequestKeys = Readonly<Record<string, string | readonly string[]>>

export interface ContextParts {
  readonly caller: Caller
  readonly state: ResourceState
  readonly region: string
  /** That all accounts of this installation belong to; undefined: to none. */
  readonly organizationId: string | undefined
  /** ms since 1970. */
  readonly now: number
  readonly keys: RequestKeys | undefined
  /** Told when a key was asked for whose value the next request may not have. */
  readonly onVolatile: () => void
}

const PRINCIPAL_TAG = 'aws:principaltag/'
const RESOURCE_TAG = 'aws:resourcetag/'

const principalTypes = {
  root: 'Account',
  user: 'User',
  'role-session': 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const

/** What a request says under each condition key. Source: IAM User Guide, "AWS global condition context keys". */
export function contextOf(parts: ContextParts): Context {
  return (key) => {
    const given = parts.keys?.[key]
    if (given !== undefined) return given
    if (key.startsWith(PRINCIPAL_TAG)) return parts.caller.principal.tags.get(key.slice(PRINCIPAL_TAG.length))
    if (key.startsWith(RESOURCE_TAG)) return parts.state.tags.get(key.slice(RESOURCE_TAG.length))
    const ofPrincipal = principalKeys[key]
    if (ofPrincipal) return ofPrincipal(parts)
    const ofRequest = requestKeys[key]
    parts.onVolatile()
    return ofRequest?.(parts)
  }
}

type Key = (parts: ContextParts) => ContextValue

/** The same for every request of a principal on a resource. */
const principalKeys: Readonly<Record<string, Key>> = {
  'aws:principalarn': ({ caller: { principal } }) => principal.roleArn ?? principal.arn,
  'aws:principalaccount': ({ caller }) => caller.principal.accountId,
  'aws:principaltype': ({ caller }) => principalTypes[caller.principal.kind],
  'aws:userid': ({ caller }) => caller.principal.principalId,
  'aws:username': ({ caller: { principal } }) => (principal.kind === 'user' ? principal.userName : undefined),
  'aws:principalisawsservice': () => 'false',
  'aws:viaawsservice': () => 'false',
  'aws:requestedregion': ({ region }) => region,
  'aws:principalorgid': ({ organizationId }) => organizationId,
  'aws:resourceorgid': ({ organizationId, state }) => (state.owner === undefined ? undefined : organizationId),
  'aws:resourceaccount': ({ state }) => state.owner,
  'aws:tokenissuetime': ({ caller: { principal } }) =>
    principal.session && new Date(principal.session.issuedAt).toISOString(),
  'aws:multifactorauthpresent': ({ caller: { principal } }) => principal.session && 'false',
  'aws:sourceidentity': ({ caller: { principal } }) => principal.session?.sourceIdentity,
  'aws:federatedprovider': ({ caller: { principal } }) => principal.session?.provider,
}

const requestKeys: Readonly<Record<string, Key>> = {
  'aws:sourceip': ({ caller }) => (caller.remoteAddress === '' ? undefined : caller.remoteAddress),
  'aws:securetransport': ({ caller }) => String(caller.isSecure),
  'aws:currenttime': ({ now }) => new Date(now).toISOString(),
  'aws:epochtime': ({ now }) => String(Math.floor(now / 1000)),
}
