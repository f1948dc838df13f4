/** Longest version. Unit: characters. Source: the public registry's rule. */
const VERSION_LENGTH_MAX = 150

const number = '(?:0|[1-9]\\d{0,19})'
const identifier = `(?:${number}|\\d*[A-Za-z-][0-9A-Za-z-]*)`
const tail = `(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?`

/** Source: semver.org 2.0.0; Cargo keeps its numbers in 64 bits. */
const version = new RegExp(`^(${number})\\.(${number})\\.(${number})${tail}$`)

/** One comparator of a requirement. Source: The Cargo Book, "Specifying Dependencies". */
const comparator = new RegExp(
  `^\\s*(?:(?:\\^|~|=|<=?|>=?)?\\s*${number}(?:\\.(?:[*xX]|${number})(?:\\.(?:[*xX]|${number}${tail}))?)?|[*xX])\\s*$`,
)

/** A version as Cargo takes it: semantic, three numbers, build metadata allowed. */
export function isVersion(text: string): boolean {
  return text.length <= VERSION_LENGTH_MAX && version.test(text)
}

/** `^1.2, <3`; `*` alone; `1.*`. */
export function isRequirement(text: string): boolean {
  if (text.length > VERSION_LENGTH_MAX * 10) return false
  return text.split(',').every((part) => comparator.test(part))
}

/** What makes a version unique in an index: all but its build metadata. */
export function releaseOf(text: string): string {
  const plus = text.indexOf('+')
  return plus < 0 ? text : text.slice(0, plus)
}

interface Parts {
  readonly numbers: readonly bigint[]
  /** Empty for a release. */
  readonly prerelease: readonly string[]
  readonly build: string
}

/** Lowest first; build metadata decides last, by its text. What is no version comes before all that are. */
export function compareVersions(left: string, right: string): number {
  const [one, other] = [parse(left), parse(right)]
  if (!one || !other) return one ? 1 : other ? -1 : compareTexts(left, right)
  for (const [index, value] of one.numbers.entries()) {
    const against = other.numbers[index] ?? 0n
    if (value !== against) return value < against ? -1 : 1
  }
  return comparePrereleases(one.prerelease, other.prerelease) || compareTexts(one.build, other.build)
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
