import type { VersionFacts } from '../../registry/model.ts'
import { type Entry, readEntry } from './entry.ts'

/** What CodeArtifact's operations tell of a version; total on any document. */
export function readFacts(document: unknown): VersionFacts {
  const entry = readEntry(document)
  const { id, summary = entry.description, projectUrl, repositoryUrl } = entry
  return {
    ...(id !== '' && { displayName: id }),
    ...(summary !== undefined && { summary }),
    ...(projectUrl !== undefined && { homePage: projectUrl }),
    ...(repositoryUrl !== undefined && { sourceCodeRepository: repositoryUrl }),
    licenses: licensesOf(entry),
    dependencies: dependenciesOf(entry),
  }
}

function licensesOf({ licenseExpression, licenseUrl }: Entry): VersionFacts['licenses'] {
  if (licenseExpression !== undefined) return [{ name: licenseExpression }]
  return licenseUrl === undefined ? [] : [{ url: licenseUrl }]
}

/** Each once, though several frameworks may need it. */
function dependenciesOf({ dependencyGroups }: Entry): VersionFacts['dependencies'] {
  const found = new Map<string, VersionFacts['dependencies'][number]>()
  for (const { id, range } of dependencyGroups.flatMap(({ dependencies }) => dependencies)) {
    const dependency = { package: id.toLowerCase(), versionRequirement: range }
    found.set(`${dependency.package} ${range}`, dependency)
  }
  return [...found.values()]
}
