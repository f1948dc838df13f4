import { isObject, type JsonObject, objectOf, textOf, textsOf } from '../json.ts'

/**
 * The document of one version: what its metadata says, and what an index says of each of its files. Plain data, as it is
 * stored as JSON; whatever reads it is total on any JSON.
 */
export interface Release {
  /** The project's name as its own metadata spells it. */
  readonly name: string
  readonly version: string
  /** Where `fields` are from. An index says less than a file, and an old sdist less than a wheel. */
  readonly source: 'wheel' | 'sdist' | 'index'
  /** Core metadata by field name in lower case, without the description. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** By file name. */
  readonly files: Readonly<Record<string, ReleaseFile>>
  /** Here, of all its files, those to come too: why, or true. Upstreams yank file by file. */
  readonly yanked?: string | true
}

export interface ReleaseFile {
  readonly requiresPython?: string
  /** The METADATA of a wheel: the SHA-256 of its bytes, or true where only its being there is known. */
  readonly coreMetadata?: { readonly sha256: string } | true
  /** Why, or true. */
  readonly yanked?: string | true
  /** ISO 8601 in UTC, as precise as who said it. */
  readonly uploadTime?: string
  /** Where an upstream keeps what it knows of the file's provenance. */
  readonly provenance?: string
  /** Attestations that came with an upload, as JSON. */
  readonly attestations?: readonly unknown[]
}

/** Reads a stored document. Never throws. */
export function readRelease(document: unknown): Release {
  const value = objectOf(document)
  const source = value['source']
  const yanked = yankedOf(value)
  return {
    name: textOf(value['name']) ?? '',
    version: textOf(value['version']) ?? '',
    source: source === 'wheel' || source === 'sdist' ? source : 'index',
    fields: Object.fromEntries(
      Object.entries(objectOf(value['fields'])).map(([name, texts]) => [name, textsOf(texts)]),
    ),
    files: filesOf(value),
    ...(yanked !== undefined && { yanked }),
  }
}

/** Whether the whole version was yanked here. */
export function yankedOf(document: unknown): Release['yanked'] {
  const { yanked } = objectOf(document)
  return yanked === true ? true : textOf(yanked)
}

/** Only the files: rendering a large project needs nothing else. They are ours, or checked on their way in. */
export function filesOf(document: unknown): Readonly<Record<string, ReleaseFile>> {
  return objectOf(objectOf(document)['files']) as Readonly<Record<string, ReleaseFile>>
}

/**
 * What a release becomes when another file comes: its files, and of the metadata what says most. A wheel's is exact; an
 * sdist's may say less than its build will.
 */
export function mergeReleases(stored: unknown, added: unknown): Release {
  const [old, more] = [readRelease(stored), readRelease(added)]
  const rank = { index: 0, sdist: 1, wheel: 2 }
  const best = rank[more.source] > rank[old.source] ? more : old
  const name = old.source === 'index' && more.name !== '' ? more.name : old.name
  return {
    name,
    version: old.version,
    source: best.source,
    fields: best.fields,
    files: { ...more.files, ...old.files },
    ...(old.yanked !== undefined && { yanked: old.yanked }),
  }
}

/**
 * What an upstream says of a release now: which of its files are yanked, and further files. What is known of a file is
 * kept: a file that changes upstream is another file under a false name.
 */
export function refreshRelease(stored: unknown, current: unknown): unknown {
  const [old, now] = [filesOf(stored), filesOf(current)]
  const files = Object.fromEntries(
    Object.entries({ ...now, ...old }).map(([filename, file]) => [filename, refreshFile(file, now[filename])]),
  )
  return { ...objectOf(stored), files }
}

function refreshFile(file: ReleaseFile, current: ReleaseFile | undefined): ReleaseFile {
  if (!current || !isObject(file)) return file
  const { yanked: _, ...rest } = file as ReleaseFile & JsonObject
  return {
    ...(current.uploadTime !== undefined && { uploadTime: current.uploadTime }),
    ...rest,
    ...(current.yanked !== undefined && { yanked: current.yanked }),
  }
}
