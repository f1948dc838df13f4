import type { SourceFile } from './source-file.ts'

/** Longest file. Unit: lines. Ours. */
const FILE_LINES_MAX = 400
/** Longest function. Unit: lines. Ours. */
const FUNCTION_LINES_MAX = 70

/**
 * Files that are longer than allowed, and how long they are: tables, and what has to shrink. A number here is raised
 * for tables only, and lowered as soon as it can be.
 */
export type Exceptions = Readonly<Record<string, number>>

export function findLongFiles(files: readonly SourceFile[], exceptions: Exceptions): string[] {
  const tooLong = files.flatMap(({ path, lines }) => {
    const limit = exceptions[path] ?? FILE_LINES_MAX
    return lines > limit ? [`${path} has ${lines} lines, ${limit} are allowed`] : []
  })
  return [...tooLong, ...findSlack(files, exceptions)]
}

/** A broken limit may only shrink: an exception that is larger than its file is lowered, or goes. */
function findSlack(files: readonly SourceFile[], exceptions: Exceptions): string[] {
  return Object.entries(exceptions).flatMap(([path, limit]) => {
    const lines = files.find((file) => file.path === path)?.lines ?? 0
    return lines < limit ? [`${path} has ${lines} lines: lower its exception of ${limit}, or take it out`] : []
  })
}

export function findLongFunctions(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.functions
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(
        ({ name, line, lines }) => `${file.path}:${line} ${name} has ${lines} lines, ${FUNCTION_LINES_MAX} are allowed`,
      ),
  )
}
