import valid from 'semver/functions/valid.js'
import validRange from 'semver/ranges/valid.js'
import { invalid } from '../../registry/errors.ts'
import type { NameRules, PackageName } from '../../registry/names.ts'
import { comparePrecedence, compareVersions, isPrerelease } from './versions.ts'

/** Longest name of a new package, its scope included. Unit: characters. Source: validate-npm-package-name. */
const NEW_NAME_LENGTH_MAX = 214

/** Longest part of a name. Unit: characters. Source: CodeArtifact service model, `PackageName`. */
const PART_LENGTH_MAX = 255

/** Names that no package can have, as they would shadow folders and files. Source: validate-npm-package-name. */
const forbidden = new Set(['node_modules', 'favicon.ico'])

export const npmNames: NameRules = {
  namespace: 'optional',
  parsePackage,
  fromInput,
  show: showPackage,
  parseVersion,
  compareVersions,
  isPrerelease,
  comparePrecedence,
}

/** A name that may be read: whatever an old package may be called, and that is safe in an address. */
export function parsePackage(text: string): PackageName {
  const parts = text.split('/')
  const [first = '', second] = parts
  if (second === undefined) return { format: 'npm', namespace: '', name: checkPart(text, first) }
  if (parts.length > 2 || !first.startsWith('@')) {
    throw invalid('package', text, 'must be a name or @scope/name')
  }
  return { format: 'npm', namespace: checkPart(text, first.slice(1)), name: checkPart(text, second) }
}

function checkPart(text: string, part: string): string {
  const isSafe = /^[^#/\\\s\p{C}]+$/u.test(part) && !/^[.@]/.test(part) && part !== '-'
  if (isSafe && part.length <= PART_LENGTH_MAX) return part
  throw invalid('package', text, 'must be a name or @scope/name that npm can address')
}

/** The service writes a scope without its `@`. Source: CodeArtifact API reference, `namespace`. */
function fromInput(namespace: string | undefined, name: string): PackageName {
  if (namespace?.startsWith('@')) throw invalid('namespace', namespace, "must be an npm scope without its '@'")
  return parsePackage(namespace ? `@${namespace}/${name}` : name)
}

/** `@acme/widgets`, or `widgets`. */
export function showPackage(name: PackageName): string {
  return name.namespace === '' ? name.name : `@${name.namespace}/${name.name}`
}

/**
 * Refuses what a new package may not be called. Throws `invalid`. Capital letters are allowed, as the service keeps names
 * apart that differ in case only. Source: validate-npm-package-name; CodeArtifact User Guide, "Packages overview".
 */
export function checkNewName(name: PackageName): void {
  const shown = showPackage(name)
  const rule = brokenRule(name, shown)
  if (rule) throw invalid('package', shown, rule)
}

function brokenRule(name: PackageName, shown: string): string | undefined {
  if (forbidden.has(shown.toLowerCase())) return 'is a name that no npm package can have'
  if (shown.length > NEW_NAME_LENGTH_MAX) return `must have at most ${NEW_NAME_LENGTH_MAX} characters`
  if (!/^[A-Za-z0-9~._-]*$/.test(name.namespace)) return 'must have a scope of letters, digits, "-", ".", "_" and "~"'
  if (!/^[A-Za-z0-9._-]+$/.test(name.name)) return 'must hold only letters, digits, "-", "." and "_"'
  if (name.namespace === '' && /^[_-]/.test(name.name)) return 'must not start with "_" or "-"'
  return undefined
}

/** A version that may be read: upstreams hold some that no standard allows. */
function parseVersion(text: string): string {
  if (/^[^#/\\\s\p{C}]{1,255}$/u.test(text)) return text
  throw invalid('version', text, 'must be 1 to 255 characters without "#", "/" or white space')
}

/** A version that may be published. Throws `invalid`. Source: semver.org 2.0.0; npm strips build metadata. */
export function parseNewVersion(text: string): string {
  if (text.length <= 255 && valid(text) === text) return text
  throw invalid('version', text, 'must be a semantic version without build metadata, as 1.2.3 or 1.2.3-beta.1')
}

/** A tag that may be set. Throws `invalid`: a client must be able to tell it from a range of versions. */
export function parseTag(text: string): string {
  if (!/^[^#/\\\s\p{C}]{1,128}$/u.test(text)) {
    throw invalid('tag', text, 'must be 1 to 128 characters without "#", "/" or white space')
  }
  if (validRange(text) !== null) throw invalid('tag', text, 'must not be a version or a range of versions')
  return text
}

/** The last part of a tarball's address. Source: npm's own layout, which Yarn 4 and pnpm rebuild by themselves. */
export function tarballFile(name: PackageName, version: string): string {
  return `${name.name}-${version}.tgz`
}

/** The version in a tarball's file name, with or without the scope before it; undefined when it is another file. */
export function versionOfFile(name: PackageName, file: string): string | undefined {
  const bare =
    name.namespace !== '' && file.startsWith(`@${name.namespace}/`) ? file.slice(name.namespace.length + 2) : file
  const prefix = `${name.name}-`
  if (!bare.startsWith(prefix) || !bare.endsWith('.tgz')) return undefined
  const version = bare.slice(prefix.length, -'.tgz'.length)
  return /^[^#/\\\s\p{C}]{1,255}$/u.test(version) ? version : undefined
}

/** In one segment of an address, as npm itself writes it: `@acme%2fwidgets`. */
export function encodePackage(name: PackageName): string {
  const last = encodeURIComponent(name.name)
  return name.namespace === '' ? last : `@${encodeURIComponent(name.namespace)}%2f${last}`
}

/** With a literal slash: the only form that keeps Yarn 4's and pnpm's lock files free of addresses. */
export function packagePath(name: PackageName): string {
  const last = encodeURIComponent(name.name)
  return name.namespace === '' ? last : `@${encodeURIComponent(name.namespace)}/${last}`
}
