/**
 * The operations of CodeArtifact that the console uses, as they are on the wire. Times are seconds since 1970.
 * Source: CodeArtifact service model, API version 2018-09-22.
 */
export interface CodeArtifact {
  ListDomains: Operation<Paged, Page & { domains: DomainSummary[] }>
  CreateDomain: Operation<{ domain: string; encryptionKey?: string; tags?: Tag[] }, { domain: DomainDescription }>
  DescribeDomain: Operation<InDomain, { domain: DomainDescription }>
  DeleteDomain: Operation<InDomain, { domain?: DomainDescription }>
  ListRepositoriesInDomain: Operation<
    InDomain & Paged & { repositoryPrefix?: string },
    Page & { repositories: RepositorySummary[] }
  >
  GetDomainPermissionsPolicy: Operation<InDomain, { policy: ResourcePolicy }>
  PutDomainPermissionsPolicy: Operation<InDomain & PolicyChange, { policy: ResourcePolicy }>
  DeleteDomainPermissionsPolicy: Operation<InDomain & { policyRevision?: string }, { policy: ResourcePolicy }>

  CreateRepository: Operation<
    InRepository & { description?: string; upstreams?: UpstreamRepository[]; tags?: Tag[] },
    { repository: RepositoryDescription }
  >
  DescribeRepository: Operation<InRepository, { repository: RepositoryDescription }>
  UpdateRepository: Operation<
    InRepository & { description?: string; upstreams?: UpstreamRepository[] },
    { repository: RepositoryDescription }
  >
  DeleteRepository: Operation<InRepository, { repository?: RepositoryDescription }>
  AssociateExternalConnection: Operation<
    InRepository & { externalConnection: string },
    { repository: RepositoryDescription }
  >
  DisassociateExternalConnection: Operation<
    InRepository & { externalConnection: string },
    { repository: RepositoryDescription }
  >
  GetRepositoryPermissionsPolicy: Operation<InRepository, { policy: ResourcePolicy }>
  PutRepositoryPermissionsPolicy: Operation<InRepository & PolicyChange, { policy: ResourcePolicy }>
  DeleteRepositoryPermissionsPolicy: Operation<InRepository & { policyRevision?: string }, { policy: ResourcePolicy }>

  ListPackages: Operation<
    InRepository & Paged & { format?: string; namespace?: string; packagePrefix?: string },
    Page & { packages: PackageSummary[] }
  >
  DescribePackage: Operation<OfPackage, { package: PackageDescription }>
  DeletePackage: Operation<OfPackage, { deletedPackage: PackageSummary }>
  PutPackageOriginConfiguration: Operation<
    OfPackage & { restrictions: OriginRestrictions },
    { originConfiguration: { restrictions: OriginRestrictions } }
  >

  ListPackageVersions: Operation<
    OfPackage & Paged & { status?: VersionStatus; sortBy?: 'PUBLISHED_TIME' },
    Page & { defaultDisplayVersion?: string; versions: VersionSummary[] }
  >
  DescribePackageVersion: Operation<OfVersion, { packageVersion: VersionDescription }>
  GetPackageVersionReadme: Operation<OfVersion, { readme: string; versionRevision: string }>
  ListPackageVersionDependencies: Operation<
    OfVersion & { nextToken?: string },
    Page & { dependencies: DependencySummary[] }
  >
  ListPackageVersionAssets: Operation<OfVersion & Paged, Page & { assets: AssetSummary[] }>
  CopyPackageVersions: Operation<
    InDomain &
      Omit<OfPackage, 'repository'> & {
        sourceRepository: string
        destinationRepository: string
        versions: string[]
        allowOverwrite?: boolean
        includeFromUpstream?: boolean
      },
    VersionsOutcome
  >
  DeletePackageVersions: Operation<OfPackage & { versions: string[] }, VersionsOutcome>
  DisposePackageVersions: Operation<OfPackage & { versions: string[] }, VersionsOutcome>
  UpdatePackageVersionsStatus: Operation<
    OfPackage & { versions: string[]; targetStatus: VersionStatus },
    VersionsOutcome
  >

  CreatePackageGroup: Operation<
    InDomain & { packageGroup: string; contactInfo?: string; description?: string },
    { packageGroup: PackageGroup }
  >
  DescribePackageGroup: Operation<OfGroup, { packageGroup: PackageGroup }>
  UpdatePackageGroup: Operation<
    OfGroup & { contactInfo?: string; description?: string },
    { packageGroup: PackageGroup }
  >
  DeletePackageGroup: Operation<OfGroup, { packageGroup: PackageGroup }>
  UpdatePackageGroupOriginConfiguration: Operation<
    OfGroup & {
      restrictions?: Partial<Record<GroupRestriction, GroupMode>>
      addAllowedRepositories?: AllowedRepository[]
      removeAllowedRepositories?: AllowedRepository[]
    },
    { packageGroup: PackageGroup }
  >
  ListPackageGroups: Operation<InDomain & Paged & { prefix?: string }, Page & { packageGroups: PackageGroup[] }>
  ListAllowedRepositoriesForGroup: Operation<
    OfGroup & Paged & { originRestrictionType: GroupRestriction },
    Page & { allowedRepositories: string[] }
  >
  ListAssociatedPackages: Operation<OfGroup & Paged & { preview?: boolean }, Page & { packages: AssociatedPackage[] }>
  GetAssociatedPackageGroup: Operation<
    InDomain & { format: string; namespace?: string; package: string },
    { packageGroup: PackageGroup; associationType: 'STRONG' | 'WEAK' }
  >

  ListTagsForResource: Operation<{ resourceArn: string }, { tags: Tag[] }>
  TagResource: Operation<{ resourceArn: string; tags: Tag[] }, object>
  UntagResource: Operation<{ resourceArn: string; tagKeys: string[] }, object>
}

interface Operation<Input, Output> {
  input: Input
  output: Output
}

export interface Paged {
  maxResults?: number
  nextToken?: string
}

export interface Page {
  nextToken?: string
}

export interface InDomain {
  domain: string
  domainOwner: string
}

export interface InRepository extends InDomain {
  repository: string
}

export interface OfPackage extends InRepository {
  format: string
  namespace?: string
  package: string
}

export interface OfVersion extends OfPackage {
  packageVersion: string
}

interface OfGroup extends InDomain {
  packageGroup: string
}

interface PolicyChange {
  policyDocument: string
  policyRevision?: string
}

export interface Tag {
  key: string
  value: string
}

export interface DomainSummary {
  name: string
  owner: string
  arn: string
  createdTime: number
  encryptionKey?: string
}

export interface DomainDescription extends DomainSummary {
  repositoryCount: number
  /** Unit: bytes. */
  assetSizeBytes: number
}

export interface RepositorySummary {
  name: string
  administratorAccount: string
  domainName: string
  domainOwner: string
  arn: string
  description?: string
  createdTime: number
}

export interface UpstreamRepository {
  repositoryName: string
}

export interface ExternalConnection {
  externalConnectionName: string
  packageFormat: string
}

export interface RepositoryDescription extends RepositorySummary {
  upstreams: UpstreamRepository[]
  externalConnections: ExternalConnection[]
}

export interface ResourcePolicy {
  resourceArn: string
  revision: string
  document: string
}

export type Restriction = 'ALLOW' | 'BLOCK'

export interface OriginRestrictions {
  publish: Restriction
  upstream: Restriction
}

export interface PackageSummary {
  format: string
  namespace?: string
  package: string
  originConfiguration: { restrictions: OriginRestrictions }
}

export interface PackageDescription {
  format: string
  namespace?: string
  name: string
  originConfiguration: { restrictions: OriginRestrictions }
}

export type VersionStatus = 'Published' | 'Unfinished' | 'Unlisted' | 'Archived' | 'Disposed' | 'Deleted'

export interface VersionOrigin {
  originType: 'INTERNAL' | 'EXTERNAL' | 'UNKNOWN'
  domainEntryPoint?: { repositoryName?: string; externalConnectionName?: string }
}

export interface VersionSummary {
  version: string
  revision: string
  status: VersionStatus
  origin: VersionOrigin
}

export interface VersionDescription extends VersionSummary {
  format: string
  namespace?: string
  packageName: string
  displayName: string
  summary?: string
  homePage?: string
  sourceCodeRepository?: string
  publishedTime: number
  licenses: { name: string; url?: string }[]
}

export interface DependencySummary {
  namespace?: string
  package: string
  dependencyType: string
  versionRequirement: string
}

export interface AssetSummary {
  name: string
  /** Unit: bytes. */
  size: number
  hashes: Record<string, string>
}

export interface VersionsOutcome {
  successfulVersions: Record<string, { revision: string; status: VersionStatus }>
  failedVersions: Record<string, { errorCode: string; errorMessage: string }>
}

export type GroupRestriction = 'PUBLISH' | 'EXTERNAL_UPSTREAM' | 'INTERNAL_UPSTREAM'

export type GroupMode = 'ALLOW' | 'ALLOW_SPECIFIC_REPOSITORIES' | 'BLOCK' | 'INHERIT'

export interface AllowedRepository {
  repositoryName: string
  originRestrictionType: GroupRestriction
}

export interface PackageGroup {
  arn: string
  pattern: string
  createdTime: number
  contactInfo?: string
  description?: string
  originConfiguration: {
    restrictions: Record<
      GroupRestriction,
      {
        mode: GroupMode
        effectiveMode: GroupMode
        inheritedFrom?: { pattern: string }
        repositoriesCount: number
      }
    >
  }
  parent?: { pattern: string }
}

export interface AssociatedPackage {
  format: string
  namespace?: string
  package: string
  associationType: 'STRONG' | 'WEAK'
}
