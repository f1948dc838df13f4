/** A version as NuGet reads it. Source: NuGet documentation, "Package versioning", and its own library's answers. */
export interface NugetVersion {
  readonly numbers: readonly [number, number, number, number]
  /** Identifiers behind the `-`, in the case they were written in. */
  readonly labels: readonly string[]
  /** Behind the `+`; '' where there is none. */
  readonly metadata: string
}

/** Largest number in a version. Source: NuGet's library, whose numbers have 31 bits. */
const NUMBER_MAX = 2_147_483_647

/** Longest version of a published package. Unit: characters. Source: the public gallery's rule. */
export const VERSION_LENGTH_MAX = 64

/** Undefined for what NuGet cannot read. */
export function readVersion(text: string): NugetVersion | undefined {
  const [, core = '', prerelease, metadata] = /^([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(text.trim()) ?? []
  const numbers = readNumbers(core)
  if (!numbers || text.length > 255) return undefined
  const labels = prerelease === undefined ? [] : prerelease.split('.')
  if (!labels.every((label) => /^(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)$/.test(label))) return undefined
  if (metadata !== undefined && !/^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/.test(metadata)) return undefined
  return { numbers, labels, metadata: metadata ?? '' }
}

/** One to four, with white space around each. */
function readNumbers(core: string): NugetVersion['numbers'] | undefined {
  const parts = core.split('.').map((part) => part.trim())
  if (parts.length > 4 || !parts.every((part) => /^\d{1,20}$/.test(part) && Number(part) <= NUMBER_MAX))
    return undefined
  const [major = 0, minor = 0, patch = 0, revision = 0] = parts.map(Number)
  return [major, minor, patch, revision]
}

/** At least three numbers, no leading zeros, no metadata; the prerelease as it was written. */
export function renderVersion({ numbers, labels }: NugetVersion): string {
  const core = numbers[3] === 0 ? numbers.slice(0, 3) : numbers
  return core.join('.') + (labels.length === 0 ? '' : `-${labels.join('.')}`)
}

/** What is stored, and what stands in addresses: versions that are equal to NuGet have one key. Undefined as `readVersion`. */
export function keyOfVersion(text: string): string | undefined {
  const version = readVersion(text)
  return version && renderVersion(version).toLowerCase()
}

/** Lowest first; what cannot be read stands before all that can. */
export function compareVersions(left: string, right: string): number {
  const [first, second] = [readVersion(left), readVersion(right)]
  if (!first || !second) return first ? 1 : second ? -1 : compareText(left, right)
  for (let i = 0; i < 4; i++) {
    const order = (first.numbers[i] ?? 0) - (second.numbers[i] ?? 0)
    if (order !== 0) return order
  }
  return compareLabels(first.labels, second.labels)
}

/** A release stands behind its prereleases. */
function compareLabels(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return (left.length === 0 ? 1 : 0) - (right.length === 0 ? 1 : 0)
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareLabel(left[i] ?? '', right[i] ?? '')
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** Numbers first, by value; text in any case. */
function compareLabel(left: string, right: string): number {
  const [first, second] = [isNumber(left), isNumber(right)]
  if (first && second) return Number(left) - Number(right)
  if (first !== second) return first ? -1 : 1
  return compareText(left.toUpperCase(), right.toUpperCase())
}

function isNumber(label: string): boolean {
  return /^\d+$/.test(label) && Number(label) <= NUMBER_MAX
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

export function isPrerelease(text: string): boolean {
  return (readVersion(text)?.labels.length ?? 0) > 0
}

/** Says whether clients before SemVer 2 cannot read it. Source: NuGet documentation, "Package versioning", SemVer 2. */
export function isSemVer2(text: string): boolean {
  const version = readVersion(text)
  return version !== undefined && (version.labels.length > 1 || version.metadata !== '')
}
