import { IsOptional, type Static, type TObject, type TProperties, type TSchema } from 'typebox'
import { Check, Errors } from 'typebox/value'
import { invalid, RegistryError } from '../../registry/errors.ts'
import type { RestRequest } from '../service.ts'
import type { FieldNotes } from './fields.ts'

export type WireInput = Pick<RestRequest, 'query'> & { readonly body: Readonly<Record<string, unknown>> }

/**
 * The input of an operation, from the query and the body as its schema says. What the schema does not name is left out:
 * newer clients may send more. Throws `invalid` with the first field that breaks its rule.
 */
export function decode<Properties extends TProperties>(
  schema: TObject<Properties>,
  request: WireInput,
): Static<TObject<Properties>> {
  const input: Record<string, unknown> = {}
  for (const [name, field] of Object.entries<Field>(schema.properties)) {
    const value = readField(name, field, request)
    if (value !== undefined) {
      check(name, field, value)
      input[name] = value
    } else if (!IsOptional(field)) {
      throw missing(field.wire ?? name)
    }
  }
  return input as Static<TObject<Properties>>
}

type Field = TSchema & FieldNotes & { readonly type?: string }

function readField(name: string, field: Field, { query, body }: WireInput): unknown {
  if (field.wire === undefined) return body[name] ?? undefined
  const text = query.get(field.wire)
  return text === undefined ? undefined : fromText(field, text)
}

/** Text that is no number or boolean stays text, and breaks the field's rule. */
function fromText(field: Field, text: string): unknown {
  if (field.type === 'integer' && /^-?[0-9]{1,15}$/.test(text)) return Number(text)
  if (field.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function check(name: string, field: Field, value: unknown): void {
  if (Check(field, value)) return
  const path = Errors(field, value)[0]?.instancePath.split('/').slice(1) ?? []
  let found: unknown = value
  let schema: unknown = field
  let rule = field.rule
  for (const key of path) {
    found = member(found, key)
    schema = member(schema, 'items') ?? member(member(schema, 'properties'), key)
    rule = ruleOf(schema) ?? rule
  }
  throw invalid([field.wire ?? name, ...path].join('/'), show(found), rule ?? 'is not allowed')
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function ruleOf(schema: unknown): string | undefined {
  const rule = member(schema, 'rule')
  return typeof rule === 'string' ? rule : undefined
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function missing(field: string): RegistryError {
  return new RegistryError('invalid', `${field} is required`, { reason: 'FIELD_VALIDATION_FAILED' })
}
