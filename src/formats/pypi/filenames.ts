import { normalizeName } from './names.ts'
import { canonicalVersion } from './versions.ts'

/** What a distribution's file name says. Source: PyPA specifications, "Binary distribution format", "Source distribution file name". */
export interface ParsedFilename {
  readonly kind: 'wheel' | 'sdist' | 'other'
  /** As it is spelt. */
  readonly version: string
}

/** Suffixes of source distributions, old ones included. */
const sdistSuffixes = ['.tar.gz', '.zip', '.tar.bz2', '.tgz', '.tar.xz', '.tar.Z', '.tar', '.tbz']

/** What clients do not install, and an index may list. */
const otherSuffixes = ['.egg', '.exe', '.msi', '.rpm', '.deb', '.dmg']

/** Longest file name. Unit: bytes. Source: file systems' own limit. */
const FILENAME_BYTES_MAX = 255

/** Can be written to a disk and into an address. */
export function isSafeFilename(filename: string): boolean {
  const isPlain = /^[^/\\\p{C}]+$/u.test(filename) && filename !== '.' && filename !== '..'
  return isPlain && Buffer.byteLength(filename) <= FILENAME_BYTES_MAX
}

/**
 * Reads the name of a file of `project`; undefined when it is no file of it. `versions` are the versions that are known to
 * exist: they decide where a name can be read in more than one way.
 */
export function parseFilename(
  filename: string,
  project: string,
  versions: readonly string[] = [],
): ParsedFilename | undefined {
  if (!isSafeFilename(filename)) return undefined
  if (filename.endsWith('.whl')) return parseWheel(filename, project)
  const sdist = sdistSuffixes.find((suffix) => filename.endsWith(suffix))
  const suffix = sdist ?? otherSuffixes.find((known) => filename.endsWith(known))
  if (suffix === undefined) return undefined
  const rest = afterProject(filename.slice(0, -suffix.length), project)
  const isRead = sdist !== undefined && rest.find((text) => canonicalVersion(text) !== undefined)
  if (isRead) return { kind: 'sdist', version: isRead }
  const version = knownVersion(rest, versions) ?? rest[0]?.split('-')[0]
  return version === undefined || version === '' ? undefined : { kind: 'other', version }
}

/** Five parts, six with a build number; drafts of the standard add a seventh. */
function parseWheel(filename: string, project: string): ParsedFilename | undefined {
  const [name = '', version = '', ...tags] = filename.slice(0, -'.whl'.length).split('-')
  if (tags.length < 3 || normalizeName(name) !== project || version === '') return undefined
  return { kind: 'wheel', version: unescapeVersion(version) }
}

/** A wheel's name has `_` for every `-` of the version; `+` stands for itself. */
function unescapeVersion(text: string): string {
  return canonicalVersion(text) === undefined ? text.replaceAll('_', '-') : text
}

/** What may follow the project's name, which may itself hold dashes. */
function afterProject(stem: string, project: string): string[] {
  const found: string[] = []
  for (let at = stem.indexOf('-'); at >= 0; at = stem.indexOf('-', at + 1)) {
    if (normalizeName(stem.slice(0, at)) === project) found.push(stem.slice(at + 1))
  }
  return found
}

/** As in `1.0.linux-x86_64`, where only a list of versions can tell. */
function knownVersion(rest: readonly string[], versions: readonly string[]): string | undefined {
  const spelled = versions.filter((version) =>
    rest.some((text) => text.startsWith(version) && /^(?:$|[-.])/.test(text.slice(version.length))),
  )
  return spelled.sort((left, right) => right.length - left.length)[0]
}

/** Python tags of a wheel: the third part from the end, where a set is joined by dots. */
export function isWheelName(filename: string): boolean {
  return /^[^-]+-[^-]+(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/.test(filename)
}
