import ipaddr from 'ipaddr.js'
import { EventPatternError } from './event-pattern-error.ts'
import { piecesMatcher } from './text-search.ts'

/** What an event has at a place: one value, no object and no list. */
export type Scalar = string | number | boolean | null

/** Says whether one value is meant. */
export type Matcher = (value: Scalar) => boolean

type Text = (text: string) => boolean

/**
 * A match type, as `{"prefix": "lib"}`. Throws `EventPatternError`.
 * Source: EventBridge User Guide, "Comparison operators for use in event patterns".
 */
export function parseMatcher(type: string, argument: unknown, place: string): Matcher {
  switch (type) {
    case 'prefix':
    case 'suffix':
      return onText(parseEnd(type, argument, place))
    case 'equals-ignore-case':
      return onText(ignoringCase((text, folded) => text === folded, requireText(argument, place)))
    case 'wildcard':
      return onText(parseWildcard(argument, place))
    case 'anything-but':
      return parseAnythingBut(argument, place)
    case 'numeric':
      return parseNumeric(argument, place)
    case 'cidr':
      return parseCidr(argument, place)
    default:
      throw new EventPatternError(
        place,
        `'${type.slice(0, 100)}' is no match type; there are ${matchTypes.join(', ')} and exists`,
      )
  }
}

const matchTypes = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard', 'anything-but', 'numeric', 'cidr']

function onText(isMeant: Text): Matcher {
  return (value) => typeof value === 'string' && isMeant(value)
}

/** `"lib"`, or `{"equals-ignore-case": "lib"}`. */
function parseEnd(type: 'prefix' | 'suffix', argument: unknown, place: string): Text {
  const holds = (text: string, end: string) => (type === 'prefix' ? text.startsWith(end) : text.endsWith(end))
  if (typeof argument === 'string') return (text) => holds(text, argument)
  const [name, inner] = onlyMember(argument, place)
  if (name !== 'equals-ignore-case') {
    throw new EventPatternError(place, `${type} takes text, or an object with equals-ignore-case`)
  }
  return ignoringCase(holds, requireText(inner, `${place}.${name}`))
}

function ignoringCase(holds: (text: string, wanted: string) => boolean, wanted: string): Text {
  const folded = wanted.toLowerCase()
  return (text) => holds(text.toLowerCase(), folded)
}

/** `*` is anything; `\*` and `\\` are the characters themselves. */
function parseWildcard(argument: unknown, place: string): Text {
  const text = requireText(argument, place)
  const pieces: string[] = ['']
  for (let at = 0; at < text.length; at++) {
    let character = text[at] ?? ''
    if (character === '*') {
      if (text[at + 1] === '*') throw new EventPatternError(place, `two asterisks stand side by side in '${text}'`)
      pieces.push('')
      continue
    }
    if (character === '\\') {
      character = text[++at] ?? ''
      if (character !== '*' && character !== '\\') {
        throw new EventPatternError(place, `in a wildcard a backslash stands before '*' or '\\' only`)
      }
    }
    pieces[pieces.length - 1] += character
  }
  return piecesMatcher(pieces)
}

function parseAnythingBut(argument: unknown, place: string): Matcher {
  if (typeof argument === 'object' && argument !== null && !Array.isArray(argument)) {
    const [name, inner] = onlyMember(argument, place)
    if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)) {
      throw new EventPatternError(place, `anything-but does not take '${name.slice(0, 100)}'`)
    }
    const excluded = listOf(inner, `${place}.${name}`).map((each) => parseMatcher(name, each, `${place}.${name}`))
    return (value) => typeof value === 'string' && !excluded.some((isMeant) => isMeant(value))
  }
  const excluded = new Set(listOf(argument, place))
  for (const each of excluded) {
    if (typeof each !== 'string' && typeof each !== 'number') {
      throw new EventPatternError(place, 'anything-but takes text, numbers, or lists of them')
    }
  }
  return (value) => !excluded.has(value)
}

function listOf(argument: unknown, place: string): unknown[] {
  const list: unknown[] = Array.isArray(argument) ? argument : [argument]
  if (list.length === 0) throw new EventPatternError(place, 'the list must not be empty')
  return list
}

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
}

/** Unit: none. Source: EventBridge User Guide, "Numeric matching". */
const NUMBER_MAX = 5e9

/** `["=", 1]`, or a range as `[">", 0, "<=", 5]`. */
function parseNumeric(argument: unknown, place: string): Matcher {
  if (!Array.isArray(argument) || argument.length === 0 || argument.length > 4 || argument.length % 2 !== 0) {
    throw new EventPatternError(place, 'numeric takes a list of one or two comparisons, as [">", 0, "<=", 5]')
  }
  const checks: ((value: number) => boolean)[] = []
  const signs: string[] = []
  for (let at = 0; at < argument.length; at += 2) {
    const [sign, limit] = [argument[at] as unknown, argument[at + 1] as unknown]
    const compare = typeof sign === 'string' && Object.hasOwn(comparisons, sign) ? comparisons[sign] : undefined
    if (!compare) throw new EventPatternError(`${place}[${at}]`, 'must be one of =, <, <=, > and >=')
    if (typeof limit !== 'number' || Math.abs(limit) > NUMBER_MAX) {
      throw new EventPatternError(`${place}[${at + 1}]`, `must be a number from -${NUMBER_MAX} to ${NUMBER_MAX}`)
    }
    signs.push(String(sign))
    checks.push((value) => compare(value, limit))
  }
  if (signs.length === 2 && !(signs[0]?.startsWith('>') && signs[1]?.startsWith('<'))) {
    throw new EventPatternError(place, 'a range begins with > or >= and ends with < or <=')
  }
  return (value) => typeof value === 'number' && checks.every((holds) => holds(value))
}

function parseCidr(argument: unknown, place: string): Matcher {
  const text = requireText(argument, place)
  if (!ipaddr.isValidCIDR(text)) {
    throw new EventPatternError(place, `'${text.slice(0, 100)}' is no range of addresses, as 10.0.0.0/24`)
  }
  const [base, bits] = ipaddr.parseCIDR(text)
  return onText((value) => {
    // Parsers of addresses take time by length, and no address is longer.
    if (value.length > 45 || !ipaddr.isValid(value)) return false
    const address = ipaddr.parse(value)
    return address.kind() === base.kind() && address.match(base, bits)
  })
}

/** The one member of an object. */
export function onlyMember(value: unknown, place: string): readonly [name: string, value: unknown] {
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  const [first] = members
  if (members.length === 1 && first) return first
  throw new EventPatternError(place, 'must be an object with one member')
}

function requireText(value: unknown, place: string): string {
  if (typeof value === 'string') return value
  throw new EventPatternError(place, 'must be text')
}
