/**
 * Writes Ruby's Marshal format, version 4.8, and never reads it: every value and every symbol in full, without links.
 * Source: Ruby documentation, "Marshal Format".
 */

/** One encoded value, without the two bytes that a stream begins with. */
export type Marshalled = Buffer

const version = Buffer.from([4, 8])
/** `{encoding: UTF-8}`, which follows each string. */
const utf8Mark = Buffer.from([6, 0x3a, 6, 0x45, 0x54])

export const marshalNil: Marshalled = Buffer.from('0')
export const marshalTrue: Marshalled = Buffer.from('T')
export const marshalFalse: Marshalled = Buffer.from('F')

export function marshalStream(value: Marshalled): Buffer {
  return Buffer.concat([version, value])
}

/** Of absolute value below 2^30. */
export function marshalInteger(value: number): Marshalled {
  return tagged('i', pack(value))
}

export function marshalString(text: string): Marshalled {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from('I"'), pack(bytes.length), bytes, utf8Mark])
}

export function marshalSymbol(text: string): Marshalled {
  const bytes = Buffer.from(text)
  return tagged(':', pack(bytes.length), bytes)
}

export function marshalArray(values: readonly Marshalled[]): Marshalled {
  return tagged('[', pack(values.length), ...values)
}

/** What stands before the values of an array, for arrays that are never held whole. */
export function marshalArrayHead(count: number): Buffer {
  return tagged('[', pack(count))
}

export function marshalHash(entries: readonly (readonly [Marshalled, Marshalled])[]): Marshalled {
  return tagged('{', pack(entries.length), ...entries.flat())
}

/** A plain object with its instance variables. */
export function marshalObject(className: string, variables: readonly (readonly [string, Marshalled])[]): Marshalled {
  const pairs = variables.flatMap(([name, value]) => [marshalSymbol(name), value])
  return tagged('o', marshalSymbol(className), pack(variables.length), ...pairs)
}

/** An object whose class defines `marshal_dump`. */
export function marshalDumped(className: string, value: Marshalled): Marshalled {
  return tagged('U', marshalSymbol(className), value)
}

/** An object whose class defines `_dump`, with what else it carries. */
export function marshalUserBytes(
  className: string,
  bytes: Buffer,
  variables: readonly (readonly [string, Marshalled])[] = [],
): Marshalled {
  const dumped = tagged('u', marshalSymbol(className), pack(bytes.length), bytes)
  if (variables.length === 0) return dumped
  const pairs = variables.flatMap(([name, value]) => [marshalSymbol(name), value])
  return tagged('I', dumped, pack(variables.length), ...pairs)
}

function tagged(tag: string, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(tag), ...parts])
}

/** Small numbers in one byte; others after a byte that says how many follow, lowest first. */
function pack(value: number): Buffer {
  if (value === 0) return Buffer.from([0])
  if (value > 0 && value < 123) return Buffer.from([value + 5])
  if (value < 0 && value > -124) return Buffer.from([(value - 5) & 255])
  const bytes: number[] = []
  let rest = value
  while (rest !== 0 && rest !== -1) {
    bytes.push(rest & 255)
    rest >>= 8
  }
  return Buffer.from([value > 0 ? bytes.length : 256 - bytes.length, ...bytes])
}
