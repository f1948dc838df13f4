import { parse, stringify } from 'yaml'

/**
 * Renders what our Helm chart uses of Go's templates and Helm's functions, and refuses all else, so that a chart can be
 * looked at where there is no Helm. Sources: Go, "text/template"; Helm, "Template function list".
 */
export function renderChart(files: Readonly<Record<string, string>>, root: Readonly<Record<string, unknown>>) {
  const defined = new Map<string, Node[]>()
  const trees = Object.entries(files).map(([name, text]) => {
    const tokens = tokenize(text)
    const nodes = parseNodes(tokens, defined)
    return { name, nodes }
  })
  const scope = { dot: root, root, variables: new Map<string, unknown>(), defined }
  return trees
    .filter(({ name }) => name.endsWith('.yaml'))
    .flatMap(({ nodes }) => render(nodes, scope).split(/^---$/m))
    .map((text) => parse(text) as Record<string, unknown> | null)
    .filter((document) => document !== null)
}

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly pipeline: string }
  | {
      readonly kind: 'block'
      readonly word: string
      readonly pipeline: string
      readonly body: Node[]
      readonly otherwise: Node[]
    }

type Token = { readonly text: string } | { readonly action: string }

interface Scope {
  readonly dot: unknown
  readonly root: unknown
  readonly variables: ReadonlyMap<string, unknown>
  readonly defined: ReadonlyMap<string, Node[]>
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (const match of text.matchAll(/\{\{(-)?\s*([\s\S]*?)\s*(-)?\}\}/g)) {
    let before = text.slice(at, match.index)
    if (match[1]) before = before.trimEnd()
    tokens.push({ text: before }, { action: match[2] ?? '' })
    at = match.index + match[0].length
    if (match[3]) at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0
  }
  return [...tokens, { text: text.slice(at) }]
}

/** Takes tokens from the front, up to the end of the block. */
function parseNodes(tokens: Token[], defined: Map<string, Node[]>, isInside = false): Node[] {
  const nodes: Node[] = []
  for (let token = tokens.shift(); token; token = tokens.shift()) {
    if ('text' in token) nodes.push({ kind: 'text', text: token.text })
    else if (token.action === 'end' || token.action === 'else') {
      tokens.unshift(token)
      return nodes
    } else nodes.push(...parseAction(token.action, tokens, defined))
  }
  if (isInside) throw new Error('a block has no end')
  return nodes
}

function parseAction(action: string, tokens: Token[], defined: Map<string, Node[]>): Node[] {
  const [, word = '', pipeline = ''] = /^(if|with|range|define)\s+([\s\S]+)$/.exec(action) ?? []
  if (word === '') return [{ kind: 'value', pipeline: action }]
  const body = parseNodes(tokens, defined, true)
  const isElse = (token: Token | undefined) => token !== undefined && 'action' in token && token.action === 'else'
  const otherwise = isElse(tokens.shift()) ? parseNodes(tokens, defined, true) : undefined
  if (otherwise) tokens.shift()
  if (word !== 'define') return [{ kind: 'block', word, pipeline, body, otherwise: otherwise ?? [] }]
  defined.set(pipeline.replaceAll('"', ''), body)
  return []
}

function render(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join('')
}

function renderNode(node: Node, scope: Scope): string {
  if (node.kind === 'text') return node.text
  if (node.kind === 'value') return show(evaluate(node.pipeline, scope))
  const [, names, source = node.pipeline] = /^(\$\w+,\s*\$\w+)\s*:=\s*([\s\S]+)$/.exec(node.pipeline) ?? []
  const value = evaluate(source, scope)
  if (!isTrue(value)) return render(node.otherwise, scope)
  if (node.word === 'if') return render(node.body, scope)
  if (node.word === 'with') return render(node.body, { ...scope, dot: value })
  const [key = '', item = ''] = (names ?? '').split(',').map((name) => name.trim())
  const entries = Object.entries(value as object)
  return entries
    .map(([name, each]: [string, unknown]) => {
      const variables = new Map([...scope.variables, [key, name], [item, each]])
      return render(node.body, { ...scope, dot: each, variables })
    })
    .join('')
}

/** As Go decides: empty lists and objects, 0 and '' are false. */
function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

function show(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
}

function evaluate(pipeline: string, scope: Scope): unknown {
  let piped: unknown[] = []
  for (const command of splitOutside(pipeline, '|')) {
    const [first = '', ...rest] = splitOutside(command.trim(), ' ').filter((word) => word !== '')
    const args = [...rest.map((word) => operand(word, scope)), ...piped]
    const call = functions[first]
    if (call === undefined && rest.length > 0) throw new Error(`no such function: ${first}`)
    piped = [first === 'include' ? include(args, scope) : call ? call(...args) : operand(first, scope)]
  }
  return piped[0]
}

function include([name, dot]: readonly unknown[], scope: Scope): string {
  const nodes = scope.defined.get(String(name))
  if (!nodes) throw new Error(`nothing is defined as ${String(name)}`)
  return render(nodes, { ...scope, dot })
}

function operand(word: string, scope: Scope): unknown {
  if (word.startsWith('(')) return evaluate(word.slice(1, -1), scope)
  if (/^["'0-9]/.test(word)) return JSON.parse(word) as unknown
  if (word.startsWith('$')) return scope.variables.get(word)
  if (!word.startsWith('.')) throw new Error(`what is ${word}?`)
  let value: unknown = scope.dot
  for (const name of word.split('.').filter((part) => part !== '')) {
    if (typeof value !== 'object' || value === null || !(name in value)) throw new Error(`there is no ${word}`)
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function splitOutside(text: string, separator: string): string[] {
  const parts = ['']
  let depth = 0
  let isQuoted = false
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted
    if (!isQuoted && character === '(') depth++
    if (!isQuoted && character === ')') depth--
    if (character === separator && depth === 0 && !isQuoted) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

const indent = (width: unknown, text: unknown) => String(text).replaceAll(/^(?=.)/gm, ' '.repeat(Number(width)))

const functions: Readonly<Record<string, ((...args: readonly unknown[]) => unknown) | undefined>> = {
  quote: (value) => JSON.stringify(show(value)),
  default: (otherwise, value) => (isTrue(value) ? value : otherwise),
  printf: (form, ...values) => values.reduce((text: string, value) => text.replace('%s', show(value)), String(form)),
  trunc: (length, text) => String(text).slice(0, Number(length)),
  trimSuffix: (suffix, text) =>
    String(text).endsWith(String(suffix)) ? String(text).slice(0, -String(suffix).length) : text,
  toYaml: (value) => stringify(value).trimEnd(),
  nindent: (width, text) => `\n${indent(width, text)}`,
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  gt: (left, right) => Number(left) > Number(right),
  not: (value) => !isTrue(value),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
  int: Number,
  fail(message) {
    throw new Error(String(message))
  },
  include: () => '',
}
