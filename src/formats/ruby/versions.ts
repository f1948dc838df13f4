/** Longest version that is looked at. Unit: characters. Source: CodeArtifact service model, `PackageVersion`. */
const VERSION_LENGTH_MAX = 255

type Segment = bigint | string

/** A version with a letter comes before its release. Source: rubygems lib/rubygems/version.rb. */
export function isPrerelease(version: string): boolean {
  return /[A-Za-z-]/.test(version)
}

/** Lowest first; what is no version sorts below all that are, and by its text. Never throws. */
export function compareVersions(left: string, right: string): number {
  return comparePrecedence(left, right) || compareText(left, right)
}

/** The same, but 0 for two spellings of one version. */
export function comparePrecedence(left: string, right: string): number {
  if (left === right) return 0
  const [one, other] = [segmentsOf(left), segmentsOf(right)]
  if (!one || !other) return one ? 1 : other ? -1 : compareText(left, right)
  const length = Math.max(one.length, other.length)
  for (let i = 0; i < length; i++) {
    const order = compareSegments(one[i] ?? 0n, other[i] ?? 0n)
    if (order !== 0) return order
  }
  return 0
}

/** `1.0` and `1.0.0` are one version. */
export function isSameVersion(left: string, right: string): boolean {
  if (left === right) return true
  const [one, other] = [segmentsOf(left), segmentsOf(right)]
  return one !== undefined && other !== undefined && one.join('.') === other.join('.')
}

/** Numbers and words by turns, without zeros that say nothing. */
function segmentsOf(version: string): Segment[] | undefined {
  if (version.length > VERSION_LENGTH_MAX || !/^[0-9][0-9A-Za-z.-]*$/.test(version)) return undefined
  const parts = version.replaceAll('-', '.pre.').match(/[0-9]+|[A-Za-z]+/g) ?? []
  const segments = parts.map((part): Segment => (/^[0-9]/.test(part) ? BigInt(part) : part))
  const firstWord = segments.findIndex((segment) => typeof segment === 'string')
  const head = firstWord < 0 ? segments : segments.slice(0, firstWord)
  return [...withoutZeros(head), ...withoutZeros(firstWord < 0 ? [] : segments.slice(firstWord))]
}

function withoutZeros(segments: readonly Segment[]): readonly Segment[] {
  const last = segments.findLastIndex((segment) => segment !== 0n)
  return segments.slice(0, last + 1)
}

/** A number is more than any word. */
function compareSegments(left: Segment, right: Segment): number {
  if (typeof left !== typeof right) return typeof left === 'bigint' ? 1 : -1
  return left < right ? -1 : left > right ? 1 : 0
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
