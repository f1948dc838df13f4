import { isShipped, type Import, type SourceFile } from './source-file.ts'

/** From the outermost to the innermost; a folder imports only from lines below its own. See ARCHITECTURE.md. */
const layers: readonly (readonly string[])[] = [
  ['main', 'wire', 'config'],
  ['services', 'formats', 'console', 'cli'],
  ['governance', 'jobs'],
  ['registry'],
  ['access', 'journal'],
  ['storage', 'http', 'aws', 'tracing'],
]

/** What formats may import besides themselves; they are kept apart from everything that could be done for them. */
const formatsMayImport = ['registry', 'http']

/** Packages and folders that speak SQL, which the edges must not. */
const sqlPackages = ['kysely', 'pg', 'node:sqlite']
const sqlFolder = 'src/storage/metadata/'

/** Imports that go up or across a layer, out of `src`, or from one format into another. */
export function findLayerBreaches(files: readonly SourceFile[]): string[] {
  return files.filter(isShipped).flatMap((file) =>
    file.imports.flatMap((one) => {
      const problem = explainBreach(file, one)
      return problem === undefined ? [] : [`${file.path}:${one.line} imports ${one.specifier}: ${problem}`]
    }),
  )
}

/** What the console may import: itself, and never one page from another, so that each stays a download of its own. */
export function findConsoleBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap(({ specifier, target, line }) => {
      if (target === undefined) return []
      const [from, to] = [pageOf(file.path), pageOf(target)]
      const place = `${file.path}:${line} imports ${specifier}`
      if (!target.startsWith('console/src/')) return [`${place}: the console speaks to the server only by its API`]
      return from === undefined || to === undefined || from === to ? [] : [`${place}: a page stands for itself`]
    }),
  )
}

/** `console/src/pages/domains/page.tsx` → `domains` */
function pageOf(path: string): string | undefined {
  return /^console\/src\/pages\/([^/]+)\//.exec(path)?.[1]
}

function explainBreach(file: SourceFile, { specifier, target }: Import): string | undefined {
  const from = folderOf(file.path)
  if (depthOf(from) < 0) return `no layer is called ${from}`
  if (isEdge(from) && (sqlPackages.includes(specifier) || target?.startsWith(sqlFolder))) return 'no SQL in the edges'
  if (target === undefined) return undefined
  if (!target.startsWith('src/')) return 'what is shipped imports only from src'
  const to = folderOf(target)
  if (from === 'formats' && to === 'formats') return explainFormat(file.path, target)
  if (from === 'formats' && !formatsMayImport.includes(to))
    return `formats import only ${formatsMayImport.join(' and ')}`
  if (from === to || depthOf(from) === 0 || depthOf(to) > depthOf(from)) return undefined
  return `${from} stands ${depthOf(to) === depthOf(from) ? 'beside' : 'below'} ${to}`
}

/** A format's folder knows itself and the interface, not another format. */
function explainFormat(from: string, to: string): string | undefined {
  const [source, target] = [from, to].map((path) => path.split('/').slice(2, -1)[0])
  return source === undefined || target === undefined || source === target ? undefined : `${source} is not ${target}`
}

function isEdge(folder: string): boolean {
  return layers[1]?.includes(folder) === true
}

function depthOf(folder: string): number {
  return layers.findIndex((line) => line.includes(folder))
}

/** `src/registry/names.ts` → `registry`, `src/main.ts` → `main`. */
function folderOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? ''
}
