import { invalid } from '../../registry/errors.ts'
import type { NameRules, PackageName } from '../../registry/names.ts'
import { comparePrecedence, compareVersions } from './versions.ts'

/** Longest name of a gem. Unit: characters. Source: CodeArtifact service model, `PackageName`. */
const NAME_LENGTH_MAX = 255

/** Longest version, and longest platform. Unit: characters. Source: CodeArtifact service model, `PackageVersion`. */
const VERSION_LENGTH_MAX = 255

export const rubyNames: NameRules = {
  namespace: 'none',
  parsePackage,
  fromInput,
  show: (name) => name.name,
  parseVersion,
  compareVersions,
  comparePrecedence,
}

/** Upper and lower case count. Source: rubygems.org, the rules of a gem's name; its clients ask for no other. */
export function parsePackage(text: string): PackageName {
  if (text.length <= NAME_LENGTH_MAX && isGemName(text)) return { format: 'ruby', namespace: '', name: text }
  const rule = 'must be letters, digits, "-", "_" and ".", with a letter, beginning with a letter, digit or "_"'
  throw invalid('name', text, `${rule}, and end in none of .gem, .json, .html, .gemspec`)
}

function isGemName(text: string): boolean {
  return /^(?=.*[A-Za-z])[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(text) && !/\.(?:gem|json|html|gemspec)$/.test(text)
}

function fromInput(namespace: string | undefined, name: string): PackageName {
  if (namespace) throw invalid('namespace', namespace, 'must be left out for ruby')
  return parsePackage(name)
}

/** Without a dash: in an index, what stands behind one is the platform. Source: rubygems lib/rubygems/version.rb. */
export function parseVersion(text: string): string {
  if (text.length <= VERSION_LENGTH_MAX && /^[0-9]+(?:\.[0-9A-Za-z]+)*$/.test(text)) return text
  throw invalid('version', text, 'must be numbers and letters separated by ".", beginning with a number, without "-"')
}

/** `x86_64-linux`, `java`; begins with a letter, so that no version can be taken for one. */
export function parsePlatform(text: string): string {
  if (text.length <= VERSION_LENGTH_MAX && isPlatform(text)) return text
  throw invalid('platform', text, 'must be letters, digits, "_", "." and "-", beginning with a letter')
}

function isPlatform(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_.-]*$/.test(text)
}

/** One gem: a version for a platform. */
export interface GemName {
  readonly name: string
  readonly version: string
  readonly platform: string
}

/** `nokogiri-1.16.0-x86_64-linux`; a gem for every platform has no third part. */
export function fullName({ name, version, platform }: GemName): string {
  return `${name}-${numberOf({ version, platform })}`
}

/** `1.16.0-x86_64-linux`, as the indexes write it. */
export function numberOf({ version, platform }: Pick<GemName, 'version' | 'platform'>): string {
  return platform === 'ruby' ? version : `${version}-${platform}`
}

/** The name of the gem's one asset. */
export function assetName(gem: GemName): string {
  return `${fullName(gem)}.gem`
}

/** What an index says between name and dependencies; undefined for what is neither version nor version and platform. */
export function parseNumber(text: string): { version: string; platform: string } | undefined {
  const dash = text.indexOf('-')
  const version = dash < 0 ? text : text.slice(0, dash)
  const platform = dash < 0 ? 'ruby' : text.slice(dash + 1)
  const isSafe = version.length <= VERSION_LENGTH_MAX && platform.length <= VERSION_LENGTH_MAX
  if (!isSafe || !/^[0-9]+(?:\.[0-9A-Za-z]+)*$/.test(version) || !isPlatform(platform)) return undefined
  return { version, platform }
}

/** Every gem that a full name can be of: names may hold dashes and digits, so that only an index can tell. */
export function readFullName(text: string): GemName[] {
  const found: GemName[] = []
  for (let dash = text.indexOf('-'); dash >= 0; dash = text.indexOf('-', dash + 1)) {
    const name = text.slice(0, dash)
    const number = parseNumber(text.slice(dash + 1))
    if (number && name.length <= NAME_LENGTH_MAX && isGemName(name)) found.push({ name, ...number })
  }
  return found
}
