import { refused } from '../../registry/errors.ts'

/** Deepest nesting that a document may have. Unit: levels. Ours; manifests have about six. */
const DEPTH_MAX = 100

/** Longest key that can matter: the attachment's, which holds name and version. Unit: bytes. Ours. */
const KEY_BYTES_MAX = 4096

export type ScanEvent =
  /** A piece of the document around the tarball, which stands in it as empty text. */
  | { readonly kind: 'rest'; readonly bytes: Buffer }
  /** The tarball's text begins; `key` is the attachment's. */
  | { readonly kind: 'open'; readonly key: string }
  /** A piece of the tarball's text, its escapes resolved. */
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'close' }

interface Level {
  readonly isObject: boolean
  /** The key whose value is being read; kept for the levels that lead to an attachment. */
  key: string | undefined
}

const quote = 0x22
const backslash = 0x5c

/**
 * Takes the text of `_attachments.*.tgz.data` out of a JSON document while it passes, so that it is never held whole. What
 * is left is parsed by `JSON.parse`, which also finds what is not JSON: this only has to know where it is.
 */
export class AttachmentScanner {
  readonly #levels: Level[] = []
  #state: 'between' | 'string' | 'data' = 'between'
  #isKey = false
  #expectsKey = false
  #isEscaped = false
  #keyBytes: number[] = []
  /** The part of an escape inside the tarball's text that has been seen: `\`, `\u`, `\u00`. */
  #escape = '';
  *scan(chunk: Buffer): Generator<ScanEvent> {
    let from = 0
    let at = 0
    while (at < chunk.length) {
      if (this.#state === 'data') {
        from = yield* this.#scanData(chunk, at)
        at = from + 1
        continue
      }
      if (this.#state === 'string') this.#scanString(chunk[at] ?? 0)
      else if (this.#scanBetween(chunk[at] ?? 0)) {
        yield { kind: 'rest', bytes: chunk.subarray(from, at + 1) }
        yield { kind: 'open', key: this.#levels[1]?.key ?? '' }
      }
      at += 1
    }
    if (this.#state !== 'data' && from < chunk.length) yield { kind: 'rest', bytes: chunk.subarray(from) }
  }

  /** True where the tarball's text begins. */
  #scanBetween(byte: number): boolean {
    switch (byte) {
      case quote:
        return this.#beginString()
      case 0x7b: // {
      case 0x5b: // [
        this.#enter(byte === 0x7b)
        return false
      case 0x7d: // }
      case 0x5d: // ]
        this.#levels.pop()
        this.#expectsKey = false
        return false
      case 0x2c: // ,
        this.#expectsKey = this.#levels.at(-1)?.isObject === true
        return false
      default:
        return false
    }
  }

  #enter(isObject: boolean): void {
    if (this.#levels.length === DEPTH_MAX) throw refused(`the document is nested deeper than ${DEPTH_MAX} levels`)
    this.#levels.push({ isObject, key: undefined })
    this.#expectsKey = isObject
  }

  #beginString(): boolean {
    if (!this.#expectsKey && this.#isAtTarball()) {
      this.#state = 'data'
      return true
    }
    this.#state = 'string'
    this.#isKey = this.#expectsKey
    this.#keyBytes = []
    return false
  }

  #isAtTarball(): boolean {
    const [root, attachments, attachment, ...deeper] = this.#levels
    if (!root || !attachments?.isObject || !attachment?.isObject || deeper.length > 0) return false
    return root.key === '_attachments' && attachments.key?.endsWith('.tgz') === true && attachment.key === 'data'
  }

  #scanString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (byte === backslash) this.#isEscaped = true
    else if (byte === quote) return this.#endString()
    if (this.#isKey && this.#keyBytes.length < KEY_BYTES_MAX) this.#keyBytes.push(byte)
  }

  #endString(): void {
    this.#state = 'between'
    if (!this.#isKey) return
    this.#isKey = false
    this.#expectsKey = false
    const level = this.#levels.at(-1)
    if (level && this.#levels.length <= 3) level.key = readKey(this.#keyBytes)
  }

  /** Returns where the closing quote stands, or the chunk's length. */
  *#scanData(chunk: Buffer, start: number): Generator<ScanEvent, number> {
    let end = -1
    for (let at = start; at < chunk.length; at++) {
      if (this.#escape !== '') {
        yield* this.#scanEscape(chunk[at] ?? 0)
        continue
      }
      if (end < at) end = indexOf(chunk, quote, at)
      const escaped = chunk.subarray(at, end).indexOf(backslash)
      const stop = escaped < 0 ? end : at + escaped
      if (stop > at) yield { kind: 'data', bytes: chunk.subarray(at, stop) }
      at = stop
      if (stop < end) this.#escape = '\\'
      else if (stop < chunk.length) {
        this.#state = 'between'
        yield { kind: 'close' }
        return stop
      }
    }
    return chunk.length
  }

  *#scanEscape(byte: number): Generator<ScanEvent> {
    this.#escape += String.fromCharCode(byte)
    if (this.#escape.startsWith('\\u') && this.#escape.length < 6) return
    const text = readEscape(this.#escape)
    this.#escape = ''
    yield { kind: 'data', bytes: Buffer.from(text, 'utf8') }
  }
}

/** Where the byte stands next, or the end. */
function indexOf(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from)
  return found < 0 ? bytes.length : found
}

function readKey(bytes: readonly number[]): string | undefined {
  return parseText(`"${Buffer.from(bytes).toString('utf8')}"`)
}

function readEscape(escape: string): string {
  const text = parseText(`"${escape}"`)
  if (text === undefined) throw refused("the document is not JSON: a bad escape in the tarball's text")
  return text
}

function parseText(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
