import type { Dependency, VersionFacts } from '../../registry/model.ts'
import type { JsonObject } from '../json.ts'
import { isObject, objectOf, textFields, textOf } from '../json.ts'

/** Where a shorthand of `repository` points. Source: npm documentation, "package.json", repository. */
const hosts: Readonly<Record<string, string>> = {
  github: 'https://github.com/',
  gitlab: 'https://gitlab.com/',
  bitbucket: 'https://bitbucket.org/',
  gist: 'https://gist.github.com/',
}

/** What CodeArtifact's operations tell of a version; total on any document. Source: User Guide, "npm packages". */
export function readFacts(document: unknown): VersionFacts {
  const manifest = objectOf(document)
  const summary = textOf(manifest['description'])
  const homePage = textOf(manifest['homepage'])
  const sourceCodeRepository = readRepository(manifest['repository'])
  return {
    displayName: textOf(manifest['name']) ?? '',
    ...(summary !== undefined && { summary }),
    ...(homePage !== undefined && { homePage }),
    ...(sourceCodeRepository !== undefined && { sourceCodeRepository }),
    licenses: [...readLicenses(manifest['license']), ...readLicenses(manifest['licenses'])],
    dependencies: readDependencies(manifest),
  }
}

function readRepository(value: unknown): string | undefined {
  const text = textOf(value) ?? textOf(objectOf(value)['url'])
  if (text === undefined) return undefined
  const [, host = 'github', path] = /^(?:(github|gitlab|bitbucket|gist):)?([\w.-]+(?:\/[\w.-]+)?)$/.exec(text) ?? []
  const isShorthand = path !== undefined && (path.includes('/') || host === 'gist')
  return isShorthand ? `${hosts[host] ?? ''}${path}.git` : text.replace(/^git\+/, '')
}

/** An SPDX expression today; `{type, url}` and lists of them in old packages. */
function readLicenses(value: unknown): { name?: string; url?: string }[] {
  if (Array.isArray(value)) return value.flatMap(readLicenses)
  if (!isObject(value)) return textOf(value) === undefined ? [] : [{ name: String(value) }]
  const name = textOf(value['type']) ?? textOf(value['name'])
  const url = textOf(value['url'])
  return name || url ? [{ ...(name !== undefined && { name }), ...(url !== undefined && { url }) }] : []
}

function readDependencies(manifest: JsonObject): Dependency[] {
  const optional = new Map(textFields(manifest['optionalDependencies']))
  const regular = textFields(manifest['dependencies']).filter(([name]) => !optional.has(name))
  return [
    ...regular.map(dependency('regular')),
    ...[...optional].map(dependency('optional')),
    ...textFields(manifest['peerDependencies']).map(dependency('peer')),
    ...textFields(manifest['devDependencies']).map(dependency('dev')),
  ]
}

/** Source: CodeArtifact API reference, PackageDependency: the scope stands without its `@`. */
function dependency(dependencyType: string): (entry: readonly [string, string]) => Dependency {
  return ([name, versionRequirement]) => {
    const [, scope, bare = name] = /^@([^/]+)\/(.+)$/.exec(name) ?? []
    return { ...(scope !== undefined && { namespace: scope }), package: bare, dependencyType, versionRequirement }
  }
}
