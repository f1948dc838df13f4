import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts'

/** What is kept of a version. */
export interface ReleaseDocument {
  /** As its publisher writes it: `mona.LinkedList`. */
  readonly id: string | undefined
  /** As it was published; empty where nothing was. */
  readonly metadata: JsonObject
  /** Of the archive. */
  readonly signature: ReleaseSignature | undefined
  /** What the archive says; undefined while nobody has looked into it. */
  readonly contents: ReleaseContents | undefined
}

export interface ReleaseSignature {
  readonly format: string
  readonly base64: string
}

export interface ReleaseContents {
  /** The licence's file, where there is one. */
  readonly licenseFile?: string | undefined
  /** As far as they could be read from text that nobody runs. */
  readonly dependencies: readonly ReleaseDependency[]
}

export interface ReleaseDependency {
  readonly kind: 'registry' | 'sourceControl'
  /** `mona.LinkedList`, or a repository's address. */
  readonly target: string
  /** As it is written: `from: "1.0.0"`. */
  readonly requirement: string
}

/** Total on whatever is stored. */
export function readRelease(document: unknown): ReleaseDocument {
  const { id, metadata, signature, contents } = objectOf(document)
  const { format, base64 } = objectOf(signature)
  const [signatureFormat, signatureText] = [textOf(format), textOf(base64)]
  return {
    id: textOf(id),
    metadata: objectOf(metadata),
    signature: signatureFormat && signatureText ? { format: signatureFormat, base64: signatureText } : undefined,
    contents: isObject(contents) ? readContents(contents) : undefined,
  }
}

function readContents({ licenseFile, dependencies }: JsonObject): ReleaseContents {
  const read = listOf(dependencies).flatMap((value) => {
    const { kind, target, requirement } = objectOf(value)
    const text = textOf(target)
    if (text === undefined || (kind !== 'registry' && kind !== 'sourceControl')) return []
    return [{ kind, target: text, requirement: textOf(requirement) ?? '' } as const]
  })
  return { licenseFile: textOf(licenseFile), dependencies: read }
}

/** Inspection adds what the archive says; all else stays. */
export function addContents(stored: unknown, added: unknown): ReleaseDocument {
  const release = readRelease(stored)
  return { ...release, contents: readRelease(added).contents ?? release.contents }
}
