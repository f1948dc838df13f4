/** Semantic versions, as the formats read them whose numbers have 64 bits. Source: semver.org 2.0.0. */

/** Longest version. Unit: characters. Source: the rule of a public registry of such versions. */
const VERSION_LENGTH_MAX = 150

/** One number of a version, as the source of an expression. */
export const versionNumber = '(?:0|[1-9]\\d{0,19})'
const identifier = `(?:${versionNumber}|\\d*[A-Za-z-][0-9A-Za-z-]*)`

/** What may follow the three numbers. */
export const versionTail = `(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?`

const version = new RegExp(`^(${versionNumber})\\.(${versionNumber})\\.(${versionNumber})${versionTail}$`)

/** Three numbers; a prerelease and build metadata are allowed. */
export function isSemanticVersion(text: string): boolean {
  return text.length <= VERSION_LENGTH_MAX && version.test(text)
}

interface Parts {
  readonly numbers: readonly bigint[]
  /** Empty for a release. */
  readonly prerelease: readonly string[]
  readonly build: string
}

/** Lowest first; build metadata decides last, by its text. What is no version comes before all that are. */
export function compareSemanticVersions(left: string, right: string): number {
  const order = compareSemanticPrecedence(left, right)
  return order || compareTexts(parse(left)?.build ?? '', parse(right)?.build ?? '')
}

/** The same, but 0 for versions that differ only in build metadata. */
export function compareSemanticPrecedence(left: string, right: string): number {
  const [one, other] = [parse(left), parse(right)]
  if (!one || !other) return one ? 1 : other ? -1 : compareTexts(left, right)
  for (const [index, value] of one.numbers.entries()) {
    const against = other.numbers[index] ?? 0n
    if (value !== against) return value < against ? -1 : 1
  }
  return comparePrereleases(one.prerelease, other.prerelease)
}

function parse(text: string): Parts | undefined {
  const [, major, minor, patch, prerelease = '', build = ''] = version.exec(text) ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)]
  return { numbers, prerelease: prerelease === '' ? [] : prerelease.split('.'), build }
}

/** Source: semver.org 2.0.0, section 11: a release is higher than its prereleases, numbers are lower than words. */
function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length
  for (const [index, one] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (one !== other) return compareIdentifiers(one, other)
  }
  return left.length - right.length
}

function compareIdentifiers(left: string, right: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)]
  if (isNumber && isOtherNumber) return BigInt(left) < BigInt(right) ? -1 : 1
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return compareTexts(left, right)
}

function compareTexts(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1
}
