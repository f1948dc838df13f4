import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import { documentOf, type Plugin, type SnapshotBuild } from './facts.ts'
import { buildOf, isSnapshot, snapshotOf, splitFile } from './layout.ts'
import type { SnapshotFile } from './metadata.ts'
import { showPackage } from './names.ts'
import { escapeXml } from '../xml.ts'

/** The key under which a group's plug-ins are noted, in the folder of the group. */
export const PLUGINS_NOTE = 'plugins'

const XML_TYPE = 'application/xml'

/** What is kept of an upstream's document of a package, or of a group. */
export interface UpstreamSummary {
  readonly lastUpdated?: string
  readonly plugins?: readonly Plugin[]
}

/**
 * A folder's `maven-metadata.xml`: the Published versions of the package, the plug-ins of the group, or both. Made of
 * nothing but what every process sees alike, so that its checksums fit. Throws `missing` when there is neither.
 */
export function renderVersions(view: PackageView): RenderedIndex {
  const listed = view.versions.filter(({ status, version }) => status === 'Published' && !snapshotOf(version))
  const plugins = pluginsOf(view)
  if (listed.length === 0 && plugins.length === 0) throw missingMetadata(view.name)
  const lines = [
    ...(listed.length > 0 ? versioningLines(view, listed) : []),
    ...(plugins.length > 0 ? element('plugins', plugins.flatMap(pluginLines)) : []),
  ]
  return document('<metadata>', lines)
}

function versioningLines(view: PackageView, listed: readonly ViewVersion[]): string[] {
  const versions = listed.map(({ version }) => version)
  const release = versions.findLast((version) => !isSnapshot(version))
  return [
    ...coordinates(view.name),
    ...element('versioning', [
      text('latest', versions.at(-1) ?? ''),
      ...(release === undefined ? [] : [text('release', release)]),
      ...element(
        'versions',
        versions.map((version) => text('version', version)),
      ),
      text('lastUpdated', lastUpdatedOf(view, listed)),
    ]),
  ]
}

/** When something was published here, or changed outside; not when it was fetched, which each process sees otherwise. */
function lastUpdatedOf(view: PackageView, listed: readonly ViewVersion[]): string {
  const outside = view.upstreamDocuments.flatMap((summary) => (summary as UpstreamSummary).lastUpdated ?? [])
  const inside = listed.filter(({ origin }) => origin.type === 'INTERNAL').map(({ publishedAt }) => stamp(publishedAt))
  const known = [...outside, ...inside].sort()
  return known.at(-1) ?? stamp(Math.max(...listed.map(({ publishedAt }) => publishedAt)))
}

/** The nearest one to name a prefix has it; without a prefix of its own a plug-in stands no second time. */
function pluginsOf(view: PackageView): readonly Plugin[] {
  const own = (view.notes.get(PLUGINS_NOTE) ?? []) as readonly (readonly Plugin[])[]
  const outside = view.upstreamDocuments.map((summary) => (summary as UpstreamSummary).plugins ?? [])
  const byPrefix = new Map<string, Plugin>()
  for (const plugin of [...own, ...outside].flat())
    if (!byPrefix.has(plugin.prefix)) byPrefix.set(plugin.prefix, plugin)
  return [...byPrefix.values()].sort((left, right) => (left.artifactId < right.artifactId ? -1 : 1))
}

function pluginLines({ prefix, artifactId, name }: Plugin): string[] {
  return element('plugin', [text('name', name ?? artifactId), text('prefix', prefix), text('artifactId', artifactId)])
}

/**
 * A snapshot's list of files and builds. `repository`: the one that was asked; where builds from elsewhere are seen
 * here, they are the newer ones. Throws `missing`. Source: CodeArtifact User Guide, "Maven snapshots".
 */
export function renderSnapshot(view: PackageView, snapshot: string, repository: string): RenderedIndex {
  const held = view.versions.find(({ version }) => version === snapshot)
  if (!held || !isOpen(held)) throw missingMetadata(view.name, snapshot)
  const builds = view.versions.filter((version) => isOpen(version) && snapshotOf(version.version) === snapshot)
  const foreign = builds.filter(({ origin }) => origin.entryPoint !== repository)
  const newestFirst = (foreign.length > 0 ? foreign : builds).toSorted(newerFirst)
  const stands = documentOf(held.document).build
  const build = foreign.length > 0 ? buildOf(newestFirst[0]?.version ?? '') : stands
  const files = build
    ? filesOf(view.name, build, foreign.length > 0 ? newestFirst : [held, ...newestFirst])
    : plainFiles(held, view.name)
  return document('<metadata modelVersion="1.1.0">', [
    ...coordinates(view.name),
    text('version', snapshot),
    ...element('versioning', snapshotLines(snapshot, build ?? undefined, files, held)),
  ])
}

function snapshotLines(
  snapshot: string,
  build: SnapshotBuild | undefined,
  files: readonly SnapshotFile[],
  held: ViewVersion,
): string[] {
  const updatedOf = (value: string) => digitsOf(buildOf(value)?.timestamp) ?? stamp(held.publishedAt)
  const newest = build ? [text('timestamp', build.timestamp), text('buildNumber', String(build.buildNumber))] : []
  return [
    ...(build ? element('snapshot', newest) : []),
    text('lastUpdated', digitsOf(build?.timestamp) ?? updatedOf(snapshot)),
    ...element(
      'snapshotVersions',
      files.flatMap(({ classifier, extension, value }) =>
        element('snapshotVersion', [
          ...(classifier === '' ? [] : [text('classifier', classifier)]),
          text('extension', extension),
          text('value', value),
          text('updated', updatedOf(value)),
        ]),
      ),
    ),
  ]
}

/** Of each file the one in the nearest build, as a later build may lack some. */
function filesOf({ name }: PackageName, newest: SnapshotBuild, builds: readonly ViewVersion[]): SnapshotFile[] {
  const files = new Map<string, SnapshotFile>()
  const isLater = (build: SnapshotBuild) => compareBuilds(build, newest) > 0
  for (const { version, assets } of builds) {
    for (const asset of assets) {
      const value = isSnapshot(version) ? valueOf(name, version, asset.name) : version
      const build = value === undefined ? undefined : buildOf(value)
      if (value === undefined || !build || isLater(build)) continue
      const file = { ...splitFile(name, value, asset.name), value }
      const key = `${file.classifier} ${file.extension}`
      if (!files.has(key)) files.set(key, file)
    }
  }
  return [...files.values()].sort(compareFiles)
}

/** Files without timestamps, which some tools publish. */
function plainFiles({ version, assets }: ViewVersion, { name }: PackageName): SnapshotFile[] {
  const plain = assets.filter((asset) => asset.name.startsWith(`${name}-${version}`))
  return plain.map((asset) => ({ ...splitFile(name, version, asset.name), value: version })).sort(compareFiles)
}

/** The build that a file belongs to, by its name. */
function valueOf(name: string, snapshot: string, file: string): string | undefined {
  const base = snapshot.slice(0, -'SNAPSHOT'.length)
  const rest = file.startsWith(`${name}-${base}`) ? file.slice(name.length + 1 + base.length) : ''
  const found = /^\d{8}\.\d{6}-\d{1,9}(?=[.-])/.exec(rest)?.[0]
  return found === undefined ? undefined : base + found
}

function isOpen({ status }: ViewVersion): boolean {
  return status === 'Published' || status === 'Unlisted'
}

function newerFirst(left: ViewVersion, right: ViewVersion): number {
  const [leftBuild, rightBuild] = [buildOf(left.version), buildOf(right.version)]
  return leftBuild && rightBuild ? compareBuilds(rightBuild, leftBuild) : 0
}

function compareBuilds(left: SnapshotBuild, right: SnapshotBuild): number {
  if (left.timestamp !== right.timestamp) return left.timestamp < right.timestamp ? -1 : 1
  return left.buildNumber - right.buildNumber
}

function compareFiles(left: SnapshotFile, right: SnapshotFile): number {
  const [leftKey, rightKey] = [left, right].map(({ classifier, extension }) => `${classifier} ${extension}`)
  return (leftKey ?? '') < (rightKey ?? '') ? -1 : 1
}

function missingMetadata(name: PackageName, snapshot?: string): RegistryError {
  const what = snapshot === undefined ? showPackage(name) : `${showPackage(name)}:${snapshot}`
  return new RegistryError('missing', `there is no maven-metadata.xml of ${what}`, { resourceType: 'package' })
}

function coordinates({ namespace, name }: PackageName): string[] {
  return [text('groupId', namespace), text('artifactId', name)]
}

function document(root: string, lines: readonly string[]): RenderedIndex {
  const head = '<?xml version="1.0" encoding="UTF-8"?>'
  return { contentType: XML_TYPE, body: [head, root, ...indent(lines), '</metadata>', ''].join('\n') }
}

function element(name: string, lines: readonly string[]): string[] {
  return [`<${name}>`, ...indent(lines), `</${name}>`]
}

function text(name: string, value: string): string {
  return `<${name}>${escapeXml(value)}</${name}>`
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

/** UTC, as `20261101120000`. */
function stamp(time: number): string {
  return new Date(time).toISOString().replace(/\D/g, '').slice(0, 14)
}

function digitsOf(timestamp: string | undefined): string | undefined {
  return timestamp?.replace('.', '')
}
