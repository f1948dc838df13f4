import ipaddr from 'ipaddr.js'
import { matchesArn } from './arn-pattern.ts'
import { type Template, textOf } from './template.ts'
import { matches } from './wildcards.ts'

/** One comparison. What cannot be read as the operator's kind of value never compares as true. */
export interface Operator {
  readonly isNegated: boolean
  /** `expected` is a resolved template of the policy, `actual` what the request says. */
  test(expected: Template, actual: string): boolean
}

type Test = Operator['test']

const equal: Test = (expected, actual) => textOf(expected) === actual
const equalIgnoringCase: Test = (expected, actual) => textOf(expected).toLowerCase() === actual.toLowerCase()
const like: Test = (expected, actual) => matches(expected, actual)
const arnLike: Test = (expected, actual) =>
  actual.split(':').length > 5 && matchesArn(expected, actual, () => undefined)
const bool: Test = (expected, actual) => {
  const wanted = textOf(expected).toLowerCase()
  return /^(true|false)$/.test(wanted) && wanted === actual.toLowerCase()
}

function ordered(parse: (text: string) => number, compare: (actual: number, expected: number) => boolean): Test {
  return (expected, actual) => {
    const [left, right] = [parse(actual), parse(textOf(expected))]
    return !Number.isNaN(left) && !Number.isNaN(right) && compare(left, right)
  }
}

function parseNumber(text: string): number {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

/** ISO 8601, or seconds since 1970. Unit of the result: ms since 1970. */
function parseDate(text: string): number {
  if (/^\d{1,12}(\.\d+)?$/.test(text)) return text.length === 4 ? Date.parse(text) : Number(text) * 1000
  return /^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/.test(text)
    ? Date.parse(/T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text)
    : Number.NaN
}

/** IPv4 within IPv6 (`::ffff:10.0.0.1`) counts as IPv4, as sockets report it so. */
const inRange: Test = (expected, actual) => {
  const range = parseRange(textOf(expected))
  if (!range || !ipaddr.isValid(actual)) return false
  const address = ipaddr.process(actual)
  return address.kind() === range[0].kind() && address.match(range)
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return [ipaddr.IPv4.parse(text), 32]
  if (ipaddr.IPv6.isValid(text)) return [ipaddr.IPv6.parse(text), 128]
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined
}

const binary: Test = (expected, actual) => {
  const wanted = textOf(expected)
  return isBase64(wanted) && isBase64(actual) && Buffer.from(wanted, 'base64').equals(Buffer.from(actual, 'base64'))
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

const positive = (test: Test): Operator => ({ isNegated: false, test })
const negated = (test: Test): Operator => ({ isNegated: true, test })

const isEqual = (left: number, right: number): boolean => left === right
const isLess = (left: number, right: number): boolean => left < right
const isLessOrEqual = (left: number, right: number): boolean => left <= right
const isGreater = (left: number, right: number): boolean => left > right
const isGreaterOrEqual = (left: number, right: number): boolean => left >= right

/** By name; `Null` is not among them, as it looks at no value. Source: IAM User Guide, "Condition operators". */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', positive(equal)],
  ['StringNotEquals', negated(equal)],
  ['StringEqualsIgnoreCase', positive(equalIgnoringCase)],
  ['StringNotEqualsIgnoreCase', negated(equalIgnoringCase)],
  ['StringLike', positive(like)],
  ['StringNotLike', negated(like)],
  ['NumericEquals', positive(ordered(parseNumber, isEqual))],
  ['NumericNotEquals', negated(ordered(parseNumber, isEqual))],
  ['NumericLessThan', positive(ordered(parseNumber, isLess))],
  ['NumericLessThanEquals', positive(ordered(parseNumber, isLessOrEqual))],
  ['NumericGreaterThan', positive(ordered(parseNumber, isGreater))],
  ['NumericGreaterThanEquals', positive(ordered(parseNumber, isGreaterOrEqual))],
  ['DateEquals', positive(ordered(parseDate, isEqual))],
  ['DateNotEquals', negated(ordered(parseDate, isEqual))],
  ['DateLessThan', positive(ordered(parseDate, isLess))],
  ['DateLessThanEquals', positive(ordered(parseDate, isLessOrEqual))],
  ['DateGreaterThan', positive(ordered(parseDate, isGreater))],
  ['DateGreaterThanEquals', positive(ordered(parseDate, isGreaterOrEqual))],
  ['Bool', positive(bool)],
  ['BinaryEquals', positive(binary)],
  ['IpAddress', positive(inRange)],
  ['NotIpAddress', negated(inRange)],
  ['ArnEquals', positive(arnLike)],
  ['ArnLike', positive(arnLike)],
  ['ArnNotEquals', negated(arnLike)],
  ['ArnNotLike', negated(arnLike)],
])
