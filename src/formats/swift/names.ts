import { invalid, RegistryError } from '../../registry/errors.ts'
import type { NameRules, PackageName } from '../../registry/names.ts'
import { compareSemanticPrecedence, compareSemanticVersions, isSemanticVersion } from '../semantic-version.ts'

/** Longest scope and longest name. Unit: characters. Source: Swift Package Registry Service Specification, 3.6. */
const SCOPE_LENGTH_MAX = 39
const NAME_LENGTH_MAX = 100

/** The assets of a version. The first is what clients build; the others come with it or not at all. */
export const ARCHIVE_ASSET = 'source-archive.zip'
export const ARCHIVE_SIGNATURE_ASSET = 'source-archive.sig'
export const METADATA_ASSET = 'metadata.json'
export const METADATA_SIGNATURE_ASSET = 'metadata.sig'

/**
 * A scope and a name are found in any case and stored in lower case; how their publisher writes them stands in documents.
 * Source: CodeArtifact User Guide, "Swift package name and namespace normalization".
 */
export const swiftNames: NameRules = {
  namespace: 'required',
  parsePackage: parseIdentity,
  fromInput: (namespace, name) => packageOf(namespace ?? '', name),
  show: ({ namespace, name }) => `${namespace}.${name}`,
  parseVersion,
  compareVersions: compareSemanticVersions,
  comparePrecedence: compareSemanticPrecedence,
}

/** `mona.LinkedList`: no scope holds a dot. */
function parseIdentity(text: string): PackageName {
  const dot = text.indexOf('.')
  if (dot > 0) return packageOf(text.slice(0, dot), text.slice(dot + 1))
  throw invalid('package', text, 'must be a scope and a name with a dot between them, as mona.LinkedList')
}

/** Throws `invalid`. Source: Swift Package Registry Service Specification, 3.6.1 and 3.6.2. */
export function packageOf(scope: string, name: string): PackageName {
  if (scope.length > SCOPE_LENGTH_MAX || !/^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/.test(scope)) {
    const rule = `must be 1 to ${SCOPE_LENGTH_MAX} letters and digits, with single "-" between them`
    throw invalid('package scope', scope, rule)
  }
  if (name.length > NAME_LENGTH_MAX || !/^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/.test(name)) {
    const rule = `must be 1 to ${NAME_LENGTH_MAX} letters and digits, with single "-" or "_" between them`
    throw invalid('package name', name, rule)
  }
  return { format: 'swift', namespace: scope.toLowerCase(), name: name.toLowerCase() }
}

function parseVersion(text: string): string {
  if (isSemanticVersion(text)) return text
  throw invalid('version', text, 'must be a semantic version, as 1.2.3 or 1.2.3-rc.1+build')
}

/** A version that may be published: addresses end in these. */
export function parseNewVersion(text: string): string {
  const version = parseVersion(text)
  if (!/\.(?:zip|json)$/i.test(version)) return version
  throw invalid('version', text, 'must not end in .zip or .json')
}

/** For who only reads, what cannot be a name is a package that is not there. */
export function packageOrMissing(scope: string, name: string): PackageName {
  return orMissing(() => packageOf(scope, name))
}

export function versionOrMissing(text: string): string {
  return orMissing(() => parseVersion(text))
}

function orMissing<Parsed>(parse: () => Parsed): Parsed {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'invalid') throw error
    throw new RegistryError('missing', `there is nothing here: ${error.message}`, { cause: error })
  }
}

/** The release's address, as its publisher writes the name. */
export function releaseAddress(endpoint: string, id: string, version: string): string {
  return `${endpoint}${id.replace('.', '/')}/${encodeURIComponent(version)}`
}

export function versionMissing(id: string, version: string): RegistryError {
  return new RegistryError('missing', `there is no release ${version} of ${id} here`, {
    resourceType: 'package-version',
  })
}
