import { IsOptional, type TObject, type TSchema } from 'typebox'
import { Check, Errors } from 'typebox/value'
import { invalid, RegistryError } from '../registry/errors.ts'

/** Throws `invalid`: names the parameter, its value and the rule that it breaks. */
export function checkParameters(kind: string, schema: TObject, parameters: Readonly<Record<string, unknown>>): void {
  const fields: Readonly<Record<string, TSchema>> = schema.properties
  for (const name of Object.keys(parameters)) {
    if (fields[name]) continue
    const known = Object.keys(fields).join(', ')
    throw invalid(`parameters.${name}`, show(parameters[name]), `is no parameter of ${kind}: there are ${known}`)
  }
  for (const [name, field] of Object.entries(fields)) {
    const value = parameters[name]
    if (value === undefined && IsOptional(field)) continue
    if (value === undefined) throw required(kind, name)
    if (!Check(field, value)) throw broken(name, field, value)
  }
}

function required(kind: string, name: string): RegistryError {
  return new RegistryError('invalid', `parameters.${name} is required for ${kind}`, {
    reason: 'FIELD_VALIDATION_FAILED',
  })
}

/** The innermost field that has a rule of its own says which. */
function broken(name: string, field: TSchema, value: unknown): RegistryError {
  const path = Errors(field, value)[0]?.instancePath.split('/').slice(1) ?? []
  let found = value
  let schema: unknown = field
  let rule = ruleOf(field)
  for (const key of path) {
    found = member(found, key)
    schema = member(schema, 'items') ?? member(member(schema, 'properties'), key)
    rule = ruleOf(schema) ?? rule
  }
  return invalid(['parameters', name, ...path].join('.'), show(found), rule ?? 'is not allowed')
}

function ruleOf(schema: unknown): string | undefined {
  const rule = member(schema, 'rule')
  return typeof rule === 'string' ? rule : undefined
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
