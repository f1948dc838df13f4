import { EventPatternError } from './event-pattern-error.ts'
import { type Matcher, onlyMember, parseMatcher, type Scalar } from './matchers.ts'

/** Says whether an event is meant: in time proportional to the pattern and to the event, whatever stands in them. */
export type EventPattern = (event: unknown) => boolean

/** Unit: characters. Source: EventBridge User Guide, "Amazon EventBridge quotas". */
const PATTERN_CHARACTERS_MAX = 4096
/** Objects inside objects; ours. */
const PATTERN_DEPTH_MAX = 100

type Test = (value: unknown) => boolean

/**
 * The whole language of EventBridge's rules. Throws `EventPatternError`, which names the place.
 * Source: EventBridge User Guide, "Creating Amazon EventBridge event patterns".
 */
export function parseEventPattern(text: string): EventPattern {
  if (text.length > PATTERN_CHARACTERS_MAX) {
    throw new EventPatternError('', `it has ${text.length} characters, ${PATTERN_CHARACTERS_MAX} are allowed`)
  }
  return parseObject(parseJson(text), '', 1)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EventPatternError('', `it is no JSON: ${cause instanceof Error ? cause.message : ''}`, cause)
  }
}

/** Every member has to match. A list in an event matches by one of its elements. */
function parseObject(pattern: unknown, place: string, depth: number): Test {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new EventPatternError(place, place === '' ? 'it must be an object' : 'must be an object or a list')
  }
  if (depth > PATTERN_DEPTH_MAX)
    throw new EventPatternError('', `it has more than ${PATTERN_DEPTH_MAX} objects one inside the other`)
  const members = Object.entries(pattern)
  if (members.length === 0) throw new EventPatternError(place, 'an object must not be empty')
  const tests = members.map(([name, value]) => parseMember(name, value, place, depth))
  const matches = (value: object) => tests.every((test) => test(value))
  return (value) => {
    if (Array.isArray(value)) return value.some((element) => matches(objectOf(element)))
    return matches(objectOf(value))
  }
}

/** What is no object has no members: `exists: false` matches there, and nothing else does. */
function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function parseMember(name: string, pattern: unknown, parent: string, depth: number): (event: object) => boolean {
  const place = parent === '' ? name : `${parent}.${name}`
  if (name === '$or' && isAlternatives(pattern)) {
    const alternatives = pattern.map((each, at) => parseObject(each, `${place}[${at}]`, depth + 1))
    return (event) => alternatives.some((matches) => matches(event))
  }
  const test = Array.isArray(pattern) ? parseValues(pattern, place) : parseObject(pattern, place, depth + 1)
  return (event) => test(Object.hasOwn(event, name) ? (event as Record<string, unknown>)[name] : undefined)
}

/** A member that is called so may also be meant: then it lists values. */
function isAlternatives(pattern: unknown): pattern is object[] {
  if (!Array.isArray(pattern) || pattern.length < 2) return false
  return pattern.every((each: unknown) => typeof each === 'object' && each !== null && !isMatchType(each))
}

function isMatchType(value: object): boolean {
  const [name = ''] = Object.keys(value)
  return /^(prefix|suffix|equals-ignore-case|wildcard|anything-but|numeric|cidr|exists)$/.test(name)
}

/** One of the values, or of the match types, has to match one of the event's. */
function parseValues(patterns: readonly unknown[], place: string): Test {
  if (patterns.length === 0) throw new EventPatternError(place, 'a list of values must not be empty')
  const exact = new Set<unknown>(patterns.filter(isScalar))
  const matchers: Matcher[] = []
  const presences: boolean[] = []
  for (const [at, pattern] of patterns.entries()) {
    if (isScalar(pattern)) continue
    const [type, argument] = onlyMember(pattern, `${place}[${at}]`)
    if (type === 'exists') presences.push(parsePresence(argument, `${place}[${at}].exists`))
    else matchers.push(parseMatcher(type, argument, `${place}[${at}].${type}`))
  }
  return (value) => {
    const values: readonly unknown[] = Array.isArray(value) ? value.flat(Infinity) : value === undefined ? [] : [value]
    const scalars = values.filter(isScalar)
    if (presences.includes(scalars.length > 0)) return true
    return scalars.some((scalar) => exact.has(scalar) || matchers.some((matches) => matches(scalar)))
  }
}

function parsePresence(argument: unknown, place: string): boolean {
  if (typeof argument === 'boolean') return argument
  throw new EventPatternError(place, 'must be true or false')
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}
