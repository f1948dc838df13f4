import type { Condition } from './conditions.ts'
import { PolicyDocumentError } from './document.ts'
import { operators } from './operators.ts'
import { isJsonList, isJsonObject, type Json } from './strict-json.ts'
import { parseTemplate, type Template, type VariableRule } from './template.ts'

/** The value of `Condition`. Throws `PolicyDocumentError`. */
export function parseConditions(value: Json | undefined, place: string, rule: VariableRule): readonly Condition[] {
  if (value === undefined) return []
  if (!isJsonObject(value)) throw fault(place, 'must be an object of operators')
  return [...value].flatMap(([operator, keys]) => {
    const form = parseOperator(operator, place)
    if (!isJsonObject(keys)) throw fault(`${place}.${operator}`, 'must be an object of condition keys')
    return [...keys].map(([key, expected]) => ({
      ...form,
      operator,
      key: key.toLowerCase(),
      expected: valuesOf(expected, `${place}.${operator}.${key}`, rule),
    }))
  })
}

function parseOperator(text: string, place: string): Pick<Condition, 'test' | 'quantifier' | 'whenMissing'> {
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(text) ?? []
  const test = name === 'Null' && ifExists === undefined ? 'null' : operators.get(name)
  if (test === undefined) throw fault(place, `has the unknown operator '${text.slice(0, 100)}'`)
  return {
    test,
    quantifier: set === undefined ? 'one' : set === 'ForAllValues' ? 'all' : 'any',
    whenMissing: ifExists === undefined ? 'by operator' : 'true',
  }
}

function valuesOf(value: Json, place: string, rule: VariableRule): readonly Template[] {
  const list = isJsonList(value) ? value : [value]
  return list.map((item) => {
    if (typeof item === 'string') return parseTemplate(item, rule)
    if (typeof item === 'number' || typeof item === 'boolean') return parseTemplate(String(item), 'literal')
    throw fault(place, 'must be text, a number, true or false, or a list of them')
  })
}

function fault(place: string, rule: string): PolicyDocumentError {
  return new PolicyDocumentError('grammar', `${place} ${rule}.`)
}
