import type { AccountId, DomainName, PackageName, RepositoryName } from './names.ts'

/** What an operation is about, as its caller names it: parsed, and not looked up yet. */
export interface DomainAddress {
  readonly owner: AccountId
  readonly domain: DomainName
}

export interface RepositoryAddress extends DomainAddress {
  readonly repository: RepositoryName
}

export interface PackageAddress extends RepositoryAddress {
  readonly package: PackageName
}

export interface VersionAddress extends PackageAddress {
  readonly version: string
}

/** `pattern` as it was given; it need not be one that a group could have. */
export interface PackageGroupAddress extends DomainAddress {
  readonly pattern: string
}

export type Address = DomainAddress & Partial<VersionAddress>

/** `resourceId` of the service's errors. Unverified: its form is documented nowhere; this one reads from left to right. */
export function resourceIdOf(address: Address): string {
  const { domain, repository, package: name, version } = address
  const parts: string[] = [domain]
  if (repository !== undefined) parts.push(repository)
  if (name !== undefined) parts.push(name.format, name.namespace, name.name)
  if (version !== undefined) parts.push(version)
  return parts.join('/')
}
