import { dirname, join, relative } from 'node:path'
import {
  type Node,
  type SourceFile as ParsedFile,
  type Statement,
  SyntaxKind,
  type VariableDeclaration,
} from 'typescript/unstable/ast'
import * as is from 'typescript/unstable/ast/is'
import { API } from 'typescript/unstable/sync'
import type { Export, FunctionSize, Import, SourceFile } from './source-file.ts'

/** Functions that take a test or a group of tests; what they are given counts as functions of their own. */
const testCalls = /^(t\.|context\.)?(test|it|describe|suite)\b/

/**
 * Every TypeScript file of the project whose tsconfig.json is in `root`, or in a folder of it, read by TypeScript's own
 * parser. Paths are relative to `root`.
 */
export function readSources(root: string, folder = '.'): SourceFile[] {
  const api = new API({ cwd: root })
  try {
    const project = api.updateSnapshot({ openProject: join(root, folder, 'tsconfig.json') }).getProjects()[0]
    if (!project) throw new Error(`no TypeScript project in ${root}`)
    return project.rootFiles.flatMap((name) => {
      const parsed = project.program.getSourceFile(name)
      return parsed ? [describe(parsed, toPath(root, name))] : []
    })
  } finally {
    api.close()
  }
}

function describe(file: ParsedFile, path: string): SourceFile {
  const nodes = [...descendants(file)]
  const names = nodes.filter(is.isIdentifier).map((node) => node.text)
  return {
    path,
    text: file.text,
    lines: file.text.split('\n').length - 1,
    imports: nodes.flatMap((node) => readImport(node, file, path)),
    exports: file.statements.flatMap((statement) => readExports(statement, file, names)),
    functions: nodes.filter(is.isFunctionLikeDeclaration).flatMap((node) => measure(node, file)),
    anyLines: nodes.filter((node) => node.kind === SyntaxKind.AnyKeyword).map((node) => lineOf(node, file)),
  }
}

function* descendants(node: Node): Generator<Node> {
  yield node
  const children: Node[] = []
  node.forEachChild((child) => {
    children.push(child)
    return undefined
  })
  for (const child of children) yield* descendants(child)
}

function readImport(node: Node, file: ParsedFile, path: string): Import[] {
  const found = findSpecifier(node)
  if (!found) return []
  const target = found.specifier.startsWith('.')
    ? join(dirname(path), found.specifier).replaceAll('\\', '/')
    : undefined
  return [{ ...found, target, line: lineOf(node, file) }]
}

function findSpecifier(node: Node): { specifier: string; names: string[] } | undefined {
  if (is.isImportDeclaration(node) && is.isStringLiteral(node.moduleSpecifier)) {
    const { name, namedBindings } = node.importClause ?? {}
    const names = [...(name ? ['default'] : []), ...(namedBindings ? readBindings(namedBindings) : [])]
    return { specifier: node.moduleSpecifier.text, names: node.importClause ? names : ['*'] }
  }
  if (is.isExportDeclaration(node) && node.moduleSpecifier && is.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, names: node.exportClause ? readBindings(node.exportClause) : ['*'] }
  }
  if (is.isCallExpression(node) && isLoader(node.expression)) {
    const [argument] = node.arguments
    return argument && is.isStringLiteral(argument) ? { specifier: argument.text, names: ['*'] } : undefined
  }
  return undefined
}

/** `import(…)` and `createRequire(…)(…)`. */
function isLoader(callee: Node): boolean {
  return callee.kind === SyntaxKind.ImportKeyword || callee.getText().startsWith('createRequire(')
}

function readBindings(bindings: Node): string[] {
  if (!is.isNamedImports(bindings) && !is.isNamedExports(bindings)) return ['*']
  return bindings.elements.map((element) => (element.propertyName ?? element.name).text)
}

function readExports(statement: Statement, file: ParsedFile, names: readonly string[]): Export[] {
  const text = statement.getText(file)
  if (!text.startsWith('export ')) return []
  const line = lineOf(statement, file)
  const doc = /\/\*\*(?:(?!\*\/)[^])*\*\/\s*$/.exec(file.text.slice(statement.pos, statement.getStart(file)))?.[0] ?? ''
  return readDeclared(statement, text).map(({ name, kind }) => {
    return { name, kind, doc, line, isUsedHere: names.filter((other) => other === name).length > 1 }
  })
}

function readDeclared(statement: Statement, text: string): Pick<Export, 'name' | 'kind'>[] {
  if (is.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => ({
      name: declaration.name.getText(),
      kind: isNumber(declaration) ? 'number' : 'value',
    }))
  }
  const name = /^export (?:default )?(?:async )?(?:abstract )?(\w+)\s*\*?\s*([\w$]+)/.exec(text)
  if (name?.[2] === undefined || /^export (?:type )?[{*]/.test(text)) return []
  return [{ name: name[2], kind: name[1] === 'interface' || name[1] === 'type' ? 'type' : 'value' }]
}

/** A literal, or arithmetic on literals. */
function isNumber({ initializer }: VariableDeclaration): boolean {
  return initializer !== undefined && /^(?=.*\d)[\d_.\s*+/()-]+n?$/.test(initializer.getText())
}

function measure(node: Node, file: ParsedFile): FunctionSize[] {
  const line = lineOf(node, file)
  const lines = height(node, file) - testsIn(node).reduce((sum, test) => sum + height(test, file), 0)
  const name = 'name' in node && node.name ? (node.name as Node).getText(file) : 'a nameless function'
  return [{ name, line, lines }]
}

/** The outermost functions inside `node` that are given to a test function. */
function testsIn(node: Node): Node[] {
  const found: Node[] = []
  node.forEachChild((child) => {
    const isTest = is.isCallExpression(child) && testCalls.test(child.expression.getText())
    if (isTest) found.push(...child.arguments.filter(is.isFunctionLikeDeclaration))
    else found.push(...testsIn(child))
    return undefined
  })
  return found
}

function height(node: Node, file: ParsedFile): number {
  return (
    file.getLineAndCharacterOfPosition(node.end).line - file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
  )
}

function lineOf(node: Node, file: ParsedFile): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

function toPath(root: string, name: string): string {
  return relative(root, name).replaceAll('\\', '/')
}
