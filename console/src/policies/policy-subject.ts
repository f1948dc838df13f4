import { ApiError } from '../api/api-error.ts'
import type { Client } from '../api/client.ts'
import type { InDomain, InRepository, ResourcePolicy } from '../api/codeartifact.ts'

/** What has a resource policy. */
export interface PolicySubject {
  readonly arn: string
  readonly actions: { readonly write: string; readonly remove: string }
  /** Null when there is none. */
  read(this: void, client: Client, signal: AbortSignal): Promise<ResourcePolicy | null>
  /** `revision` of the policy that was read, so that nobody's change is lost. */
  write(this: void, client: Client, document: string, revision: string | undefined): Promise<unknown>
  remove(this: void, client: Client): Promise<unknown>
}

export function domainPolicy(arn: string, place: InDomain): PolicySubject {
  return {
    arn,
    actions: {
      write: 'codeartifact:PutDomainPermissionsPolicy',
      remove: 'codeartifact:DeleteDomainPermissionsPolicy',
    },
    read: (client, signal) => orNull(client.codeartifact('GetDomainPermissionsPolicy', place, signal)),
    write: (client, policyDocument, policyRevision) => {
      const input = { ...place, policyDocument, ...(policyRevision && { policyRevision }) }
      return client.codeartifact('PutDomainPermissionsPolicy', input)
    },
    remove: (client) => client.codeartifact('DeleteDomainPermissionsPolicy', place),
  }
}

export function repositoryPolicy(arn: string, place: InRepository): PolicySubject {
  return {
    arn,
    actions: {
      write: 'codeartifact:PutRepositoryPermissionsPolicy',
      remove: 'codeartifact:DeleteRepositoryPermissionsPolicy',
    },
    read: (client, signal) => orNull(client.codeartifact('GetRepositoryPermissionsPolicy', place, signal)),
    write: (client, policyDocument, policyRevision) => {
      const input = { ...place, policyDocument, ...(policyRevision && { policyRevision }) }
      return client.codeartifact('PutRepositoryPermissionsPolicy', input)
    },
    remove: (client) => client.codeartifact('DeleteRepositoryPermissionsPolicy', place),
  }
}

async function orNull(answer: Promise<{ policy: ResourcePolicy }>): Promise<ResourcePolicy | null> {
  try {
    return (await answer).policy
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'ResourceNotFoundException') return null
    throw thrown
  }
}
