import type { Candidate, Hold, PackageGate } from './gate.ts'
import type { VersionStatus } from './model.ts'
import type { ExternalStop, HeldStop, Path } from './resolve.ts'
import type { ViewVersion } from './view.ts'

/** The nearest holder of each version. */
export type Holders = ReadonlyMap<string, HeldStop | ExternalStop>

export interface GovernedVersions {
  readonly versions: readonly ViewVersion[]
  /** When rules may say something else by time alone. Unit: ms since 1970; infinite where they can't. */
  readonly changesAt: number
}

/**
 * What a rule holds is offered to nobody, and whoever names it is told why: an Unlisted version is exactly that, in each
 * format's own way.
 */
export function governVersions(
  gate: PackageGate | undefined,
  holders: Holders,
  versions: readonly ViewVersion[],
): GovernedVersions {
  let changesAt = Number.POSITIVE_INFINITY
  if (!gate) return { versions, changesAt }
  const governed = versions.map((version) => {
    const candidate = candidateOf(holders, version)
    if (!candidate) return version
    const judgement = gate.judge(candidate)
    changesAt = Math.min(changesAt, judgement.changesAt)
    return judgement.holds.length === 0 ? version : hide(version, judgement.holds)
  })
  return { versions: governed, changesAt }
}

/** Undefined for what is not given away whatever rules say. */
export function candidateOf(holders: Holders, version: ViewVersion): Candidate | undefined {
  const stop = holders.get(version.version)
  if (!stop || !isOpen(version.status)) return undefined
  return {
    action: 'read',
    version: version.version,
    holder: stop.node,
    origin: version.origin,
    publishedAt: stop.kind === 'held' ? version.publishedAt : stop.content.versions.get(version.version)?.publishedAt,
    document: version.document,
  }
}

function hide(version: ViewVersion, holds: readonly Hold[]): ViewVersion {
  return { ...version, status: 'Unlisted', holds, heldStatus: version.status }
}

function isOpen(status: VersionStatus): boolean {
  return status === 'Published' || status === 'Unlisted'
}

/**
 * Where a tag points when its version is held: at the highest version below that may be seen, a prerelease only if the
 * tag pointed at one. Undefined where there is none.
 */
export function nextBest({ place }: Path, held: string, versions: readonly ViewVersion[]): string | undefined {
  const { compareVersions, isPrerelease } = place.format.names
  const mayBePrerelease = isPrerelease?.(held) !== false
  const below = versions.filter(({ version, status }) => {
    return status === 'Published' && compareVersions(version, held) < 0 && (mayBePrerelease || !isPrerelease?.(version))
  })
  return below.at(-1)?.version
}
