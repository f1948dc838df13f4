/** JSON in which no object names a member twice: two readers of a policy must not see two different policies. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map
}

export function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** The text is not JSON. The message says where. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JsonSyntaxError'
  }
}

/** Levels of nesting; a policy has five. Ours. */
const NESTING_MAX = 32

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|$)/y

interface Token {
  readonly at: number
  /** A sign of JSON; '' for a value, and at the end. */
  readonly sign: string
  readonly value: string | number | boolean | null | undefined
}

/** Throws `JsonSyntaxError`. */
export function parseStrictJson(text: string): Json {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0
  #token: Token

  constructor(text: string) {
    this.#text = text
    this.#token = this.#next()
  }

  value(depth: number): Json {
    if (depth > NESTING_MAX) throw this.#fault('is nested too deeply')
    const { sign, value } = this.#token
    if (sign === '{') return this.#object(depth)
    if (sign === '[') return this.#array(depth)
    if (value === undefined) throw this.#fault('must have a value here')
    this.#token = this.#next()
    return value
  }

  end(): void {
    if (!this.#isEnd()) throw this.#fault('must end here')
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, Json>()
    this.#take('{')
    if (this.#took('}')) return members
    do {
      const { value: name } = this.#token
      if (typeof name !== 'string') throw this.#fault('must have a name in double quotes here')
      if (members.has(name)) throw this.#fault(`names '${name.slice(0, 50)}' twice in one object`)
      this.#token = this.#next()
      this.#take(':')
      members.set(name, this.value(depth + 1))
    } while (this.#took(','))
    this.#take('}')
    return members
  }

  #array(depth: number): Json[] {
    const items: Json[] = []
    this.#take('[')
    if (this.#took(']')) return items
    do items.push(this.value(depth + 1))
    while (this.#took(','))
    this.#take(']')
    return items
  }

  #take(sign: string): void {
    if (!this.#took(sign)) throw this.#fault(`must have '${sign}' here`)
  }

  #took(sign: string): boolean {
    if (this.#token.sign !== sign) return false
    this.#token = this.#next()
    return true
  }

  #isEnd(): boolean {
    return this.#token.sign === '' && this.#token.value === undefined
  }

  #next(): Token {
    TOKEN.lastIndex = this.#at
    const found = TOKEN.exec(this.#text)
    if (!found) throw this.#faultAt(this.#at, 'cannot be read')
    const [all, sign = '', quoted, word] = found
    this.#at = TOKEN.lastIndex
    const at = this.#at - all.trimStart().length
    const raw = quoted ?? word
    return { at, sign, value: raw === undefined ? undefined : (JSON.parse(raw) as Token['value']) }
  }

  #fault(what: string): JsonSyntaxError {
    return this.#faultAt(this.#token.at, what)
  }

  #faultAt(at: number, what: string): JsonSyntaxError {
    const before = this.#text.slice(0, at).split('\n')
    return new JsonSyntaxError(`line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} ${what}`)
  }
}
