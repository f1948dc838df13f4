/** The scopes that a transaction can touch; each names what a cache may remember. */

/** Everything about one package name in a domain, in whichever repository: versions, status, tags, origin controls. */
export function packageScope(domainId: string, packageKey: string): string {
  return `package:${domainId}:${packageKey}`
}

/** A domain's repositories, their upstreams and external connections; also that the domain exists. */
export function topologyScope(domainId: string): string {
  return `topology:${domainId}`
}

/** Which domains exist. */
export const domainsScope = 'domains'

/** A domain's own policy, those of its repositories, who administers these, and all their tags. */
export function policyScope(owner: string, domain: string): string {
  return `policy:${owner}/${domain}`
}

/** Users, groups, roles, access keys, sessions, revoked tokens, and what all of them may do. */
export const identityScope = 'identity'

/** That any package of one format in a domain has changed. */
export function packagesScope(domainId: string, format: string): string {
  return `packages:${domainId}:${format}`
}

/** That a package of a domain is gone from a repository, and its row with it. */
export function removalScope(domainId: string): string {
  return `removal:${domainId}`
}

/** Which key the new blobs of a domain are encrypted under. */
export function domainKeyScope(domainId: string): string {
  return `domain-key:${domainId}`
}

/** Which advisories are known, in all domains. */
export const advisoriesScope = 'advisories'
