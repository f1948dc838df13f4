import type { Dependency, VersionFacts } from '../../registry/model.ts'
import { textOf, textsOf } from '../json.ts'
import { type ReleaseDependency, type ReleaseDocument, readRelease } from './release.ts'

/** What CodeArtifact's operations tell of a version; total on any document. */
export function readFacts(document: unknown): VersionFacts {
  const release = readRelease(document)
  const { id, metadata, contents } = release
  const summary = textOf(metadata['description'])?.trim()
  const [repository] = textsOf(metadata['repositoryURLs'])
  return {
    ...(id !== undefined && { displayName: id }),
    ...(summary && { summary }),
    ...(repository !== undefined && { sourceCodeRepository: repository }),
    licenses: licensesOf(release),
    dependencies: (contents?.dependencies ?? []).map(toDependency),
  }
}

/** No field of the protocol names a licence: the address that the publisher gave, and the file in the archive. */
function licensesOf({ metadata, contents }: ReleaseDocument): VersionFacts['licenses'] {
  const [url, name] = [textOf(metadata['licenseURL']), contents?.licenseFile]
  if (url === undefined && name === undefined) return []
  return [{ ...(name !== undefined && { name }), ...(url !== undefined && { url }) }]
}

function toDependency({ kind, target, requirement }: ReleaseDependency): Dependency {
  const common = { dependencyType: kind, versionRequirement: requirement }
  const [namespace = '', ...name] = target.split('.')
  return kind === 'registry' ? { namespace, package: name.join('.'), ...common } : { package: target, ...common }
}
