import { packZip, type ZipEntry } from './zip-archive.ts'

/** What a source archive is made from; a text is `scope.name@version`. */
export interface SwiftInput {
  /** `mona.LinkedList` */
  readonly id: string
  readonly version: string
  /** The manifest below its first line; one that says nothing much without it. */
  readonly manifest?: string
  /** By file name, in the root of the package. */
  readonly files?: Readonly<Record<string, string>>
  /** Put into the archive as they are. */
  readonly entries?: readonly ZipEntry[]
  readonly metadata?: object
}

export interface SwiftPackage extends SwiftInput {
  readonly bytes: Buffer
}

function toSwiftInput(input: SwiftInput | string): SwiftInput {
  if (typeof input !== 'string') return input
  const [id = '', version = ''] = input.split('@')
  return { id, version }
}

/** A package as SwiftPM would archive it. The same input gives the same bytes. */
export function makeSwift(given: SwiftInput | string): SwiftPackage {
  const input = toSwiftInput(given)
  const manifest = `// swift-tools-version:5.5\nimport PackageDescription\n${input.manifest ?? libraryManifest(nameOf(input))}`
  const files = {
    'Package.swift': manifest,
    [`Sources/${nameOf(input)}/File.swift`]: `public let version = "${input.version}"\n`,
    ...input.files,
  }
  const entries = Object.entries(files).map(([path, content]) => ({ path: `${input.id}/${path}`, content }))
  return { ...input, bytes: packZip([...entries, ...(input.entries ?? [])]) }
}

function nameOf({ id }: SwiftInput): string {
  return id.slice(id.indexOf('.') + 1)
}

/** The text of a manifest of one library, whose module is called as it. */
export function libraryManifest(name: string, dependencies: readonly string[] = []): string {
  return `let package = Package(
  name: "${name}",
  products: [.library(name: "${name}", targets: ["${name}"])],
  dependencies: [${dependencies.join(', ')}],
  targets: [.target(name: "${name}")]
)
`
}
