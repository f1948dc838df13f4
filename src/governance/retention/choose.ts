import type { Hold } from '../../registry/holds/hold.ts'
import { versionMatcher } from '../../registry/holds/hold.ts'
import type { VersionOrigin, VersionStatus } from '../../registry/model.ts'
import type { RetentionParameters } from './parameters.ts'

/** A version in a repository, as far as a rule asks. Times are ms since 1970. */
export interface RetainedVersion {
  /** `repository_versions.id` */
  readonly id: string
  readonly contentId: string
  readonly version: string
  readonly status: VersionStatus
  readonly origin: VersionOrigin
  /** By its upstream, or here. */
  readonly publishedAt: number
  /** When it came into the repository. */
  readonly arrivedAt: number
  /** Through whichever repository leads here. */
  readonly lastUsedAt: number | undefined
  readonly isTagged: boolean
  /** `1.0-SNAPSHOT`, of a build of it. */
  readonly snapshot: string | undefined
  /** Its assets change under the same name: what is asked for are its builds. */
  readonly isMutable: boolean
  readonly hold: Hold | undefined
}

/** `delete`: nothing is left, and an upstream may give it again. `dispose`: the record stays, the bytes go. */
export type RemovalAction = 'delete' | 'dispose'

export type Choice =
  /** The rule is not about it. */
  | { readonly kind: 'other' }
  | { readonly kind: 'kept'; readonly by: 'use' | 'age' | 'newest' | 'version' | 'tag' | 'hold' }
  /** `usedAt`: the last use that counts, or its arrival. */
  | { readonly kind: 'goes'; readonly action: RemovalAction; readonly usedAt: number }

/** Says of each version of one package, the newest first, whether it goes. */
export type Chooser = (version: RetainedVersion) => Choice

const DAY_MS = 86_400_000
/** Uses are known to the hour in which they were. */
const USE_PRECISION_MS = 3_600_000

/**
 * The one place where it is decided which versions a rule removes, for the report and for the removal. Pure but for
 * counting what it has kept: one chooser for each package. `now`: when the run began.
 */
export function createChooser(
  parameters: RetentionParameters,
  { now, repository }: { readonly now: number; readonly repository: string },
): Chooser {
  const isMeant = subjectOf(parameters)
  const isKeptVersion = anyMatcher(parameters.keepVersions ?? [])
  const keepsTags = (parameters.tagged ?? 'keep') === 'keep'
  const kept = new Map<string, number>()
  return (version) => {
    if (!isMeant(version)) return { kind: 'other' }
    // Whatever keeps it otherwise, it is one of the newest.
    const line = version.snapshot ?? ''
    const newer = kept.get(line) ?? 0
    kept.set(line, newer + 1)
    if (newer < (parameters.keepNewest ?? 0)) return { kind: 'kept', by: 'newest' }
    if (keepsTags && version.isTagged) return { kind: 'kept', by: 'tag' }
    if (isKeptVersion(version.version)) return { kind: 'kept', by: 'version' }
    if (isYounger(version, parameters, now)) return { kind: 'kept', by: 'age' }
    if (isUsed(version, parameters, now)) return { kind: 'kept', by: 'use' }
    if (version.hold) return { kind: 'kept', by: 'hold' }
    return { kind: 'goes', action: actionFor(version, parameters, repository), usedAt: usedAtOf(version) }
  }
}

function subjectOf(parameters: RetentionParameters): (version: RetainedVersion) => boolean {
  const { origins = 'outside', statuses, versions, keepNewestOf } = parameters
  const isNamed = versions ? anyMatcher(versions) : () => true
  return ({ version, status, origin, snapshot }) =>
    (origins === 'all' || (origin.type === 'EXTERNAL') === (origins === 'outside')) &&
    // What is disposed of has no bytes to give back; its record goes only where the rule asks for it.
    (statuses ? statuses.includes(status) : status !== 'Disposed') &&
    (keepNewestOf !== 'snapshot' || snapshot !== undefined) &&
    isNamed(version)
}

function isYounger(version: RetainedVersion, { olderThanDays }: RetentionParameters, now: number): boolean {
  return olderThanDays !== undefined && standsSince(version) > now - olderThanDays * DAY_MS
}

function isUsed(version: RetainedVersion, { unusedDays }: RetentionParameters, now: number): boolean {
  if (unusedDays === undefined) return false
  return version.isMutable || usedAtOf(version) > now - unusedDays * DAY_MS
}

/** What was published elsewhere is as old as its stay here. */
function standsSince({ origin, publishedAt, arrivedAt }: RetainedVersion): number {
  return origin.type === 'EXTERNAL' ? arrivedAt : Math.max(arrivedAt, publishedAt)
}

function usedAtOf(version: RetainedVersion): number {
  const { lastUsedAt } = version
  return Math.max(standsSince(version), lastUsedAt === undefined ? 0 : lastUsedAt + USE_PRECISION_MS)
}

/** A record that stays hides the same version of upstream repositories: so only where it was published. */
function actionFor(
  { origin, status }: RetainedVersion,
  { own = 'dispose' }: RetentionParameters,
  repository: string,
): RemovalAction {
  const isOwn = origin.type === 'INTERNAL' && origin.entryPoint === repository
  return isOwn && own === 'dispose' && status !== 'Unfinished' && status !== 'Disposed' ? 'dispose' : 'delete'
}

function anyMatcher(patterns: readonly string[]): (version: string) => boolean {
  const matchers = patterns.map(versionMatcher)
  return (version) => matchers.some((matches) => matches(version))
}
