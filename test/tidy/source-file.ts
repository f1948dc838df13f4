/** What the rules know of one file of TypeScript. Paths are relative to the project's folder, with `/`. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
  readonly functions: readonly FunctionSize[]
  /** Line numbers at which the type `any` stands. */
  readonly anyLines: readonly number[]
}

export interface Import {
  /** As written: `node:fs`, `kysely`, `../names.ts`. */
  readonly specifier: string
  /** The file of ours that it means; undefined for a package. */
  readonly target: string | undefined
  /** The names taken, or `*` for all of them. */
  readonly names: readonly string[]
  readonly line: number
}

export interface Export {
  readonly name: string
  readonly kind: 'value' | 'type' | 'number'
  /** The doc comment, empty when there is none. */
  readonly doc: string
  readonly line: number
  /** Whether the file itself uses the name somewhere else. */
  readonly isUsedHere: boolean
}

export interface FunctionSize {
  readonly name: string
  readonly line: number
  /** From its first line to its last, without the tests that it declares. */
  readonly lines: number
}

/** Code that is shipped, as opposed to what tests it. */
export function isShipped(file: SourceFile): boolean {
  return file.path.startsWith('src/') && !/[./](test|conformance|fixture)\.ts$/.test(file.path)
}
