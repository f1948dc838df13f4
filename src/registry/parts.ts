import type { ArnContext } from '../access/arns.ts'
import type { Authorizer } from '../access/authorize.ts'
import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { Locks } from '../storage/locks/locks.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'
import type { KnownAdvisories } from './advisories.ts'
import type { RegistryFormat } from './format.ts'
import type { RegistryCounts } from './counts.ts'
import type { Gates } from './gate.ts'
import type { FormatId } from './names.ts'
import type { UpstreamSource } from './upstream.ts'

/** What the registry is built from. Its functions take this first, and what the caller wants after it. */
export interface RegistryParts {
  readonly metadata: Metadata
  readonly blobs: BlobStore
  readonly locks: Locks
  readonly authorizer: Authorizer
  /** The formats that are served. The service's enum has more names than a build may implement. */
  readonly formats: ReadonlyMap<FormatId, RegistryFormat>
  /** Every external connection that may be associated, by name, and where it points. */
  readonly connections: ReadonlyMap<string, KnownConnection>
  readonly gates: Gates
  readonly advisories: KnownAdvisories
  readonly arns: ArnContext
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomId: () => string
  readonly limits: RegistryLimits
  /** How long after its last asset a version is finished for clients that never do. Unit: ms. Undefined: never. */
  readonly finishQuietMs: number | undefined
  readonly caches: RegistryCaches
  readonly counts: RegistryCounts
}

export interface KnownConnection {
  readonly format: FormatId
  readonly source: UpstreamSource
}

/** How long what an upstream said is believed, and how much of it is kept in memory. */
export interface RegistryCaches {
  /** Rendered indexes. Unit: bytes. */
  readonly indexBytesMax: number
  /** Documents of upstream packages, as they came; parsed they take some times as much. Unit: bytes. */
  readonly upstreamBytesMax: number
  /** How long a name that an upstream does not know is remembered. Unit: ms. */
  readonly missingTtlMs: number
}

/** Source of the defaults: AWS General Reference, "CodeArtifact quotas". */
export interface RegistryLimits {
  /** Unit: bytes. 5 GB in the service. */
  readonly assetBytesMax: number
  readonly assetsPerVersionMax: number
  readonly domainsPerAccountMax: number
  readonly repositoriesPerDomainMax: number
  readonly packageGroupsPerDomainMax: number
  /** Not adjustable in the service. */
  readonly directUpstreamsMax: number
  readonly searchedUpstreamsMax: number
  readonly tagsPerResourceMax: number
}
