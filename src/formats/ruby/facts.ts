import type { VersionFacts } from '../../registry/model.ts'
import { joinRequirements } from './gem-marshal.ts'
import { type Gem, readRelease } from './release.ts'

/** What CodeArtifact's operations tell of a version; total on any document. The gem for every platform speaks first. */
export function readFacts(document: unknown): VersionFacts {
  const release = readRelease(document)
  const gem = speakerOf(Object.values(release.gems))
  const about = gem?.about
  const sourceCodeRepository = about?.metadata['source_code_uri']
  const homePage = about?.homepage ?? about?.metadata['homepage_uri']
  return {
    displayName: release.name,
    ...(about && about.summary !== '' && { summary: about.summary }),
    ...(homePage !== undefined && { homePage }),
    ...(sourceCodeRepository !== undefined && { sourceCodeRepository }),
    licenses: (about?.licenses ?? []).map((name) => ({ name })),
    dependencies: [
      ...(gem?.runtime ?? []).map((each) => dependency(each, 'runtime')),
      ...(gem?.development ?? []).map((each) => dependency(each, 'development')),
    ],
  }
}

function speakerOf(gems: readonly Gem[]): Gem | undefined {
  const told = gems.filter(({ source }) => source === 'gem')
  const candidates = told.length > 0 ? told : gems
  return candidates.find(({ platform }) => platform === 'ruby') ?? candidates[0]
}

function dependency(each: Gem['runtime'][number], dependencyType: string) {
  return { package: each.name, dependencyType, versionRequirement: joinRequirements(each) }
}
