import type { NameRules } from './names.ts'

/** Where a range begins or ends to be affected. Source: OSV schema, `affected[].ranges[].events`. */
export interface RangeEvent {
  /** `limit` is a version from which on the range says nothing. */
  readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit'
  /** '0' comes before every version. */
  readonly version: string
}

/** Which versions of a package an advisory is about: those in any of the ranges, and those that are listed. */
export interface AffectedVersions {
  readonly ranges: readonly (readonly RangeEvent[])[]
  readonly versions: readonly string[]
}

type Order = (left: string, right: string) => number

/** How versions are held against ranges: the format's order, in which two spellings of a version are equal. */
function rangeOrder(names: NameRules): Order {
  return names.comparePrecedence ?? names.compareVersions
}

/** Made once for many versions of one package. Total: never throws, whatever the versions are. */
export function createAffectedTest(names: NameRules, affected: AffectedVersions): (version: string) => boolean {
  const order = rangeOrder(names)
  const ranges = affected.ranges.map((events) => openRange(events, order))
  const listed = affected.versions.toSorted(order)
  return (version) => isListed(listed, version, order) || ranges.some((isInside) => isInside(version))
}

/** '0' before every version, also where that is a version itself. */
function withZero(order: Order): Order {
  return (left, right) => {
    if (left === '0' || right === '0') return left === right ? 0 : left === '0' ? -1 : 1
    return order(left, right)
  }
}

/** At one version a fix comes first, as what is introduced again there is affected from there on. */
const turns: Readonly<Record<RangeEvent['kind'], number>> = { fixed: 0, introduced: 1, last_affected: 2, limit: 3 }

/** Source: OSV schema, "Evaluation". */
function openRange(events: readonly RangeEvent[], order: Order): (version: string) => boolean {
  const compare = withZero(order)
  const limits = events.filter(({ kind, version }) => kind === 'limit' && version !== '*')
  const steps = events
    .filter(({ kind }) => kind !== 'limit')
    .toSorted((left, right) => compare(left.version, right.version) || turns[left.kind] - turns[right.kind])
  return (version) => {
    if (limits.length > 0 && !limits.some((limit) => compare(version, limit.version) < 0)) return false
    let isAffected = false
    for (const step of steps) {
      const behind = compare(version, step.version)
      if (step.kind === 'introduced' && behind >= 0) isAffected = true
      if (step.kind === 'fixed' && behind >= 0) isAffected = false
      if (step.kind === 'last_affected' && behind > 0) isAffected = false
    }
    return isAffected
  }
}

function isListed(listed: readonly string[], version: string, order: Order): boolean {
  let [low, high] = [0, listed.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const found = order(listed[middle] ?? '', version)
    if (found === 0) return true
    if (found < 0) low = middle + 1
    else high = middle
  }
  return false
}

/** The versions that end an affected range by a fix, lowest first: what one may go to. */
export function fixedVersions(names: NameRules, { ranges }: AffectedVersions): string[] {
  const fixes = ranges.flat().filter(({ kind }) => kind === 'fixed')
  return [...new Set(fixes.map(({ version }) => version))].toSorted(rangeOrder(names))
}

/** One stretch of affected versions; open at a side without a bound. */
export interface Stretch {
  /** The first affected version; undefined: from the first there is. */
  readonly from: string | undefined
  /** The first version behind, or the last inside. */
  readonly until: { readonly kind: 'before' | 'last'; readonly version: string } | undefined
}

/** Ranges as stretches from lowest to highest, for answers that write ranges as text. A limit ends what is open. */
export function stretchesOf(names: NameRules, events: readonly RangeEvent[]): Stretch[] {
  const compare = withZero(rangeOrder(names))
  const sorted = events
    .filter(({ kind, version }) => kind !== 'limit' || version !== '*')
    .toSorted((left, right) => compare(left.version, right.version) || turns[left.kind] - turns[right.kind])
  const stretches: Stretch[] = []
  let from: string | undefined
  let isOpen = false
  for (const { kind, version } of sorted) {
    if (kind === 'introduced') {
      if (!isOpen) from = version === '0' ? undefined : version
      isOpen = true
    } else if (isOpen) {
      stretches.push({ from, until: { kind: kind === 'last_affected' ? 'last' : 'before', version } })
      isOpen = false
    }
  }
  return isOpen ? [...stretches, { from, until: undefined }] : stretches
}
