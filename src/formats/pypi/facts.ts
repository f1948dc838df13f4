import type { Dependency, VersionFacts } from '../../registry/model.ts'
import { fieldOf, fieldsOf } from './core-metadata.ts'
import { normalizeName } from './names.ts'
import { readRelease, type Release } from './release.ts'

/** Longest text that can be a licence's name; what is longer is a whole licence. Unit: characters. Ours. */
const LICENSE_NAME_LENGTH_MAX = 100

/** Labels of Project-URL. Source: PyPA specification, "Well-known Project URLs in Metadata". */
const homeLabels = new Set(['homepage'])
const sourceLabels = new Set(['source', 'repository', 'sourcecode', 'github', 'code'])

/** What CodeArtifact's operations tell of a version; total on any document. */
export function readFacts(document: unknown): VersionFacts {
  const release = readRelease(document)
  const summary = fieldOf(release, 'summary')
  const homePage = fieldOf(release, 'home-page') ?? projectUrl(release, homeLabels)
  const sourceCodeRepository = projectUrl(release, sourceLabels)
  return {
    displayName: release.name,
    ...(summary !== undefined && { summary }),
    ...(homePage !== undefined && { homePage }),
    ...(sourceCodeRepository !== undefined && { sourceCodeRepository }),
    licenses: readLicenses(release),
    dependencies: fieldsOf(release, 'requires-dist').flatMap(readDependency),
  }
}

function projectUrl(release: Release, labels: ReadonlySet<string>): string | undefined {
  for (const entry of fieldsOf(release, 'project-url')) {
    const comma = entry.indexOf(',')
    const label = entry
      .slice(0, Math.max(0, comma))
      .replace(/[\p{P}\s]/gu, '')
      .toLowerCase()
    if (labels.has(label)) return entry.slice(comma + 1).trim()
  }
  return undefined
}

/** An SPDX expression; else the short name of a licence; else what the classifiers say. */
function readLicenses(release: Release): { name: string }[] {
  const license = fieldOf(release, 'license')
  const name = fieldOf(release, 'license-expression') ?? (isName(license) ? license : undefined)
  if (name !== undefined) return [{ name }]
  return fieldsOf(release, 'classifier').flatMap((classifier) => {
    const [root, ...path] = classifier.split('::').map((part) => part.trim())
    const last = path.at(-1)
    return root === 'License' && last !== undefined && last !== 'OSI Approved' ? [{ name: last }] : []
  })
}

function isName(license: string | undefined): license is string {
  return license !== undefined && license.length <= LICENSE_NAME_LENGTH_MAX && !license.includes('\n')
}

/** Source: PEP 508. The requirement without its name: extras, versions or address, and marker. */
function readDependency(requirement: string): Dependency[] {
  const [, name, rest = ''] = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(.*)$/s.exec(requirement) ?? []
  if (name === undefined) return []
  const dependencyType = 'Requires-Dist'
  return [{ package: normalizeName(name.replace(/[._-]+$/, '')), dependencyType, versionRequirement: rest.trim() }]
}
