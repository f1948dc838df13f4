import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../json.ts'

/** What is kept of a version. */
export interface CrateDocument {
  /** Its line in the index, without what is known only here: `cksum` of own versions, whether it is yanked here. */
  readonly entry: JsonObject
  /** What its Cargo.toml says under `[package]`; undefined while nobody has looked into it. */
  readonly manifest: JsonObject | undefined
}

/** Total on whatever is stored. */
export function readDocument(document: unknown): CrateDocument {
  const { entry, manifest } = objectOf(document)
  return { entry: objectOf(entry), manifest: isObject(manifest) ? manifest : undefined }
}

/** As its publisher spells it. */
export function spellingOf(document: unknown): string | undefined {
  return textOf(readDocument(document).entry['name'])
}

/** Inspection adds the manifest; the line stays. */
export function addManifest(stored: unknown, added: unknown): CrateDocument {
  const { manifest } = readDocument(added)
  return { ...readDocument(stored), manifest: manifest ?? readDocument(stored).manifest }
}

/** The only thing in a line that may change. Source: The Cargo Book, "Index Format". */
export function refreshYanked(stored: unknown, current: unknown): unknown {
  const [document, now] = [readDocument(stored), readDocument(current).entry['yanked'] === true]
  if ((document.entry['yanked'] === true) === now) return stored
  return { ...document, entry: { ...document.entry, yanked: now } }
}

/** One dependency, as a line of the index has it. */
export interface EntryDependency {
  /** The name in the manifest: the alias of a renamed one. */
  readonly name: string
  readonly req: string
  readonly kind: string
  /** The crate's own name. */
  readonly package: string
}

/** Those that can be read; total on any line. */
export function dependenciesOf(entry: JsonObject): EntryDependency[] {
  return listOf(entry['deps']).flatMap((value) => {
    const dependency = objectOf(value)
    const name = textOf(dependency['name'])
    if (name === undefined) return []
    const { req, kind } = { req: textOf(dependency['req']) ?? '*', kind: textOf(dependency['kind']) ?? 'normal' }
    return [{ name, req, kind, package: textOf(dependency['package']) ?? name }]
  })
}

/** Features split as old clients need it: values that they cannot read stand apart. */
export interface SplitFeatures {
  readonly features: Readonly<Record<string, readonly string[]>>
  readonly features2: Readonly<Record<string, readonly string[]>> | undefined
}

/** Source: The Cargo Book, "Index Format", `features2`. */
export function splitFeatures(all: JsonObject): SplitFeatures {
  const isNew = (values: readonly string[]) => values.some((value) => value.startsWith('dep:') || value.includes('?/'))
  const pairs = Object.entries(all).map(([name, values]) => [name, textsOf(values)] as const)
  const newer = pairs.filter(([, values]) => isNew(values))
  return {
    features: Object.fromEntries(pairs.filter(([, values]) => !isNew(values))),
    features2: newer.length > 0 ? Object.fromEntries(newer) : undefined,
  }
}
