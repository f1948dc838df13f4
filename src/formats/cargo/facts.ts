import type { VersionFacts } from '../../registry/model.ts'
import { dependenciesOf, readDocument } from './entry.ts'
import { textOf } from '../json.ts'

/** Ours for the service's empty place: `normal` is what npm calls `regular`. */
const dependencyTypes: Readonly<Record<string, string>> = { normal: 'regular', dev: 'dev', build: 'build' }

/** What CodeArtifact's operations tell of a version; total on any document. */
export function readFacts(document: unknown): VersionFacts {
  const { entry, manifest = {} } = readDocument(document)
  const displayName = textOf(entry['name'])
  const summary = textOf(manifest['description'])?.trim()
  const homePage = textOf(manifest['homepage'])
  const sourceCodeRepository = textOf(manifest['repository'])
  const license = textOf(manifest['license'])
  return {
    ...(displayName !== undefined && { displayName }),
    ...(summary !== undefined && { summary }),
    ...(homePage !== undefined && { homePage }),
    ...(sourceCodeRepository !== undefined && { sourceCodeRepository }),
    licenses: license === undefined ? [] : [{ name: license }],
    dependencies: dependenciesOf(entry).map((dependency) => ({
      package: dependency.package,
      dependencyType: dependencyTypes[dependency.kind] ?? dependency.kind,
      versionRequirement: dependency.req,
    })),
  }
}
