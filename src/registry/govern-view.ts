import type { Candidate, Hold, PackageGate } from './gate.ts'
import { explainHolds } from './held.ts'
import type { VersionStatus } from './model.ts'
import type { RegistryParts } from './parts.ts'
import type { ExternalStop, HeldStop, Path } from './resolve.ts'
import { learnDates } from './version-dates.ts'
import type { ViewVersion } from './view.ts'

/** Where the nearest holder of each version is, and when the version was published, if anybody says so. */
export type Holders = ReadonlyMap<string, Holder>

export interface Holder {
  readonly stop: HeldStop | ExternalStop
  /** Unit: ms since 1970. */
  readonly publishedAt: number | undefined
}

/** With what upstreams have to be asked for, where a rule depends on it. */
export async function dateHolders(
  parts: RegistryParts,
  path: Path,
  gate: PackageGate,
  holders: Holders,
): Promise<Holders> {
  if (!gate.wantsDates) return holders
  const undated = [...holders].flatMap(([version, { stop, publishedAt }]) => {
    return publishedAt === undefined && stop.kind === 'external' ? [{ version, stop }] : []
  })
  const dated = new Map(holders)
  for (const [stop, some] of Map.groupBy(undated, (one) => one.stop)) {
    const dates = await learnDates(parts, path.place, stop, path.name)
    for (const { version } of some) dated.set(version, { stop, publishedAt: dates.get(version) })
  }
  return dated
}

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
  shownName: string,
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
    return judgement.holds.length === 0 ? version : hide(shownName, version, judgement.holds)
  })
  return { versions: governed, changesAt }
}

/** Undefined for what is not given away whatever rules say. */
export function candidateOf(holders: Holders, version: ViewVersion): Candidate | undefined {
  const holder = holders.get(version.version)
  if (!holder || !isOpen(version.status)) return undefined
  return {
    action: 'read',
    version: version.version,
    holder: holder.stop.node,
    origin: version.origin,
    publishedAt: holder.publishedAt,
    document: version.document,
  }
}

function hide(shownName: string, version: ViewVersion, holds: readonly Hold[]): ViewVersion {
  const explanation = explainHolds(shownName, version.version, holds)
  return { ...version, status: 'Unlisted', held: { status: version.status, holds, explanation } }
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
