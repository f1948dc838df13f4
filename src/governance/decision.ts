import type { NameRules } from '../registry/names.ts'

export const decisionKinds = ['approved', 'denied', 'break-glass'] as const
export type DecisionKind = (typeof decisionKinds)[number]

/** What somebody decided about versions of one package. */
export interface Decision {
  readonly id: string
  readonly kind: DecisionKind
  /** `*`, one version, or a range as `>=1.2.0 <2.0.0`. */
  readonly versions: string
  /** '' for every repository of the domain. */
  readonly repositoryId: string
  readonly comment: string
  /** Unit: ms since 1970. */
  readonly decidedAt: number
  /** A principal's ARN. */
  readonly decidedBy: string
  /** Unit: ms since 1970. Undefined: for good. */
  readonly expiresAt: number | undefined
}

type Compare = NameRules['compareVersions']

/**
 * The decision that counts for a version: a break-glass before everything; then what names the version itself, before a
 * range, before the whole package; what is said of one repository before what is said of all; of equals the denial, then
 * the latest. Those whose time is over are left out.
 */
export function decisionFor(
  decisions: readonly Decision[],
  version: string,
  now: number,
  compare: Compare,
): Decision | undefined {
  const meant = decisions.filter((decision) => {
    return (decision.expiresAt ?? Number.POSITIVE_INFINITY) > now && includes(decision.versions, version, compare)
  })
  return meant.reduce<Decision | undefined>((best, next) => (best && !isBefore(next, best) ? best : next), undefined)
}

function isBefore(left: Decision, right: Decision): boolean {
  const [one, other] = [weightsOf(left), weightsOf(right)]
  const at = one.findIndex((weight, index) => weight !== other[index])
  return at >= 0 && (one[at] ?? 0) > (other[at] ?? 0)
}

function weightsOf({ kind, versions, repositoryId, decidedAt }: Decision): readonly number[] {
  const precision = versions === '*' ? 0 : isRange(versions) ? 1 : 2
  return [kind === 'break-glass' ? 1 : 0, precision, repositoryId === '' ? 0 : 1, kind === 'denied' ? 1 : 0, decidedAt]
}

/** A range is comparisons that must all hold: `>=1.2.0 <2.0.0`. */
export function isRange(versions: string): boolean {
  return /^[<>=]/.test(versions)
}

/** Whether a version is meant by `*`, by itself or by a range. */
export function includes(versions: string, version: string, compare: Compare): boolean {
  if (versions === '*' || versions === version) return true
  return (
    isRange(versions) && parseRange(versions).every(({ operator, bound }) => holds(operator, compare(version, bound)))
  )
}

/** Comparisons of a range; empty where it is none. */
export function parseRange(text: string): readonly { readonly operator: string; readonly bound: string }[] {
  const parts = text.split(/[\s,]+/).map((part) => /^(<=|>=|<|>|=)([^<>=\s]+)$/.exec(part))
  const known = parts.flatMap((part) => (part ? [{ operator: part[1] ?? '', bound: part[2] ?? '' }] : []))
  return known.length === parts.length ? known : []
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return order === 0
  }
}
