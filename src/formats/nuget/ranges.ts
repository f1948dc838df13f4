import { isSemVer2, type NugetVersion, readVersion, renderVersion } from './versions.ts'

/** Which versions a dependency may have. A bound that is absent lets everything through. */
interface VersionRange {
  readonly min?: Bound
  readonly max?: Bound
}

interface Bound {
  readonly version: NugetVersion
  /** As it was written. */
  readonly text: string
  readonly isIncluded: boolean
}

/** Undefined for what NuGet cannot read in a package; `1.*` counts as such. Source: NuGet documentation, "Version ranges". */
function readRange(text: string): VersionRange | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return {}
  const [, open, inside, close] = /^([[(])([^[\]()]*)([\])])$/.exec(trimmed) ?? []
  if (inside === undefined) return boundsOf(trimmed, undefined, { min: true, max: false })
  const parts = inside.split(',')
  const included = { min: open === '[', max: close === ']' }
  if (parts.length > 2) return undefined
  if (parts.length === 1) return parts[0]?.trim() ? boundsOf(inside, inside, included) : undefined
  return boundsOf(parts[0], parts[1], included)
}

function boundsOf(
  min: string | undefined,
  max: string | undefined,
  included: { readonly min: boolean; readonly max: boolean },
): VersionRange | undefined {
  const [low, high] = [readBound(min, included.min), readBound(max, included.max)]
  return low === 'bad' || high === 'bad' ? undefined : { ...(low && { min: low }), ...(high && { max: high }) }
}

function readBound(given: string | undefined, isIncluded: boolean): Bound | 'bad' | undefined {
  const text = given?.trim() ?? ''
  if (text === '') return undefined
  const version = readVersion(text)
  return version ? { version, text, isIncluded } : 'bad'
}

/** In the form that indexes have: `[1.0.0, )`, and `(, )` for any. Undefined for what is no range. */
export function normalizeRange(text: string): string | undefined {
  const range = readRange(text)
  if (!range) return undefined
  const { min, max } = range
  const start = min ? (min.isIncluded ? '[' : '(') + renderVersion(min.version) : '('
  const end = max ? renderVersion(max.version) + (max.isIncluded ? ']' : ')') : ')'
  return `${start}, ${end}`
}

/** Says whether a bound is a version that clients before SemVer 2 cannot read. */
export function hasSemVer2Bound(text: string): boolean {
  const range = readRange(text)
  return [range?.min, range?.max].some((bound) => bound !== undefined && isSemVer2(bound.text))
}
