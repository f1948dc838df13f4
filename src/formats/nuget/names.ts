import { invalid } from '../../registry/errors.ts'
import type { NameRules, PackageName } from '../../registry/names.ts'
import { orMissing } from '../or-missing.ts'
import { compareVersions, keyOfVersion } from './versions.ts'

/** Longest id. Unit: characters. Source: NuGet documentation, "nuspec reference". */
const ID_LENGTH_MAX = 100

/** An id and a version are found in whatever case and form they are written in; how their publisher wrote them stands in documents. */
export const nugetNames: NameRules = {
  namespace: 'none',
  parsePackage,
  fromInput: (_namespace, name) => parsePackage(name),
  show: ({ name }) => name,
  parseVersion,
  compareVersions,
}

/** Source: NuGet documentation, "Package id": clients since 7.0 refuse any other. */
export function parsePackage(text: string): PackageName {
  if (text.length <= ID_LENGTH_MAX && /^[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*$/.test(text)) {
    return { format: 'nuget', namespace: '', name: text.toLowerCase() }
  }
  const rule = `must be 1 to ${ID_LENGTH_MAX} letters, digits and "_", with single "." or "-" between them`
  throw invalid('package id', text, rule)
}

/** In the form that is stored: `1.0` and `1.0.0.0` are `1.0.0`. Source: CodeArtifact User Guide, "NuGet package name, version, and asset name normalization". */
export function parseVersion(text: string): string {
  const key = keyOfVersion(text)
  if (key !== undefined) return key
  throw invalid('version', text, 'must be a NuGet version, as 1.2.3, 1.2.3.4 or 1.2.3-rc.1')
}

/** The one asset that every version has. */
export function packageFile({ name }: PackageName, version: string): string {
  return `${name}.${version}.nupkg`
}

/** What debuggers need, where it was pushed too. */
export function symbolsFile({ name }: PackageName, version: string): string {
  return `${name}.${version}.snupkg`
}

/** For who only reads, what cannot be a name is a package that is not there. */
export function packageOrMissing(text: string): PackageName {
  return orMissing(() => parsePackage(text))
}

export function versionOrMissing(text: string): string {
  return orMissing(() => parseVersion(text))
}
