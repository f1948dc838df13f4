import { splitSubject } from './arn-pattern.ts'
import type { NamedPolicy } from './document.ts'
import type { PolicyTarget } from './evaluate.ts'

/** What stands beside a resource: whose it is to manage, and its policies. */
export interface ResourcePolicies {
  /** The account that administers the repository; undefined for anything else. */
  readonly administrator?: string | undefined
  readonly domain?: NamedPolicy | undefined
  readonly repository?: NamedPolicy | undefined
}

/** Actions on the domain in which something is to be made: they are granted on it, on the new thing, or on `*`. */
const CREATING = new Set(['codeartifact:createrepository', 'codeartifact:createpackagegroup'])
/** Listings without a resource, and what they list. */
const LISTING: Readonly<Record<string, string>> = {
  'codeartifact:listdomains': 'domain/',
  'codeartifact:listrepositories': 'repository/',
}

/**
 * What a decision on this resource looks at: domain policies for what is in a domain, repository policies for what is in
 * a repository; never the policy that the action replaces, so that nobody can lock themselves out.
 * Source: CodeArtifact User Guide, "Domain policies" and "Repository policies"; Service Authorization Reference.
 */
export function targetOf(
  action: string,
  resource: string,
  { administrator, domain, repository }: ResourcePolicies,
  place: { readonly partition: string; readonly region: string; readonly account: string },
): PolicyTarget {
  const name = action.toLowerCase()
  const parts = splitSubject(resource)
  if (parts.length < 6) return accountTarget(name, resource, place)
  const [, partition, service, region, owner = '', rest = ''] = parts
  // What belongs to no account, as the policies that every account has, is everybody's own.
  if (service !== 'codeartifact') return { resource, owner: /^\d{12}$/.test(owner) ? owner : undefined, policies: [] }
  const kind = rest.slice(0, rest.indexOf('/'))
  const isInRepository = (kind === 'repository' || kind === 'package') && !CREATING.has(name)
  const domainPolicy = name === 'codeartifact:putdomainpermissionspolicy' ? undefined : domain
  const isRepositoryPolicyAsked = isInRepository && name !== 'codeartifact:putrepositorypermissionspolicy'
  const domainArn = `arn:${partition}:codeartifact:${region}:${owner}:domain/${rest.split('/', 2)[1]}`
  return {
    resource,
    ...(CREATING.has(name) ? { alsoKnownAs: ['*', domainArn] } : {}),
    owner,
    administrator: isInRepository ? administrator : undefined,
    policies: [
      ...(domainPolicy ? [{ ...domainPolicy, kind: 'domain' as const }] : []),
      ...(repository && isRepositoryPolicyAsked ? [{ ...repository, kind: 'repository' as const }] : []),
    ],
  }
}

/** For actions on no resource only identity policies count. */
function accountTarget(
  action: string,
  resource: string,
  { partition, region, account }: { readonly partition: string; readonly region: string; readonly account: string },
): PolicyTarget {
  const listed = LISTING[action]
  const prefix = `arn:${partition}:codeartifact:${region}:${account}:${listed}`
  return { resource, owner: undefined, policies: [], ...(listed === undefined ? {} : { allowPrefix: prefix }) }
}
