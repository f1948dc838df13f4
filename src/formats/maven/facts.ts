import type { Dependency, VersionFacts } from '../../registry/model.ts'
import type { Pom, PomDependency } from './pom.ts'

/** What is kept of a version besides its assets. */
export interface VersionDocument {
  readonly artifactId?: string
  /** Undefined until the POM has come. */
  readonly pom?: Pom
  /** What the descriptor in its jar says, for a plug-in of Maven. */
  readonly plugin?: Plugin
  /** For a `-SNAPSHOT`: the build that it stands for; null where its files have no timestamps. */
  readonly build?: SnapshotBuild | null
}

/** What `mvn prefix:goal` finds a plug-in by. */
export interface Plugin {
  readonly prefix: string
  readonly artifactId: string
  readonly name?: string
}

/** `20261101.120000` and 3 of `1.0-20261101.120000-3`. */
export interface SnapshotBuild {
  readonly timestamp: string
  readonly buildNumber: number
}

export function documentOf(document: unknown): VersionDocument {
  return typeof document === 'object' && document !== null ? document : {}
}

/** What came later says more. */
export function mergeDocuments(stored: unknown, added: unknown): unknown {
  return { ...documentOf(stored), ...documentOf(added) }
}

/** Source: CodeArtifact User Guide, "Use CodeArtifact with Maven"; API reference, `PackageDependency`. */
export function readFacts(document: unknown): VersionFacts {
  const { pom, artifactId = '' } = documentOf(document)
  if (!pom) return { displayName: artifactId, licenses: [], dependencies: [] }
  return {
    displayName: (pom.name ?? pom.artifactId).slice(0, DISPLAY_NAME_LENGTH_MAX),
    ...(pom.description !== undefined && { summary: pom.description }),
    ...(pom.url !== undefined && { homePage: pom.url }),
    ...(pom.scm !== undefined && { sourceCodeRepository: pom.scm }),
    licenses: pom.licenses,
    dependencies: dependenciesOf(pom),
  }
}

/** Unit: characters. Source: CodeArtifact service model, `String255`. */
const DISPLAY_NAME_LENGTH_MAX = 255

function dependenciesOf({ parent, dependencies }: Pom): Dependency[] {
  const all = dependencies.map((dependency) => toDependency(dependency, typeOf(dependency)))
  return parent ? [toDependency(parent, 'parent'), ...all] : all
}

function typeOf({ isOptional, scope = 'compile' }: PomDependency): string {
  return isOptional ? 'optional' : scope
}

function toDependency({ groupId, artifactId, version }: PomDependency, dependencyType: string): Dependency {
  return { namespace: groupId, package: artifactId, dependencyType, versionRequirement: version }
}
