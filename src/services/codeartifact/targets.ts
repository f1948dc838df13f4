import type { DecisionOptions } from '../../access/authorize.ts'
import { domainArn, packageArn, packageGroupArn, repositoryArn } from '../../access/arns.ts'
import type {
  DomainAddress,
  PackageAddress,
  PackageGroupAddress,
  RepositoryAddress,
  VersionAddress,
} from '../../registry/addresses.ts'
import { findAssociatedPattern, ROOT_PATTERN } from '../../registry/groups.ts'
import { packageFromInput, versionFromInput } from '../../registry/name-rules.ts'
import type { AccountId, DomainName, FormatId, RepositoryName } from '../../registry/names.ts'
import type { TargetScope } from './operation.ts'

/** What an operation is about, and what its caller must be allowed. Source: Service Authorization Reference. */
export interface Target<Address> {
  readonly address: Address
  /** The ARN on which the operation's own action is authorized; `*` for actions without a resource. */
  readonly resource: string
  /** What a refusal names instead, where the resource was looked up and its name would tell what is there. */
  readonly namedAs?: string
  /** Further permissions that the call needs. */
  readonly also?: readonly Permission[]
}

export interface Permission {
  readonly action: string
  readonly resource: string
  /** What the decision looks at besides; else what the request brings to all of them. */
  readonly options?: DecisionOptions
}

export interface DomainNames {
  readonly domain: DomainName
  readonly domainOwner?: AccountId
}

export interface RepositoryNames extends DomainNames {
  readonly repository: RepositoryName
}

export interface PackageNames extends RepositoryNames {
  readonly format: FormatId
  readonly namespace?: string
  readonly package: string
}

export interface VersionNames extends PackageNames {
  readonly packageVersion: string
}

/** The caller's own account, for actions that have no resource. */
export function accountTarget(_input: object, scope: TargetScope): Target<AccountId> {
  return { address: callersAccount(scope), resource: '*' }
}

/** Without an owner, the caller's own account is meant. */
export function domainTarget(input: DomainNames, scope: TargetScope): Target<DomainAddress> {
  const address = { owner: input.domainOwner ?? callersAccount(scope), domain: input.domain }
  return { address, resource: domainResource(scope, address) }
}

export function repositoryTarget(input: RepositoryNames, scope: TargetScope): Target<RepositoryAddress> {
  const address = { ...domainTarget(input, scope).address, repository: input.repository }
  return { address, resource: repositoryResource(scope, address) }
}

export function packageTarget(input: PackageNames, scope: TargetScope): Target<PackageAddress> {
  const { address: holder } = repositoryTarget(input, scope)
  const name = packageFromInput(scope.registry, input.format, input.namespace, input.package)
  const domain = { owner: holder.owner, name: holder.domain }
  const resource = packageArn(scope.registry.arns, domain, holder.repository, name)
  return { address: { ...holder, package: name }, resource }
}

export function versionTarget(input: VersionNames, scope: TargetScope): Target<VersionAddress> {
  const { address, resource } = packageTarget(input, scope)
  const version = versionFromInput(scope.registry, address.package.format, input.packageVersion)
  return { address: { ...address, version }, resource }
}

export function domainResource({ registry }: TargetScope, { owner, domain }: DomainAddress): string {
  return domainArn(registry.arns, { owner, name: domain })
}

export function repositoryResource({ registry }: TargetScope, address: RepositoryAddress): string {
  return repositoryArn(registry.arns, { owner: address.owner, name: address.domain }, address.repository)
}

/** Who makes something with tags must be allowed to tag it. */
export function taggingOf(tags: readonly unknown[] | undefined, resource: string): readonly Permission[] {
  return tags === undefined || tags.length === 0 ? [] : [{ action: 'codeartifact:TagResource', resource }]
}

export function callersAccount({ caller }: TargetScope): AccountId {
  return caller.principal.accountId as AccountId
}

export interface PackageGroupNames extends DomainNames {
  readonly packageGroup: string
}

export function packageGroupTarget(input: PackageGroupNames, scope: TargetScope): Target<PackageGroupAddress> {
  const { address } = domainTarget(input, scope)
  return groupTarget({ ...address, pattern: input.packageGroup }, scope)
}

/** Who makes a group with tags must be allowed to tag it. */
export function newPackageGroupTarget(
  input: PackageGroupNames & { readonly tags?: readonly unknown[] },
  scope: TargetScope,
): Target<PackageGroupAddress> {
  const target = packageGroupTarget(input, scope)
  return { ...target, also: taggingOf(input.tags, target.resource) }
}

function groupTarget(address: PackageGroupAddress, { registry }: TargetScope): Target<PackageGroupAddress> {
  const domain = { owner: address.owner, name: address.domain }
  return { address, resource: packageGroupArn(registry.arns, domain, address.pattern) }
}

/** The group that speaks for a package, which need not be there; a refusal names the root of all groups. */
export async function associatedGroupTarget(
  input: Omit<PackageNames, 'repository'>,
  scope: TargetScope,
): Promise<Target<DomainAddress & Pick<PackageAddress, 'package'>>> {
  const { address } = domainTarget(input, scope)
  const name = packageFromInput(scope.registry, input.format, input.namespace, input.package)
  const pattern = await findAssociatedPattern(scope.registry, { ...address, package: name })
  const { resource: namedAs } = groupTarget({ ...address, pattern: ROOT_PATTERN }, scope)
  const { resource } = groupTarget({ ...address, pattern: pattern ?? ROOT_PATTERN }, scope)
  return { address: { ...address, package: name }, resource, namedAs }
}
