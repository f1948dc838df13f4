import { invalid, type RegistryError, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { Plugin, SnapshotBuild } from './facts.ts'
import { METADATA_FILE } from './layout.ts'
import { childOf, elementsOf, parseXml, textOf, textsOf, type XmlElement } from '../xml.ts'

/** Largest list of versions that is read. Unit: bytes. Ours; ten thousand versions are some 500 KB. */
export const METADATA_BYTES_MAX = 16 * 1024 * 1024

/** What a `maven-metadata.xml` says, whatever it is about. Source: Maven, "Repository Metadata Model". */
export interface MavenMetadata {
  readonly groupId: string | undefined
  readonly artifactId: string | undefined
  /** Of a snapshot's list of builds. */
  readonly version: string | undefined
  readonly versions: readonly string[]
  /** UTC, as `20261101120000`. */
  readonly lastUpdated: string | undefined
  /** The newest build of a snapshot. */
  readonly build: SnapshotBuild | undefined
  readonly files: readonly SnapshotFile[]
  /** Of a group of plug-ins. */
  readonly plugins: readonly Plugin[]
}

/** One file of a snapshot, and in which build it came last. */
export interface SnapshotFile {
  readonly classifier: string
  readonly extension: string
  /** `1.0-20261101.120000-3`, or `1.0-SNAPSHOT` for a file without a timestamp. */
  readonly value: string
}

/** Throws `invalid`. */
export function parseMetadata(bytes: Buffer): MavenMetadata {
  if (bytes.length > METADATA_BYTES_MAX) throw refused(`maven-metadata.xml has more than ${METADATA_BYTES_MAX} bytes`)
  const document = parseXml(bytes, 'maven-metadata.xml')
  if (!Object.hasOwn(document, 'metadata')) throw refused('maven-metadata.xml has no <metadata> element')
  const metadata = childOf(document, 'metadata')
  const versioning = childOf(metadata, 'versioning')
  const lastUpdated = textOf(versioning, 'lastUpdated')
  return {
    groupId: textOf(metadata, 'groupId'),
    artifactId: textOf(metadata, 'artifactId'),
    version: textOf(metadata, 'version'),
    versions: textsOf(childOf(versioning, 'versions'), 'version'),
    lastUpdated: lastUpdated !== undefined && /^\d{14}$/.test(lastUpdated) ? lastUpdated : undefined,
    build: readBuild(childOf(versioning, 'snapshot')),
    files: elementsOf(childOf(versioning, 'snapshotVersions'), 'snapshotVersion').flatMap(readFile),
    plugins: elementsOf(childOf(metadata, 'plugins'), 'plugin').flatMap(readPlugin),
  }
}

/** Throws `invalid`. What is left out is not wrong. */
export function checkCoordinates(name: PackageName, { groupId, artifactId }: MavenMetadata): void {
  if ((groupId ?? name.namespace) !== name.namespace) throw wrongCoordinate('groupId', groupId, name.namespace)
  if ((artifactId ?? name.name) !== name.name) throw wrongCoordinate('artifactId', artifactId, name.name)
}

function wrongCoordinate(field: string, value: string | undefined, expected: string): RegistryError {
  return invalid(`${field} of ${METADATA_FILE}`, value ?? '', `must be the one in its address, which is '${expected}'`)
}

function readBuild(snapshot: XmlElement): SnapshotBuild | undefined {
  const [timestamp, buildNumber] = [textOf(snapshot, 'timestamp'), textOf(snapshot, 'buildNumber')]
  if (timestamp === undefined || !/^\d{8}\.\d{6}$/.test(timestamp) || !/^\d{1,9}$/.test(buildNumber ?? ''))
    return undefined
  return { timestamp, buildNumber: Number(buildNumber) }
}

function readFile(element: XmlElement): SnapshotFile[] {
  const [extension, value] = [textOf(element, 'extension'), textOf(element, 'value')]
  if (extension === undefined || value === undefined) return []
  return [{ classifier: textOf(element, 'classifier') ?? '', extension, value }]
}

function readPlugin(element: XmlElement): Plugin[] {
  const [prefix, artifactId, name] = ['prefix', 'artifactId', 'name'].map((field) => textOf(element, field))
  if (prefix === undefined || artifactId === undefined) return []
  return [{ prefix, artifactId, ...(name !== undefined && { name }) }]
}
