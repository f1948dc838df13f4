import { refused } from '../../registry/errors.ts'

/** One value of DER: its tag, its content, and all of it. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  readonly bytes: Buffer
}

/** The values that stand one after the other. Throws `invalid` on a length that lies. Source: ITU-T X.690, 8.1. */
export function readValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readValue(bytes, at)
    values.push(value)
    at += value.bytes.length
  }
  return values
}

function readValue(bytes: Buffer, at: number): DerValue {
  const [tag, first] = [bytes[at] ?? 0, bytes[at + 1] ?? 0x80]
  // More than four bytes of length, none, or a tag of several bytes: nothing that is read here has these.
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if ((tag & 0x1f) === 0x1f || first === 0x80 || lengthBytes > 4) throw damaged()
  const start = at + 2 + lengthBytes
  if (start > bytes.length) throw damaged()
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes)
  if (start + length > bytes.length) throw damaged()
  return { tag, content: bytes.subarray(start, start + length), bytes: bytes.subarray(at, start + length) }
}

function damaged(): Error {
  return refused('the signature is not DER')
}

/** `1.2.840.113549.1.7.2`; '' for what is no object identifier. */
export function showObjectId({ tag, content }: DerValue): string {
  if (tag !== 0x06 || content.length === 0 || content.length > 50) return ''
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}
