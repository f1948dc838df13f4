import type { VersionStatus } from '../../registry/model.ts'

/** What a rule of kind `retention` says. A version goes when everything that chooses means it and nothing keeps it. */
export interface RetentionParameters {
  /** Where they came from: through an external connection, by a publish in this domain. `outside` unless said. */
  readonly origins?: 'outside' | 'inside' | 'all'
  /** Only packages that one of these patterns of package groups takes in, and none that one of the others does. */
  readonly only?: readonly string[]
  readonly except?: readonly string[]
  readonly statuses?: readonly VersionStatus[]
  /** `*` stands for any text. */
  readonly versions?: readonly string[]
  /** Nobody asked for an asset of it for so long, nor came it here since. */
  readonly unusedDays?: number
  /** It stands here for so long. */
  readonly olderThanDays?: number

  /** Of all that the rule is about, by the time of their publishing. */
  readonly keepNewest?: number
  /** `snapshot`: the rule is about builds of snapshots, and so many of each are kept. `package` unless said. */
  readonly keepNewestOf?: 'package' | 'snapshot'
  /** `*` stands for any text. */
  readonly keepVersions?: readonly string[]
  /** Versions that a tag points at stay unless said. */
  readonly tagged?: 'keep' | 'remove'

  /** What becomes of versions where they were published: their record stays, so that nobody reuses the number, or nothing. */
  readonly own?: 'dispose' | 'delete'
  /** Of a repository's versions: removing more waits until somebody confirms it. */
  readonly confirmAbovePercent?: number
}

/** Ours. Unit: percent of the versions of a repository. */
export const CONFIRM_ABOVE_PERCENT = 50
