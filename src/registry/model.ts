import type { AccountId, DomainName, FormatId, PackageName, RepositoryName } from './names.ts'

/** What the registry says of things, in CodeArtifact's words. Times: ms since 1970, UTC. */

export interface Domain {
  readonly id: string
  readonly owner: AccountId
  readonly name: DomainName
  readonly encryptionKey: string
  /** False while the key is disabled or given up: nothing in the domain can be read or written. */
  readonly isKeyUsable: boolean
  readonly repositoryCount: number
  readonly assetSizeBytes: number
  readonly createdAt: number
}

export interface Repository {
  readonly id: string
  readonly domain: Domain
  readonly name: RepositoryName
  readonly administratorAccount: AccountId
  readonly description: string
  /** In order of priority. */
  readonly upstreams: readonly RepositoryName[]
  readonly connections: readonly ExternalConnection[]
  readonly createdAt: number
}

export interface ExternalConnection {
  /** `public:npmjs` */
  readonly name: string
  readonly format: FormatId
}

export type Restriction = 'ALLOW' | 'BLOCK'

export interface OriginRestrictions {
  readonly publish: Restriction
  readonly upstream: Restriction
}

export interface Package {
  readonly id: string
  readonly name: PackageName
  readonly restrictions: OriginRestrictions
}

export const versionStatuses = ['Published', 'Unfinished', 'Unlisted', 'Archived', 'Disposed'] as const
export type VersionStatus = (typeof versionStatuses)[number]

export interface VersionOrigin {
  readonly type: 'INTERNAL' | 'EXTERNAL' | 'UNKNOWN'
  /** The repository's name for INTERNAL, the external connection's for EXTERNAL. */
  readonly entryPoint: string | undefined
}

export interface Dependency {
  readonly namespace?: string
  readonly package: string
  readonly dependencyType?: string
  readonly versionRequirement: string
}

/** What CodeArtifact's operations tell of a version, read from its own metadata. */
export interface VersionFacts {
  readonly displayName?: string
  readonly summary?: string
  readonly homePage?: string
  readonly sourceCodeRepository?: string
  readonly licenses: readonly { readonly name?: string; readonly url?: string }[]
  readonly dependencies: readonly Dependency[]
}

export interface Asset {
  readonly name: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly sha512: string
  readonly sha1: string
  readonly md5: string
}
