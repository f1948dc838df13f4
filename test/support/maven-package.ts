import { packZip } from './zip-archive.ts'

/** A version as it would stand in a Maven repository. */
export interface MavenInput {
  /** `com.acme:widgets:1.0` */
  readonly coordinates: string
  /** Inside `<project>`, behind the coordinates. */
  readonly pom?: string
  /** Further files by what stands behind `widgets-1.0`, as `-sources.jar`. */
  readonly files?: Readonly<Record<string, Buffer | string>>
  /** Without a jar for packaging pom. */
  readonly packaging?: 'jar' | 'pom'
  readonly publishedAt?: Date
}

export interface MavenPackage {
  readonly group: string
  readonly artifact: string
  readonly version: string
  /** Whole paths, without a slash before them. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly publishedAt: Date
}

export function makeMaven(input: MavenInput | string): MavenPackage {
  const given = typeof input === 'string' ? { coordinates: input } : input
  const [group = '', artifact = '', version = ''] = given.coordinates.split(':')
  const base = `${group.replaceAll('.', '/')}/${artifact}/${version}/${artifact}-${version}`
  const files = new Map<string, Buffer>()
  files.set(`${base}.pom`, Buffer.from(pomText(given.coordinates, given)))
  if (given.packaging !== 'pom') files.set(`${base}.jar`, jar(given.coordinates))
  for (const [suffix, content] of Object.entries(given.files ?? {})) files.set(base + suffix, Buffer.from(content))
  return { group, artifact, version, files, publishedAt: given.publishedAt ?? new Date('2020-02-02T02:02:02Z') }
}

export function pomText(
  coordinates: string,
  { pom = '', packaging = 'jar' }: Omit<MavenInput, 'coordinates'> = {},
): string {
  const [group, artifact, version] = coordinates.split(':')
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>${group}</groupId>
  <artifactId>${artifact}</artifactId>
  <version>${version}</version>
  <packaging>${packaging}</packaging>
  ${pom}
</project>
`
}

/** A jar that says what it is in a file of its own. */
export function jar(content: string): Buffer {
  return packZip([
    { path: 'META-INF/MANIFEST.MF', content: 'Manifest-Version: 1.0\r\n\r\n' },
    { path: 'content.txt', content },
  ])
}

/** A list of versions as Maven's deploy plug-in sends it. */
export function metadataText(group: string, artifact: string, versions: readonly string[], more = ''): string {
  const list = versions.map((version) => `<version>${version}</version>`).join('')
  const release = versions.findLast((version) => !version.endsWith('-SNAPSHOT'))
  return `<?xml version="1.0" encoding="UTF-8"?>
<metadata><groupId>${group}</groupId><artifactId>${artifact}</artifactId><versioning>
${release === undefined ? '' : `<release>${release}</release>`}<versions>${list}</versions>
<lastUpdated>20261101120000</lastUpdated></versioning>${more}</metadata>
`
}

/** A snapshot's list of builds; `files` are `extension` or `classifier:extension`. */
export function snapshotText(
  coordinates: string,
  { timestamp, buildNumber }: { readonly timestamp: string; readonly buildNumber: number },
  files: readonly string[] = ['jar', 'pom'],
): string {
  const [group, artifact, version = ''] = coordinates.split(':')
  const value = `${version.replace('SNAPSHOT', timestamp)}-${buildNumber}`
  const updated = timestamp.replace('.', '')
  const lines = files.map((file) => {
    const [extension, classifier] = file.split(':').reverse()
    const said = classifier === undefined ? '' : `<classifier>${classifier}</classifier>`
    return `<snapshotVersion>${said}<extension>${extension}</extension><value>${value}</value><updated>${updated}</updated></snapshotVersion>`
  })
  return `<metadata modelVersion="1.1.0"><groupId>${group}</groupId><artifactId>${artifact}</artifactId>
<version>${version}</version><versioning><snapshot><timestamp>${timestamp}</timestamp><buildNumber>${buildNumber}</buildNumber></snapshot>
<lastUpdated>${updated}</lastUpdated><snapshotVersions>${lines.join('')}</snapshotVersions></versioning></metadata>
`
}
