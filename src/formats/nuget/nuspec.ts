import { invalid, refused } from '../../registry/errors.ts'
import { childOf, elementsOf, parseXml, textOf, type XmlElement } from '../xml.ts'
import { type DependencyGroup, type Entry, textFields } from './entry.ts'
import { parsePackage, parseVersion } from './names.ts'
import { normalizeRange } from './ranges.ts'

/** Longest of the texts that are limited. Unit: characters. Source: the public gallery's rules. */
const textLengths: Readonly<Record<string, number>> = {
  authors: 4000,
  description: 4000,
  summary: 4000,
  copyright: 4000,
  title: 256,
  language: 20,
  releaseNotes: 35_000,
}

/** Groups, and dependencies in all of them. Ours; the largest public packages have some 1500. */
const DEPENDENCIES_MAX = 10_000

/** The rest are attributes. */
const elements = textFields.filter((field) => field !== 'licenseExpression' && field !== 'minClientVersion')

/** Strict: as an upload must be. Lenient: what an upstream holds, as far as it can be read at all. */
export type NuspecRules = 'strict' | 'lenient'

/** What a `.nuspec` says. Throws `invalid`. Source: NuGet documentation, "nuspec reference". */
export function readNuspec(bytes: Buffer, rules: NuspecRules): Entry {
  const metadata = childOf(childOf(parseXml(bytes, 'the nuspec', 'kept'), 'package'), 'metadata')
  const id = textOf(metadata, 'id') ?? ''
  const version = textOf(metadata, 'version') ?? ''
  parsePackage(id)
  parseVersion(version)
  const texts = elements.flatMap((field) => {
    const text = textOf(metadata, field)
    return text === undefined ? [] : [[field, text] as const]
  })
  if (rules === 'strict') checkLengths(texts)
  return {
    ...Object.fromEntries(texts),
    ...licenseOf(metadata),
    ...filesOf(metadata),
    ...minClientVersionOf(metadata, rules),
    id,
    version,
    tags: (textOf(metadata, 'tags') ?? '').split(/[\s,;]+/).filter((tag) => tag !== ''),
    requireLicenseAcceptance: textOf(metadata, 'requireLicenseAcceptance')?.toLowerCase() === 'true',
    dependencyGroups: groupsOf(childOf(metadata, 'dependencies'), rules),
    packageTypes: elementsOf(childOf(metadata, 'packageTypes'), 'packageType').flatMap(
      (type) => attribute(type, 'name') ?? [],
    ),
    isUnlisted: false,
    vulnerabilities: [],
  }
}

function checkLengths(texts: readonly (readonly [string, string])[]): void {
  for (const [field, text] of texts) {
    const max = textLengths[field] ?? 4000
    if (text.length > max) throw invalid(`${field} of the nuspec`, text, `must be at most ${max} characters`)
  }
}

function attribute(element: XmlElement, name: string): string | undefined {
  const value = Object.hasOwn(element, `@${name}`) ? element[`@${name}`] : undefined
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** Beside a licence in its own element, the old address only leads to a page of the public gallery. */
function licenseOf(metadata: XmlElement): { licenseExpression?: string; license?: string; licenseUrl?: string } {
  const [license] = elementsOf(metadata, 'license')
  const text = textOf(metadata, 'license')
  if (!license || text === undefined) return {}
  const isFile = attribute(license, 'type')?.toLowerCase() === 'file'
  return { licenseUrl: '', ...(isFile ? { license: pathOf(text) } : { licenseExpression: text }) }
}

function filesOf(metadata: XmlElement) {
  const [icon, readme] = [textOf(metadata, 'icon'), textOf(metadata, 'readme')]
  const [repository] = elementsOf(metadata, 'repository')
  const repositoryUrl = repository && attribute(repository, 'url')
  return {
    ...(icon !== undefined && { icon: pathOf(icon) }),
    ...(readme !== undefined && { readme: pathOf(readme) }),
    ...(repositoryUrl !== undefined && { repositoryUrl }),
  }
}

function pathOf(text: string): string {
  return text.replaceAll('\\', '/').replace(/^\.?\/+/, '')
}

function minClientVersionOf(metadata: XmlElement, rules: NuspecRules): { minClientVersion?: string } {
  const text = attribute(metadata, 'minClientVersion')
  if (text === undefined) return {}
  if (rules === 'strict') parseVersion(text)
  return { minClientVersion: text }
}

/** One list for every framework, or a group for each. */
function groupsOf(dependencies: XmlElement, rules: NuspecRules): DependencyGroup[] {
  const groups = elementsOf(dependencies, 'group')
  const flat = elementsOf(dependencies, 'dependency')
  const all = groups.length > 0 ? groups : flat.length > 0 ? [dependencies] : []
  const found = all.map((group) => ({
    targetFramework: attribute(group, 'targetFramework') ?? '',
    dependencies: elementsOf(group, 'dependency').flatMap((dependency) => readDependency(dependency, rules)),
  }))
  const count = found.reduce((sum, group) => sum + group.dependencies.length, found.length)
  if (count > DEPENDENCIES_MAX) throw refused(`the nuspec has more than ${DEPENDENCIES_MAX} dependencies`)
  return found
}

function readDependency(dependency: XmlElement, rules: NuspecRules): DependencyGroup['dependencies'] {
  const id = attribute(dependency, 'id') ?? ''
  const text = attribute(dependency, 'version') ?? ''
  const range = normalizeRange(text)
  if (rules === 'lenient') return id === '' ? [] : [{ id, range: range ?? ANY }]
  parsePackage(id)
  if (range !== undefined) return [{ id, range }]
  throw invalid(`version of dependency '${id}'`, text, 'must be a version or a range, as 1.2 or [1.2, 2.0)')
}

const ANY = '(, )'
