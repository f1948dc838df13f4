import { isShipped, type Export, type SourceFile } from './source-file.ts'

/** Files that somebody starts; nobody imports what they export. */
const entryPoints = new Set(['src/main.ts', 'bench/main.ts', 'console/vite.config.ts'])

/** Exported names that no file imports. A type may stay when its own file speaks of it, as in a function's result. */
export function findDeadExports(files: readonly SourceFile[]): string[] {
  const imported = new Set(files.flatMap(({ imports }) => imports.flatMap(namesTaken)))
  const isImported = (path: string, { name }: Export) => imported.has(`${path} ${name}`) || imported.has(`${path} *`)
  return files.flatMap((file) =>
    file.exports
      .filter((one) => !entryPoints.has(file.path) && !isImported(file.path, one))
      .filter((one) => one.kind !== 'type' || !one.isUsedHere)
      .map(({ name, line }) => `${file.path}:${line} exports ${name}, which nobody imports`),
  )
}

function namesTaken({ target, names }: SourceFile['imports'][number]): string[] {
  return target === undefined ? [] : names.map((name) => `${target} ${name}`)
}

/** Exported numbers whose doc comment lacks the unit, or where the number is from. */
export function findUnexplainedNumbers(files: readonly SourceFile[]): string[] {
  return files.filter(isShipped).flatMap((file) =>
    file.exports.flatMap(({ kind, doc, name, line }) => {
      if (kind !== 'number') return []
      const lacks = [
        ...(/\bUnit: /.test(doc) ? [] : ['its unit (Unit: ms.)']),
        ...(/\b(Source:|Ours|Unverified:)/.test(doc) ? [] : ['its source (Source: …, Ours, or Unverified: …)']),
      ]
      return lacks.length === 0 ? [] : [`${file.path}:${line} ${name} lacks ${lacks.join(' and ')} in its doc comment`]
    }),
  )
}
