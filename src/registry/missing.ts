import {
  type DomainAddress,
  type PackageAddress,
  type PackageGroupAddress,
  type RepositoryAddress,
  resourceIdOf,
  type VersionAddress,
} from './addresses.ts'
import { RegistryError } from './errors.ts'

/** What is not there, in the service's own words: scripts search for them. Source: answers seen in issue reports. */
export function domainMissing(address: DomainAddress): RegistryError {
  const message = `Domain not found. Domain '${address.domain}' owned by account '${address.owner}' does not exist.`
  return new RegistryError('missing', message, { resourceType: 'domain', resourceId: resourceIdOf(address) })
}

export function repositoryMissing(address: RepositoryAddress): RegistryError {
  const { owner, domain, repository } = address
  const message =
    `Repository not found. Repository '${repository}' in domain '${domain}' ` +
    `owned by account '${owner}' does not exist.`
  return new RegistryError('missing', message, { resourceType: 'repository', resourceId: resourceIdOf(address) })
}

/** The service's model has no resource type for groups. */
export function groupMissing({ owner, domain, pattern }: PackageGroupAddress): RegistryError {
  const message =
    `Package group not found. Package group '${pattern}' in domain '${domain}' ` +
    `owned by account '${owner}' does not exist.`
  return new RegistryError('missing', message, { resourceId: `${domain}${pattern}` })
}

/** Begins as the service's own message does; how that goes on is not known. */
export function packageMissing(address: PackageAddress, explanation?: string): RegistryError {
  const { owner, domain, repository, package: name } = address
  const namespace = name.namespace === '' ? 'none' : name.namespace
  const message =
    `Package not found in repository. RepoId: ${owner}/${domain}/${repository} , ` +
    `Package = PackageCoordinate{packageType=${name.format}, packageName=${name.name}}, namespace ${namespace}`
  return new RegistryError('missing', message, {
    resourceType: 'package',
    resourceId: resourceIdOf(address),
    explanation,
  })
}

export function versionMissing(address: VersionAddress, explanation?: string): RegistryError {
  const { repository, version, package: name } = address
  const shown = name.namespace === '' ? name.name : `${name.namespace}/${name.name}`
  const message = `Package version not found. Repository '${repository}' has no version '${version}' of ${name.format} package '${shown}'.`
  return new RegistryError('missing', message, {
    resourceType: 'package-version',
    resourceId: resourceIdOf(address),
    explanation,
  })
}

export function assetMissing(address: VersionAddress, asset: string): RegistryError {
  const message = `Asset not found. Version '${address.version}' of package '${address.package.name}' has no asset '${asset}'.`
  const resourceId = `${resourceIdOf(address)}/${asset}`
  return new RegistryError('missing', message, { resourceType: 'asset', resourceId })
}
