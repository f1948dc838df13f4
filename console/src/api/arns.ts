import type { InDomain, InRepository, OfPackage } from './codeartifact.ts'
import type { Caller } from './session.ts'

/** Source: Service Authorization Reference, "Resource types defined by AWS CodeArtifact". */

export function domainArn(caller: Caller, { domainOwner, domain }: InDomain): string {
  return arn(caller, domainOwner, `domain/${domain}`)
}

export function repositoryArn(caller: Caller, { domainOwner, domain, repository }: InRepository): string {
  return arn(caller, domainOwner, `repository/${domain}/${repository}`)
}

export function packageArn(caller: Caller, named: OfPackage): string {
  const { domainOwner, domain, repository, format, namespace = '', package: name } = named
  return arn(caller, domainOwner, `package/${domain}/${repository}/${format}/${namespace}/${name}`)
}

export function packageGroupArn(caller: Caller, { domainOwner, domain }: InDomain, pattern: string): string {
  return arn(caller, domainOwner, `package-group/${domain}${pattern}`)
}

function arn({ partition, region }: Caller, account: string, resource: string): string {
  return `arn:${partition}:codeartifact:${region}:${account}:${resource}`
}

/** What only Packyard has: `token/*`, `job/*`. */
export function packyardArn({ partition, region, principal }: Caller, resource: string): string {
  return `arn:${partition}:packyard:${region}:${principal.accountId}:${resource}`
}
