import { createRequire } from 'node:module'
import { licenceCalled } from './licence-names.ts'

/** What a publisher says of the licence, taken apart. */
export type Licence =
  | { readonly kind: 'licence'; readonly id: string; readonly exception: string | undefined }
  /** What nobody can tell the meaning of; '' where nothing is said. */
  | { readonly kind: 'unknown'; readonly text: string }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Licence[] }

/** Reads one licence, perhaps with an exception. Undefined for what SPDX does not know. */
export type ReadIdentifier = (text: string) => Licence | undefined

/** Longest expression that is taken apart. Unit: characters. Ours. */
const EXPRESSION_LENGTH_MAX = 1000

/** What the library answers. */
type SpdxNode =
  | { readonly license: string; readonly plus?: true; readonly exception?: string }
  | { readonly left: unknown }

/** Loaded with the first rule about licences: the library brings a list of all of them. */
export function loadSpdx(): ReadIdentifier {
  const parse = createRequire(import.meta.url)('spdx-expression-parse') as (source: string) => SpdxNode
  return (text) => {
    try {
      const node = parse(text)
      if (!('license' in node)) return undefined
      return { kind: 'licence', id: withoutOldNames(node.license, node.plus ? '+' : ''), exception: node.exception }
    } catch {
      return undefined
    }
  }
}

/** `GPL-2.0` and `GPL-2.0+` were split into names that say which they mean. Source: SPDX licence list 3.0. */
function withoutOldNames(id: string, plus: '+' | ''): string {
  const old = /^((?:A|L)?GPL-\d\.\d|GFDL-\d\.\d)(\+?)$/.exec(`${id}${plus}`)
  if (!old) return `${id}${plus}`
  return `${old[1] ?? ''}${old[2] === '+' ? '-or-later' : '-only'}`
}

/** Total: what makes no sense is unknown, in whole or in that part. Old crates write `/` for `OR`. */
export function parseLicence(text: string, readIdentifier: ReadIdentifier): Licence {
  const trimmed = text.trim()
  if (trimmed.length > EXPRESSION_LENGTH_MAX) return { kind: 'unknown', text: trimmed.slice(0, EXPRESSION_LENGTH_MAX) }
  const whole = readOne(trimmed, readIdentifier)
  if (whole.kind !== 'unknown') return whole
  const tokens = trimmed.split(/(\(|\)|\s+(?:and|or)\s+|\/)/i).map((each) => each.trim())
  const reader = new ExpressionReader(
    tokens.filter((each) => each !== ''),
    readIdentifier,
  )
  return reader.read() ?? whole
}

/** One licence by identifier or by name; `NONE` and `NOASSERTION` say nothing. */
function readOne(text: string, readIdentifier: ReadIdentifier): Licence {
  const found = readIdentifier(text) ?? readIdentifier(licenceCalled(text) ?? '')
  if (found) return found
  return { kind: 'unknown', text: /^(?:none|noassertion|unknown)$/i.test(text) ? '' : text }
}

/** AND binds more than OR. Source: SPDX 3.0, annex "SPDX license expressions". */
class ExpressionReader {
  readonly #tokens: readonly string[]
  readonly #readIdentifier: ReadIdentifier
  #at = 0

  constructor(tokens: readonly string[], readIdentifier: ReadIdentifier) {
    this.#tokens = tokens
    this.#readIdentifier = readIdentifier
  }

  /** Undefined for what is no expression at all, as a sentence with a bracket in it. */
  read(): Licence | undefined {
    if (this.#tokens.length < 2) return undefined
    const found = this.#any()
    return this.#at === this.#tokens.length ? found : undefined
  }

  #any(): Licence | undefined {
    return this.#parts('any', /^(?:or|\/)$/i, () => this.#all())
  }

  #all(): Licence | undefined {
    return this.#parts('all', /^and$/i, () => this.#operand())
  }

  #parts(kind: 'all' | 'any', operator: RegExp, next: () => Licence | undefined): Licence | undefined {
    const parts: Licence[] = []
    do {
      const part = next()
      if (!part) return undefined
      parts.push(part)
    } while (this.#takes(operator))
    return parts.length === 1 ? parts[0] : { kind, parts }
  }

  #operand(): Licence | undefined {
    if (this.#takes(/^\($/)) {
      const inner = this.#any()
      return this.#takes(/^\)$/) ? inner : undefined
    }
    const text = this.#tokens[this.#at]
    if (text === undefined || /^(?:\(|\)|and|or|\/)$/i.test(text)) return undefined
    this.#at += 1
    return readOne(text, this.#readIdentifier)
  }

  #takes(token: RegExp): boolean {
    const found = token.test(this.#tokens[this.#at] ?? '')
    if (found) this.#at += 1
    return found
  }
}

/** As an SPDX expression; what is unknown stands in quotes. */
export function renderLicence(licence: Licence): string {
  switch (licence.kind) {
    case 'licence':
      return licence.exception === undefined ? licence.id : `${licence.id} WITH ${licence.exception}`
    case 'unknown':
      return licence.text === '' ? 'unknown' : `"${licence.text}"`
    case 'all':
    case 'any': {
      const parts = licence.parts.map((part) => {
        return licence.kind === 'all' && part.kind === 'any' ? `(${renderLicence(part)})` : renderLicence(part)
      })
      return parts.join(licence.kind === 'all' ? ' AND ' : ' OR ')
    }
  }
}
