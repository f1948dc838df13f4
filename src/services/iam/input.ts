import { IamError, invalidInput } from '../../access/iam/iam-error.ts'
import type { ListPage } from '../../access/iam/parts.ts'
import type { Tag } from '../../access/iam/tags.ts'
import type { QueryParameters, QueryValue } from '../../aws/query-form.ts'

/** Source: IAM API Reference, "Pagination". */
const ITEMS_DEFAULT = 100
const ITEMS_MAX = 1000

/** Reads and checks the parameters of a query request. Throws `IamError` 'invalid', which names the parameter. */
export class Input {
  readonly #parameters: QueryParameters

  constructor(parameters: QueryParameters) {
    this.#parameters = parameters
  }

  /** Undefined when it is absent or empty. */
  optional(name: string): string | undefined {
    const value = this.#parameters[name]
    if (value === undefined || value === '') return undefined
    if (typeof value === 'string') return value
    throw invalidInput(name, JSON.stringify(value), 'must be a single value')
  }

  /** Undefined only when it is absent. */
  optionalText(name: string): string | undefined {
    return this.#parameters[name] === '' ? '' : this.optional(name)
  }

  required(name: string): string {
    const value = this.optional(name)
    if (value !== undefined) return value
    throw new IamError('invalid', `The request must contain the parameter ${name}.`)
  }

  /** Of a user, role, group or policy. */
  name(name: string): string {
    return checkName(name, this.required(name))
  }

  optionalName(name: string): string | undefined {
    const value = this.optional(name)
    return value === undefined ? undefined : checkName(name, value)
  }

  path(name = 'Path'): string {
    return checkPath(name, this.optional(name) ?? '/')
  }

  optionalPath(name: string): string | undefined {
    const value = this.optional(name)
    return value === undefined ? undefined : checkPath(name, value)
  }

  integer(name: string, { min, max, absent }: { readonly min: number; readonly max: number; readonly absent: number }) {
    const text = this.optional(name)
    if (text === undefined) return absent
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    throw invalidInput(name, text, `must be a whole number from ${min} to ${max}`)
  }

  flag(name: string): boolean {
    const text = this.optional(name)
    if (text === undefined || text === 'false') return false
    if (text === 'true') return true
    throw invalidInput(name, text, 'must be true or false')
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((value) => {
      if (typeof value === 'string') return value
      throw invalidInput(name, JSON.stringify(value), 'must be a list of texts')
    })
  }

  tags(name = 'Tags'): readonly Tag[] {
    return this.#list(name).map((value) => {
      const { Key: key, Value: text = '' } =
        typeof value === 'object' && !Array.isArray(value) ? (value as QueryParameters) : {}
      if (typeof key === 'string' && typeof text === 'string') return { key, value: text }
      throw invalidInput(name, JSON.stringify(value), 'must be a list of Key and Value')
    })
  }

  /** A list of members that have parameters of their own. */
  structures(name: string): readonly Input[] {
    return this.#list(name).map((value) => {
      if (typeof value === 'object' && !Array.isArray(value)) return new Input(value as QueryParameters)
      throw invalidInput(name, JSON.stringify(value), 'must be a list of structures')
    })
  }

  /** `PolicyArns.member.1.arn=…` */
  policyArns(name = 'PolicyArns'): readonly string[] {
    return this.#list(name).map((value) => {
      const arn = typeof value === 'object' && !Array.isArray(value) ? (value as QueryParameters)['arn'] : undefined
      if (typeof arn === 'string') return arn
      throw invalidInput(name, JSON.stringify(value), 'must be a list with arn')
    })
  }

  page(): ListPage {
    const size = this.integer('MaxItems', { min: 1, max: ITEMS_MAX, absent: ITEMS_DEFAULT })
    const marker = this.optional('Marker')
    return { size, after: marker === undefined ? undefined : Buffer.from(marker, 'base64url').toString() }
  }

  #list(name: string): readonly QueryValue[] {
    const value = this.#parameters[name]
    if (value === undefined || value === '') return []
    if (Array.isArray(value)) return value as readonly QueryValue[]
    throw invalidInput(name, JSON.stringify(value), 'must be a list')
  }
}

/** The members that end every list. */
export function pageMembers(next: string | undefined) {
  return {
    IsTruncated: next !== undefined,
    Marker: next === undefined ? undefined : Buffer.from(next).toString('base64url'),
  }
}

function checkName(name: string, value: string): string {
  const max = name === 'PolicyName' || name.endsWith('GroupName') ? 128 : 64
  if (/^[\w+=,.@-]+$/.test(value) && value.length <= max) return value
  throw invalidInput(name, value, `must be 1 to ${max} letters, digits or "_+=,.@-"`)
}

function checkPath(name: string, value: string): string {
  if (value.length <= 512 && /^\/(?:[\x21-\x2e\x30-\x7e]+\/)*$/.test(value)) return value
  throw invalidInput(name, value, 'must begin and end with "/" and have at most 512 characters')
}
