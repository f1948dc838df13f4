import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../json.ts'

/** Fields of a version that are text and pass through as they are. */
export const textFields = [
  'authors',
  'title',
  'description',
  'summary',
  'language',
  'copyright',
  'releaseNotes',
  'projectUrl',
  'iconUrl',
  'licenseUrl',
  'licenseExpression',
  'minClientVersion',
] as const
type TextField = (typeof textFields)[number]

/** What is kept of a version: what its nuspec says, or what somebody else's index said of it. */
export interface Entry extends Readonly<Partial<Record<TextField, string>>> {
  /** As its publisher spells it. */
  readonly id: string
  /** In full, with metadata. */
  readonly version: string
  readonly tags: readonly string[]
  readonly requireLicenseAcceptance: boolean
  readonly dependencyGroups: readonly DependencyGroup[]
  readonly packageTypes: readonly string[]
  /** Paths inside the package; '' where only an index has said that there is one. */
  readonly icon?: string
  readonly license?: string
  readonly readme?: string
  readonly repositoryUrl?: string
  /** What only an index says. */
  readonly isUnlisted: boolean
  readonly deprecation?: JsonObject
  readonly vulnerabilities: readonly Vulnerability[]
  /** Files of its symbol package that debuggers can ask for; undefined while there is none. */
  readonly symbols?: readonly SymbolFile[]
}

export interface SymbolFile {
  /** `{GUID}ffffffff`, as debuggers ask for it. */
  readonly key: string
  /** As it stands in the symbol package. */
  readonly path: string
}

export interface DependencyGroup {
  /** As written, long or short; '' is every framework. */
  readonly targetFramework: string
  readonly dependencies: readonly { readonly id: string; readonly range: string }[]
}

export interface Vulnerability {
  readonly advisoryUrl: string
  readonly severity: string
}

/** Total on whatever is stored. */
export function readEntry(document: unknown): Entry {
  const value = objectOf(document)
  const deprecation = value['deprecation']
  return {
    ...textsIn(value, [...textFields, 'repositoryUrl']),
    ...pathsIn(value),
    id: textOf(value['id']) ?? '',
    version: textOf(value['version']) ?? '',
    tags: textsOf(value['tags']),
    requireLicenseAcceptance: value['requireLicenseAcceptance'] === true,
    dependencyGroups: listOf(value['dependencyGroups']).map(readGroup),
    packageTypes: textsOf(value['packageTypes']),
    isUnlisted: value['isUnlisted'] === true,
    ...(isObject(deprecation) && { deprecation }),
    vulnerabilities: listOf(value['vulnerabilities']).flatMap(readVulnerability),
    ...symbolsIn(value),
  }
}

/** Those of these fields that say something. */
export function textsIn(value: JsonObject, fields: readonly string[]): Record<string, string> {
  const found = fields.map((field) => [field, textOf(value[field])] as const)
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined))
}

function pathsIn(value: JsonObject): Record<string, string> {
  const found = ['icon', 'license', 'readme'].map((field) => [field, value[field]] as const)
  return Object.fromEntries(found.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

function readGroup(group: unknown): DependencyGroup {
  const { targetFramework, dependencies } = objectOf(group)
  const known = listOf(dependencies).map((dependency) => {
    const { id, range } = objectOf(dependency)
    return { id: textOf(id) ?? '', range: textOf(range) ?? '(, )' }
  })
  return { targetFramework: textOf(targetFramework) ?? '', dependencies: known.filter(({ id }) => id !== '') }
}

function readVulnerability(value: unknown): Vulnerability[] {
  const { advisoryUrl, severity } = objectOf(value)
  const url = textOf(advisoryUrl)
  return url === undefined ? [] : [{ advisoryUrl: url, severity: textOf(severity) ?? '0' }]
}

function symbolsIn({ symbols }: JsonObject): { symbols?: readonly SymbolFile[] } {
  const known = listOf(symbols).flatMap((each) => {
    const { key, path } = objectOf(each)
    return typeof key === 'string' && typeof path === 'string' ? [{ key, path }] : []
  })
  return known.length === 0 ? {} : { symbols: known }
}

/** The package itself adds what an index left out; what is stored stays. */
export function mergeEntries(stored: unknown, added: unknown): unknown {
  const known = objectOf(stored)
  const more = { ...objectOf(added), ...known }
  // An index says only that there is such a file; the package says where.
  for (const field of ['icon', 'license', 'readme']) {
    const path = textOf(objectOf(added)[field])
    if (path !== undefined && textOf(known[field]) === undefined) Object.assign(more, { [field]: path })
  }
  return more
}

/** What may change outside after a version was published there. */
export function refreshEntry(stored: unknown, current: unknown): unknown {
  const { isUnlisted, deprecation, vulnerabilities } = readEntry(current)
  const { deprecation: _, ...rest } = objectOf(stored)
  return { ...rest, isUnlisted, vulnerabilities, ...(deprecation && { deprecation }) }
}
