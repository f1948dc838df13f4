import { parse } from 'smol-toml'
import { RegistryError, refused } from '../../registry/errors.ts'
import { isObject, type JsonObject, objectOf, textOf, textsOf } from '../json.ts'

/** Deepest nesting that is read. Ours; real manifests have some five levels. */
const DEPTH_MAX = 64

/** A Cargo.toml as Cargo writes it into a crate. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly rustVersion: string | undefined
  /** File name of the readme; undefined when it has none. */
  readonly readmeFile: string | undefined
  /** What is kept of `[package]`. */
  readonly kept: JsonObject
  /** `normal serde`: kind and the crate's own name of all that it cannot be built without. */
  readonly required: ReadonlySet<string>
}

const keptTexts = ['description', 'license', 'license-file', 'repository', 'homepage', 'documentation', 'edition']
const keptLists = ['keywords', 'categories', 'authors']

/** Throws `invalid`. Source: The Cargo Book, "The Manifest Format". */
export function readManifest(text: string): Manifest {
  const table = parseToml(text)
  const section = table['package'] ?? table['project']
  if (!isObject(section)) throw refused("the crate's Cargo.toml has no [package]")
  const readme = section['readme']
  return {
    name: textOf(section['name']) ?? '',
    version: textOf(section['version']) ?? '',
    rustVersion: textOf(section['rust-version']),
    readmeFile: readme === true ? 'README.md' : textOf(readme),
    kept: keep(section),
    required: requiredOf(table),
  }
}

function parseToml(text: string): JsonObject {
  try {
    return parse(text, { maxDepth: DEPTH_MAX, integersAsBigInt: true })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    const message = `the crate's Cargo.toml cannot be read: ${reason}`
    throw new RegistryError('invalid', message, { cause, reason: 'CANNOT_PARSE' })
  }
}

function keep(section: JsonObject): JsonObject {
  const texts = keptTexts.map((field) => [field, textOf(section[field])] as const)
  const lists = keptLists.map((field) => [field, textsOf(section[field])] as const)
  const kept: Record<string, unknown> = {}
  for (const [field, value] of [...texts, ...lists]) if (value !== undefined && value.length > 0) kept[field] = value
  return kept
}

function requiredOf(table: JsonObject): ReadonlySet<string> {
  const targets = Object.values(objectOf(table['target'])).map(objectOf)
  return new Set(
    [table, ...targets].flatMap((part) => [
      ...cratesOf('normal', part['dependencies']),
      ...cratesOf('build', part['build-dependencies']),
      ...cratesOf('build', part['build_dependencies']),
    ]),
  )
}

function cratesOf(kind: string, dependencies: unknown): string[] {
  return Object.entries(objectOf(dependencies)).map(([name, value]) => {
    return `${kind} ${textOf(objectOf(value)['package']) ?? name}`
  })
}
