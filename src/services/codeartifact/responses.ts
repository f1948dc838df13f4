import { domainArn, repositoryArn } from '../../access/arns.ts'
import { epochSeconds } from '../../aws/rest-json.ts'
import type {
  Asset,
  Dependency,
  Domain,
  OriginRestrictions,
  Package,
  Repository,
  VersionOrigin,
} from '../../registry/model.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { RepositorySummary } from '../../registry/repository-lists.ts'
import type { VersionsOutcome } from '../../registry/version-checks.ts'
import type { VersionSummary } from '../../registry/version-rows.ts'
import type { DescribedVersion } from '../../registry/versions.ts'

/** What the registry says, in the shapes of the service model. Members that are undefined are left out. */

type Arns = RegistryParts['arns']

export function domainSummary(arns: Arns, domain: Domain) {
  return {
    name: domain.name,
    owner: domain.owner,
    arn: domainArn(arns, domain),
    status: 'Active',
    createdTime: epochSeconds(domain.createdAt),
    encryptionKey: domain.encryptionKey,
  }
}

export function domainDescription(arns: Arns, domain: Domain) {
  return {
    ...domainSummary(arns, domain),
    repositoryCount: domain.repositoryCount,
    assetSizeBytes: domain.assetSizeBytes,
    // Nothing is there: Terraform keeps it, so that it has to have the form and never change.
    s3BucketArn: `arn:${arns.partition}:s3:::assets-${domain.owner}-${arns.region}`,
  }
}

export function repositorySummary(arns: Arns, repository: RepositorySummary) {
  const { name, domainName, domainOwner, description } = repository
  return {
    name,
    administratorAccount: repository.administratorAccount,
    domainName,
    domainOwner,
    arn: repositoryArn(arns, { owner: domainOwner, name: domainName }, name),
    description: description === '' ? undefined : description,
    createdTime: epochSeconds(repository.createdAt),
  }
}

export function repositoryDescription(arns: Arns, repository: Repository) {
  const { domain } = repository
  return {
    ...repositorySummary(arns, { ...repository, domainName: domain.name, domainOwner: domain.owner }),
    upstreams: repository.upstreams.map((repositoryName) => ({ repositoryName })),
    externalConnections: repository.connections.map(({ name, format }) => ({
      externalConnectionName: name,
      packageFormat: format,
      // Not the `Available` of the model's enum: Terraform compares with what the service sends.
      status: 'AVAILABLE',
    })),
  }
}

export function originConfiguration({ publish, upstream }: OriginRestrictions) {
  return { restrictions: { publish, upstream } }
}

/** The coordinates that most answers about a package repeat. */
export function coordinates({ format, namespace, name }: PackageName) {
  return { format, namespace: namespace === '' ? undefined : namespace, package: name }
}

export function packageSummary({ name, restrictions }: Package) {
  return { ...coordinates(name), originConfiguration: originConfiguration(restrictions) }
}

/** The one shape that says `name` instead of `package`. */
export function packageDescription({ name, restrictions }: Package) {
  const { package: bareName, ...rest } = coordinates(name)
  return { ...rest, name: bareName, originConfiguration: originConfiguration(restrictions) }
}

function versionOrigin({ type, entryPoint }: VersionOrigin) {
  const domainEntryPoint = {
    INTERNAL: { repositoryName: entryPoint },
    EXTERNAL: { externalConnectionName: entryPoint },
    UNKNOWN: undefined,
  }
  return { domainEntryPoint: domainEntryPoint[type], originType: type }
}

/** Says `packageName` and `revision`, where the lists say `package` and `versionRevision`. */
export function versionDescription(name: PackageName, version: DescribedVersion) {
  const { facts } = version
  const { package: packageName, ...rest } = coordinates(name)
  return {
    ...rest,
    packageName,
    displayName: facts.displayName,
    version: version.version,
    summary: facts.summary,
    homePage: facts.homePage,
    sourceCodeRepository: facts.sourceCodeRepository,
    publishedTime: epochSeconds(version.publishedAt),
    licenses: facts.licenses.map(({ name: licence, url }) => ({ name: licence, url })),
    revision: version.revision,
    status: version.status,
    origin: versionOrigin(version.origin),
  }
}

export function versionSummary({ version, revision, status, origin }: VersionSummary) {
  return { version, revision, status, origin: versionOrigin(origin) }
}

export function dependencySummary({ namespace, package: name, dependencyType, versionRequirement }: Dependency) {
  return { namespace, package: name, dependencyType, versionRequirement }
}

export function assetSummary(asset: Asset) {
  const { md5, sha1, sha256, sha512 } = asset
  const hashes = { MD5: md5, 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-512': sha512 }
  return { name: asset.name, size: asset.sizeBytes, hashes }
}

/** Both maps are always there. */
export function versionsOutcome({ successful, failed }: VersionsOutcome) {
  const failures = [...failed].map(
    ([version, { code, message }]) => [version, { errorCode: code, errorMessage: message }] as const,
  )
  return { successfulVersions: Object.fromEntries(successful), failedVersions: Object.fromEntries(failures) }
}
