import { RegistryError, invalid } from '../../registry/errors.ts'
import type { NameRules, PackageName } from '../../registry/names.ts'
import { compareSemanticPrecedence, compareSemanticVersions, isSemanticVersion } from '../semantic-version.ts'

/** Longest name. Unit: characters. Source: the public registry's rule. */
const NAME_LENGTH_MAX = 64

/** Names that are devices on Windows, where no folder can be called so. Source: Cargo's own list. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/

/**
 * A crate is found by its name in lower case, as Cargo asks for it; how its publisher spells it stands in its documents.
 * `-` and `_` stay apart here, and are kept from colliding when something is published.
 */
export const cargoNames: NameRules = {
  namespace: 'none',
  parsePackage,
  fromInput: (_namespace, name) => parsePackage(name),
  show: ({ name }) => name,
  parseVersion,
  compareVersions: compareSemanticVersions,
  comparePrecedence: compareSemanticPrecedence,
}

/** A name that may be read; other registries allow more than the public one. */
export function parsePackage(text: string): PackageName {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(text) && text.length <= NAME_LENGTH_MAX) {
    return { format: 'cargo', namespace: '', name: text.toLowerCase() }
  }
  throw invalid('crate', text, `must be 1 to ${NAME_LENGTH_MAX} letters, digits, "-" or "_"`)
}

/** A name that may be published. Throws `invalid`. */
export function parseNewPackage(text: string): PackageName {
  const name = parsePackage(text)
  if (!/^[A-Za-z]/.test(text)) throw invalid('crate', text, 'must start with a letter')
  if (reserved.test(name.name)) throw invalid('crate', text, 'must not be the name of a device on Windows')
  return name
}

function parseVersion(text: string): string {
  if (isSemanticVersion(text)) return text
  throw invalid('version', text, 'must be a semantic version of at most 150 characters, as 1.2.3 or 1.2.3-rc.1+build')
}

/** Names that are equal here must not both exist, as nobody could tell them apart. */
export function canonicalName(text: string): string {
  return text.toLowerCase().replaceAll('_', '-')
}

/** The folder of a crate in an index, in the case that it is given in. Source: The Cargo Book, "Index Format". */
export function indexPrefix(name: string): string {
  if (name.length <= 2) return String(name.length)
  return name.length === 3 ? `3/${name.slice(0, 1)}` : `${name.slice(0, 2)}/${name.slice(2, 4)}`
}

/** `se/rd/serde` */
export function indexPath({ name }: PackageName): string {
  return `${indexPrefix(name)}/${name}`
}

/** The one asset of a version. */
export function crateFile({ name }: PackageName, version: string): string {
  return `${name}-${version}.crate`
}

export function crateMissing(text: string): RegistryError {
  return new RegistryError('missing', `there is no crate '${text.slice(0, NAME_LENGTH_MAX)}' here`, {
    resourceType: 'package',
  })
}
