import { invalid } from '../../registry/errors.ts'
import { type NameRules, type PackageName, parsePackageText } from '../../registry/names.ts'
import { compareMavenVersions } from './versions.ts'

export const mavenNames: NameRules = {
  namespace: 'required',
  parsePackage,
  fromInput: (namespace, name) => nameOf(namespace ?? '', name),
  show: showPackage,
  parseVersion,
  compareVersions,
  comparePrecedence: compareMavenVersions,
}

/** From `group:artifact`, as builds write it. */
function parsePackage(text: string): PackageName {
  const [groupId = '', artifactId, ...more] = text.split(':')
  if (artifactId === undefined || more.length > 0) throw invalid('package', text, 'must be groupId:artifactId')
  return nameOf(groupId, artifactId)
}

function nameOf(groupId: string, artifactId: string): PackageName {
  return {
    format: 'maven',
    namespace: parsePart(parsePackageText(groupId, 'namespace'), 'namespace'),
    name: parsePart(parsePackageText(artifactId, 'package'), 'package'),
  }
}

/** What would be something else in an address. */
function parsePart(text: string, field: string): string {
  if (/^[^:\\\p{C}]+$/u.test(text) && !/^\.{1,2}$/.test(text)) return text
  throw invalid(field, text, 'must not be "." or "..", nor hold ":", "\\" or control characters')
}

export function showPackage({ namespace, name }: PackageName): string {
  return `${namespace}:${name}`
}

function parseVersion(text: string): string {
  return parsePart(parsePackageText(text, 'version'), 'version')
}

/** Versions that Maven takes for the same are still two, and stand in one order everywhere. */
function compareVersions(left: string, right: string): number {
  return compareMavenVersions(left, right) || Buffer.compare(Buffer.from(left), Buffer.from(right))
}
