/** A version in parts that can be compared; also for the loose ones that old packages have. */
interface VersionParts {
  readonly core: readonly string[]
  /** '' for a release. */
  readonly prerelease: string
}

const pattern = /^[=v\s]*(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.\d+)*-?([^+]*)/

/**
 * Precedence of semantic versions, lowest first; total, and never throws. Written out rather than left to `semver`, as a
 * list of 3,000 versions takes 70,000 parses to sort.
 * Source: semver.org 2.0.0, "Precedence"; loose versions as npm reads them.
 */
export function compareVersions(left: string, right: string): number {
  return comparePrecedence(left, right) || compareText(left, right)
}

/** The same, but 0 for versions that differ only in build metadata or in how they are written. */
export function comparePrecedence(left: string, right: string): number {
  const a = split(left)
  const b = split(right)
  if (!a || !b) return a === b ? compareText(left, right) : a ? 1 : -1
  return (
    compareNumbers(a.core[0], b.core[0]) ||
    compareNumbers(a.core[1], b.core[1]) ||
    compareNumbers(a.core[2], b.core[2]) ||
    comparePrereleases(a.prerelease, b.prerelease)
  )
}

/** Says whether ranges and `latest` pass over the version. */
export function isPrerelease(version: string): boolean {
  return split(version)?.prerelease !== ''
}

function split(version: string): VersionParts | undefined {
  const found = pattern.exec(version)
  if (!found) return undefined
  const [, major = '0', minor = '0', patch = '0', prerelease = ''] = found
  return { core: [major, minor, patch], prerelease }
}

function comparePrereleases(left: string, right: string): number {
  if (left === right) return 0
  if (left === '' || right === '') return left === '' ? 1 : -1
  const a = left.split('.')
  const b = right.split('.')
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i] ?? '', b[i] ?? '')
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareIdentifiers(left: string, right: string): number {
  const isNumber = /^\d+$/.test(left)
  if (isNumber !== /^\d+$/.test(right)) return isNumber ? -1 : 1
  return isNumber ? compareNumbers(left, right) : compareText(left, right)
}

/** By digits, as some versions hold numbers that no number can hold. */
function compareNumbers(left = '0', right = '0'): number {
  if (left === right) return 0
  const a = left.replace(/^0+(?=\d)/, '')
  const b = right.replace(/^0+(?=\d)/, '')
  return a.length - b.length || compareText(a, b)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
