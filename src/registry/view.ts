import type { Hold } from './gate.ts'
import type { OriginRestrictions, VersionOrigin, VersionStatus } from './model.ts'
import type { PackageName } from './names.ts'

/** A package as one repository sees it: own versions first, then what resolution adds, the nearest holder of each. */
export interface PackageView {
  readonly name: PackageName
  /** In the format's order of versions, lowest first; whatever their status. */
  readonly versions: readonly ViewVersion[]
  /** Merged over the search order; only tags whose version is Published. */
  readonly tags: ReadonlyMap<string, string>
  /** When anything in it last changed. Unit: ms. */
  readonly changedAt: number
  /** Undefined when this repository holds no record of the package. */
  readonly restrictions: OriginRestrictions | undefined
  /** What the nearest external connection says of the package as a whole; undefined when none was reached. */
  readonly upstreamDocument: unknown
  /** What every external connection says of it that was reached and says anything, the nearest first. */
  readonly upstreamDocuments: readonly unknown[]
  /** What the repositories along the search order have noted of its name, by key, the nearest first. */
  readonly notes: ReadonlyMap<string, readonly unknown[]>
  /** An upstream could not be asked: this is what it said last. */
  readonly isStale: boolean
}

export interface ViewVersion {
  readonly version: string
  readonly status: VersionStatus
  readonly publishedAt: number
  /** The format's own description, as npm's manifest. Never to be changed. */
  readonly document: unknown
  readonly origin: VersionOrigin
  /** `own`: held by the repository asked; `upstream`: by another repository; `external`: nobody has fetched it yet. */
  readonly holder: 'own' | 'upstream' | 'external'
  /** Of a version that is Unlisted because rules hold it: what it is without them, and why, for a person. */
  readonly held?: { readonly status: VersionStatus; readonly holds: readonly Hold[]; readonly explanation: string }
  /** What is known of its assets without fetching them. */
  readonly assets: readonly ViewAsset[]
}

export interface ViewAsset {
  readonly name: string
  /** False when only an external connection has it. */
  readonly isStored: boolean
  readonly sizeBytes: number | undefined
  /** Lower-case hexadecimal, those that are known. */
  readonly digests: { readonly [algorithm in 'sha512' | 'sha256' | 'sha1' | 'md5']?: string }
}
