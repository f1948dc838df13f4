/** A piece of a pattern: text as it stands, `*`, `?`, or a policy variable. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'many' }
  | { readonly kind: 'one' }
  | { readonly kind: 'variable'; readonly key: string; readonly fallback: string | undefined }

export type Template = readonly Piece[]

/** What a request says under a condition key, in lower case; undefined when it says nothing. */
export type ContextValue = string | readonly string[] | undefined
export type Context = (key: string) => ContextValue

/** Whether `${…}` means anything: only in documents of version 2012-10-17. */
export type VariableRule = 'variables' | 'literal'

const SPECIAL = /\$\{([^{}]*)\}|([*?])/g

/** Source: IAM User Guide, "IAM policy elements: Variables and tags". `${*}`, `${?}` and `${$}` are the signs themselves. */
export function parseTemplate(text: string, rule: VariableRule): Template {
  const pieces: Piece[] = []
  let at = 0
  for (const match of text.matchAll(SPECIAL)) {
    const [all, variable, sign] = match
    if (variable !== undefined && rule === 'literal') continue
    if (match.index > at) pieces.push({ kind: 'text', text: text.slice(at, match.index) })
    pieces.push(variable === undefined ? { kind: sign === '*' ? 'many' : 'one' } : parseVariable(variable))
    at = match.index + all.length
  }
  if (at < text.length) pieces.push({ kind: 'text', text: text.slice(at) })
  return pieces
}

function parseVariable(text: string): Piece {
  if (text === '*' || text === '?' || text === '$') return { kind: 'text', text }
  const [, key = '', fallback] = /^([^,]*?)\s*(?:,\s*'(.*)'\s*)?$/s.exec(text) ?? []
  return { kind: 'variable', key: key.trim().toLowerCase(), fallback }
}

/** Every variable replaced by its value, as text: a `*` in a value is no wildcard. Undefined when one has no value. */
export function resolve(template: Template, context: Context): Template | undefined {
  if (!template.some(({ kind }) => kind === 'variable')) return template
  const pieces: Piece[] = []
  for (const piece of template) {
    const text = piece.kind === 'variable' ? variableValue(piece, context) : undefined
    if (piece.kind === 'variable' && text === undefined) return undefined
    pieces.push(text === undefined ? piece : { kind: 'text', text })
  }
  return pieces
}

/** A key with several values has none that could stand in a text. */
function variableValue(piece: Extract<Piece, { kind: 'variable' }>, context: Context): string | undefined {
  const value = context(piece.key)
  return typeof value === 'string' ? value : piece.fallback
}

/** The text of a resolved template, where `*` and `?` are signs like any other. */
export function textOf(template: Template): string {
  return template.map((piece) => (piece.kind === 'text' ? piece.text : piece.kind === 'many' ? '*' : '?')).join('')
}

/** Cuts at the first `count` colons that stand in text; what is left over is the last part. */
export function splitAtColons(template: Template, count: number): Template[] {
  const parts: Piece[][] = [[]]
  for (const piece of template) {
    if (piece.kind !== 'text') {
      parts.at(-1)?.push(piece)
      continue
    }
    let rest = piece.text
    for (let at = rest.indexOf(':'); at >= 0 && parts.length <= count; at = rest.indexOf(':')) {
      if (at > 0) parts.at(-1)?.push({ kind: 'text', text: rest.slice(0, at) })
      parts.push([])
      rest = rest.slice(at + 1)
    }
    if (rest !== '') parts.at(-1)?.push({ kind: 'text', text: rest })
  }
  return parts
}
