import type { InDomain, InRepository, OfPackage, OfVersion } from '../api/codeartifact.ts'
import { pathTo } from './match.ts'

/** The addresses of the console's pages, as links need them. */

export function domainPath({ domainOwner, domain }: InDomain, tab?: string): string {
  return pathTo(['domains', domainOwner, domain], { tab })
}

export function newRepositoryPath({ domainOwner, domain }: InDomain): string {
  return pathTo(['domains', domainOwner, domain, 'new-repository'])
}

export function repositoryPath({ domainOwner, domain, repository }: InRepository, tab?: string): string {
  return pathTo(['domains', domainOwner, domain, 'repositories', repository], { tab })
}

export function packagePath({ namespace, ...named }: OfPackage): string {
  return pathTo(packageSegments(named), { namespace })
}

export function versionPath({ namespace, packageVersion, ...named }: OfVersion): string {
  return pathTo([...packageSegments(named), 'versions', packageVersion], { namespace })
}

export function packageGroupPath({ domainOwner, domain }: InDomain, pattern: string): string {
  return pathTo(['domains', domainOwner, domain, 'package-groups', pattern])
}

function packageSegments({ domainOwner, domain, repository, format, package: name }: Omit<OfPackage, 'namespace'>) {
  return ['domains', domainOwner, domain, 'repositories', repository, 'packages', format, name]
}
