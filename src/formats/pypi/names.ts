import { invalid } from '../../registry/errors.ts'
import type { NameRules, PackageName } from '../../registry/names.ts'
import { comparePrecedence, compareVersions } from './versions.ts'

/** Longest name. Unit: characters. Source: CodeArtifact service model, `PackageName`. */
const NAME_LENGTH_MAX = 255

export const pypiNames: NameRules = {
  namespace: 'none',
  parsePackage,
  fromInput,
  show: (name) => name.name,
  parseVersion,
  compareVersions,
  comparePrecedence,
}

/** In any spelling; a project's identity is its normal form. Source: PyPA specification, "Names and normalization". */
export function parsePackage(text: string): PackageName {
  if (text.length <= NAME_LENGTH_MAX && /^[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?$/i.test(text)) {
    return { format: 'pypi', namespace: '', name: normalizeName(text) }
  }
  throw invalid('name', text, 'must be letters, digits, "-", "_" and ".", beginning and ending with a letter or digit')
}

/** Lower case, and one `-` for each run of `-`, `_` and `.`. Never throws. */
export function normalizeName(text: string): string {
  return text.toLowerCase().replace(/[-_.]+/g, '-')
}

/** Any spelling is taken, where the service wants the normal form: what is stored is never another. */
function fromInput(namespace: string | undefined, name: string): PackageName {
  if (namespace) throw invalid('namespace', namespace, 'must be left out for pypi')
  return parsePackage(name)
}

/** A version that may be read: upstreams hold some that no standard allows. */
function parseVersion(text: string): string {
  if (isSafeVersion(text)) return text
  throw invalid('version', text, 'must be 1 to 255 characters without "#", "/", "\\" or white space')
}

/** Can stand in an address, and in an operation of CodeArtifact. */
export function isSafeVersion(text: string): boolean {
  return /^[^#/\\\s\p{C}]{1,255}$/u.test(text)
}
