import { RegistryError, invalid, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import { splitFeatures } from './entry.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../json.ts'
import { cargoNames, parseNewPackage, parsePackage } from './names.ts'
import { isRequirement } from './versions.ts'

/** What a publish says of the crate that it brings. */
export interface Announcement {
  readonly name: PackageName
  /** The name as its publisher spells it. */
  readonly spelling: string
  readonly version: string
  /** The line of the index, without what the crate itself tells. */
  readonly entry: JsonObject
  readonly readme: string | undefined
}

/** Kinds in the order of a line: what is needed always comes first. */
const kinds: readonly string[] = ['normal', 'build', 'dev']

/** Throws `invalid`. Source: The Cargo Book, "Web API", Publish. */
export function readAnnouncement(bytes: Buffer): Announcement {
  const json = parseJson(bytes)
  const spelling = textOf(json['name']) ?? ''
  const name = parseNewPackage(spelling)
  const version = cargoNames.parseVersion(textOf(json['vers']) ?? '')
  const { features, features2 } = splitFeatures(checkFeatures(json['features']))
  const deps = listOf(json['deps'])
    .map(readDependency)
    .sort((left, right) => kinds.indexOf(left.kind) - kinds.indexOf(right.kind))
  const entry = {
    name: spelling,
    vers: version,
    deps,
    features,
    ...(features2 && { features2 }),
    links: textOf(json['links']) ?? null,
    ...(textOf(json['rust_version']) !== undefined && { rust_version: readRustVersion(json['rust_version']) }),
    v: features2 ? 2 : 1,
  }
  return { name, spelling, version, entry, readme: textOf(json['readme']) }
}

function parseJson(bytes: Buffer): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new RegistryError('invalid', "the publish request's metadata is not JSON", { cause, reason: 'CANNOT_PARSE' })
  }
  if (isObject(value)) return value
  throw refused("the publish request's metadata is not a JSON object")
}

/** Old manifests say it with an operator or not at all; a line holds a bare version. Throws `invalid`. */
function readRustVersion(value: unknown): string {
  const text = textOf(value) ?? ''
  if (/^\d{1,9}(?:\.\d{1,9}){0,2}(?:-[0-9A-Za-z.-]+)?$/.test(text)) return text
  throw invalid('rust_version', text, 'must be a bare version, as 1.70')
}

function readDependency(value: unknown) {
  const dependency = objectOf(value)
  const crate = textOf(dependency['name']) ?? ''
  const alias = textOf(dependency['explicit_name_in_toml'])
  parsePackage(crate)
  if (alias !== undefined) checkAlias(alias)
  if (dependency['artifact'] !== undefined && dependency['artifact'] !== null) {
    throw invalid('artifact of dependency', crate, 'is not supported: artifact dependencies are not stable')
  }
  return {
    name: alias ?? crate,
    req: readRequirement(crate, dependency['version_req']),
    features: textsOf(dependency['features']).map((feature) => checkFeature(feature)),
    optional: dependency['optional'] === true,
    default_features: dependency['default_features'] !== false,
    target: textOf(dependency['target']) ?? null,
    kind: readKind(crate, dependency['kind']),
    registry: readRegistry(crate, dependency['registry']),
    ...(alias !== undefined && { package: crate }),
  }
}

/** A name in a manifest, which no registry gave. */
function checkAlias(alias: string): void {
  if (/^[\p{L}_][\p{L}\p{N}_-]{0,63}$/u.test(alias)) return
  throw invalid('explicit_name_in_toml', alias, 'must be a name of letters, digits, "-" or "_"')
}

function readRequirement(crate: string, value: unknown): string {
  const text = textOf(value) ?? ''
  if (isRequirement(text)) return text
  throw invalid(`version_req of dependency '${crate}'`, text, 'must be a requirement such as ^1.2 or >=1, <3')
}

function readKind(crate: string, value: unknown): string {
  const kind = value === undefined || value === null ? 'normal' : (textOf(value) ?? JSON.stringify(value))
  if (kinds.includes(kind)) return kind
  throw invalid(`kind of dependency '${crate}'`, kind, `must be one of ${kinds.join(', ')}`)
}

/** Absent means this registry; anything else is kept word for word. Source: The Cargo Book, "Index Format". */
function readRegistry(crate: string, value: unknown): string | null {
  const text = textOf(value)
  if (text === undefined) return null
  if (URL.canParse(text)) return text
  throw invalid(`registry of dependency '${crate}'`, text, 'must be the address of an index')
}

/** Throws `invalid` on what no client could read in a line. */
function checkFeatures(value: unknown): JsonObject {
  const features = objectOf(value)
  for (const [name, values] of Object.entries(features)) {
    if (!isFeatureName(name)) throw invalid('feature', name, 'must be letters, digits, "_", "-", "+" or "."')
    if (!Array.isArray(values)) throw invalid(`features.${name}`, JSON.stringify(values), 'must be a list of texts')
    for (const item of values) checkFeature(typeof item === 'string' ? item : JSON.stringify(item))
  }
  return features
}

/** `std`, `dep:log`, `log/std`, `log?/std` */
function checkFeature(text: string): string {
  const [first = '', second, ...rest] = text.replace(/^dep:/, '').split('/')
  const crate = second === undefined ? first : first.replace(/\?$/, '')
  if (rest.length === 0 && isFeatureName(crate) && (second === undefined || isFeatureName(second))) return text
  throw invalid('feature', text, 'must be a feature, dep:name, name/feature or name?/feature')
}

/** Source: The Cargo Book, "Features". */
function isFeatureName(text: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_.+-]{0,63}$/u.test(text)
}
