import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'

/** Checksum files stand beside every other. Source: Maven repository layout. */
export const checksumAlgorithms = ['sha512', 'sha256', 'sha1', 'md5'] as const
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]

/** What an address below a repository's endpoint names; `checksum`: that of it, not itself. */
export type MavenPath = AssetPath | MetadataPath

export interface AssetPath {
  readonly kind: 'asset'
  readonly name: PackageName
  /** The version that the file belongs to: for a file with a timestamp that build, whichever folder it stands in. */
  readonly version: string
  /** `1.0-SNAPSHOT` where the file stands in such a folder. */
  readonly snapshot: string | undefined
  readonly file: string
  readonly checksum: ChecksumAlgorithm | undefined
}

/** A folder's `maven-metadata.xml`. A folder can be a package and a group of plugins at once, so both have one name. */
export interface MetadataPath {
  readonly kind: 'metadata'
  readonly name: PackageName
  /** `1.0-SNAPSHOT` for the list of its builds; else the list of the package's versions. */
  readonly snapshot: string | undefined
  readonly checksum: ChecksumAlgorithm | undefined
}

export const METADATA_FILE = 'maven-metadata.xml'

/** Source: Maven, `DefaultArtifact`: the form of a version whose snapshot has a timestamp. */
const buildPattern = /^(.*)-(\d{8}\.\d{6})-(\d{1,9})$/

/** The snapshot `1.0-SNAPSHOT` that `1.0-20261101.120000-3` is a build of; undefined for every other version. */
export function snapshotOf(version: string): string | undefined {
  const base = buildPattern.exec(version)?.[1]
  return base === undefined ? undefined : `${base}-SNAPSHOT`
}

export function buildOf(version: string): { readonly timestamp: string; readonly buildNumber: number } | undefined {
  const [, , timestamp, buildNumber] = buildPattern.exec(version) ?? []
  return timestamp === undefined ? undefined : { timestamp, buildNumber: Number(buildNumber) }
}

export function isSnapshot(version: string): boolean {
  return version.endsWith('-SNAPSHOT')
}

/** Reads a path that starts with `/` and is still percent-encoded. Throws `invalid` on what the layout has no place for. */
export function parsePath(path: string): MavenPath {
  const segments = path
    .slice(1)
    .split('/')
    .map((segment) => parseSegment(segment, path))
  const last = segments.at(-1) ?? ''
  const checksum = checksumAlgorithms.find((algorithm) => last.endsWith(`.${algorithm}`))
  const file = checksum ? last.slice(0, -checksum.length - 1) : last
  const folders = segments.slice(0, -1)
  return file === METADATA_FILE ? metadataPath(folders, checksum, path) : assetPath(folders, file, checksum, path)
}

function parseSegment(segment: string, path: string): string {
  const text = decode(segment, path)
  const isName = /^[^/\\\s#:\p{C}]{1,255}$/u.test(text) && text !== '.' && text !== '..'
  if (isName) return text
  throw misplaced(
    path,
    'its parts must be 1 to 255 characters, and none may be "." or "..", or hold white space or "#"',
  )
}

function decode(segment: string, path: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw misplaced(path, 'it is not valid percent-encoded UTF-8', cause)
  }
}

function metadataPath(folders: readonly string[], checksum: ChecksumAlgorithm | undefined, path: string): MetadataPath {
  const last = folders.at(-1)
  const snapshot = last !== undefined && isSnapshot(last) && folders.length > 2 ? last : undefined
  const name = nameOf(snapshot === undefined ? folders : folders.slice(0, -1), path)
  return { kind: 'metadata', name, snapshot, checksum }
}

function assetPath(
  folders: readonly string[],
  file: string,
  checksum: ChecksumAlgorithm | undefined,
  path: string,
): AssetPath {
  const folder = folders.at(-1)
  if (folder === undefined || folders.length < 3) throw misplaced(path, FORM)
  const name = nameOf(folders.slice(0, -1), path)
  const prefix = `${name.name}-`
  const version = file.startsWith(prefix) ? versionOf(file.slice(prefix.length), folder) : undefined
  if (version === undefined) throw misplaced(path, `${FORM}, so the file must start with '${prefix}${folder}'`)
  return { kind: 'asset', name, version, snapshot: isSnapshot(folder) ? folder : undefined, file, checksum }
}

const FORM = 'an address has the form group/artifact/version/artifact-version[-classifier].extension'

/** The version at the start of what follows the artifact's name: the folder's own, or a build of it. */
function versionOf(rest: string, folder: string): string | undefined {
  if (startsAs(rest, folder)) return folder
  if (!isSnapshot(folder)) return undefined
  const base = folder.slice(0, -'SNAPSHOT'.length)
  const stamp = rest.startsWith(base) ? /^\d{8}\.\d{6}-\d{1,9}/.exec(rest.slice(base.length))?.[0] : undefined
  return stamp !== undefined && startsAs(rest, base + stamp) ? base + stamp : undefined
}

function startsAs(rest: string, version: string): boolean {
  const next = rest.charAt(version.length)
  return rest.startsWith(version) && (next === '.' || next === '-') && rest.length > version.length + 1
}

/** A group whose name has one part only still has a folder of its own. */
function nameOf(folders: readonly string[], path: string): PackageName {
  const groups = folders.slice(0, -1)
  const name = folders.at(-1)
  if (name === undefined) throw misplaced(path, FORM)
  if (groups.some((part) => part.includes('.')))
    throw misplaced(path, 'a group stands as one folder for each of its parts')
  return { format: 'maven', namespace: groups.join('.'), name }
}

function misplaced(path: string, why: string, cause?: unknown): RegistryError {
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path
  return new RegistryError('invalid', `there is no place for '${shown}' in a Maven repository: ${why}`, {
    cause,
    reason: 'FIELD_VALIDATION_FAILED',
  })
}

/** The folder of a group, named as a package would be that had the same. */
export function groupFolder(groupId: string): PackageName {
  const parts = groupId.split('.')
  return { format: 'maven', namespace: parts.slice(0, -1).join('.'), name: parts.at(-1) ?? '' }
}

/** Extensions that hold a dot, or that end a name whose classifier does. Source: Maven, Gradle and signing plugins. */
const knownExtensions = [
  'tar.gz',
  'tar.bz2',
  'tar.xz',
  'tar.zst',
  'cyclonedx.json',
  'spdx.json',
  'jar',
  'pom',
  'war',
  'ear',
  'rar',
  'aar',
  'zip',
  'module',
  'klib',
  'json',
  'xml',
  'toml',
  'exe',
  'so',
  'dll',
  'nbm',
  'hpi',
  'tgz',
]

/** Signatures are assets of their own, whose extension is that of what they sign and their own. */
const signatures = ['.asc', '.sigstore.json', '.sigstore', '.sig']

/** Classifier ('' for none) and extension of a file of this version. */
export function splitFile(name: string, version: string, file: string): { classifier: string; extension: string } {
  const rest = file.slice(name.length + 1 + version.length)
  const signature = signatures.find((suffix) => rest.endsWith(suffix)) ?? ''
  const signed = rest.slice(0, rest.length - signature.length)
  if (!signed.startsWith('-')) return { classifier: '', extension: rest.slice(1) }
  const known = knownExtensions.find((extension) => signed.endsWith(`.${extension}`))
  const dot = known === undefined ? signed.indexOf('.') : signed.length - known.length - 1
  if (dot < 0) return { classifier: rest.slice(1), extension: '' }
  return { classifier: signed.slice(1, dot), extension: signed.slice(dot + 1) + signature }
}

/** The main POM of a version, whose coordinates its name repeats. */
export function pomFile(name: string, version: string): string {
  return `${name}-${version}.pom`
}

/** Where a file of a version stands, percent-encoded, without a slash before it. */
export function assetAddress(name: PackageName, version: string, file: string): string {
  return [...folderOf(name), version, file].map(encodeURIComponent).join('/')
}

export function metadataAddress(name: PackageName): string {
  return [...folderOf(name), METADATA_FILE].map(encodeURIComponent).join('/')
}

function folderOf({ namespace, name }: PackageName): string[] {
  return [...namespace.split('.').filter((part) => part !== ''), name]
}
