import { type Choice, type PolicyDocument, PolicyDocumentError, type Statement } from './document.ts'
import type { PrincipalEntry } from './principals.ts'
import { parseConditions } from './parse-conditions.ts'
import { parsePrincipals } from './parse-principals.ts'
import {
  isJsonList,
  isJsonObject,
  type Json,
  type JsonObject,
  JsonSyntaxError,
  parseStrictJson,
} from './strict-json.ts'
import { parseTemplate, type Template, type VariableRule } from './template.ts'

/**
 * What a document is for. `identity`: attached to users, groups and roles, boundaries and session policies; names no
 * principal. `resource`: of a domain or repository. `trust`: who may assume a role; names no resource.
 */
export type DocumentKind = 'identity' | 'resource' | 'trust'

const DOCUMENT_MEMBERS = ['Version', 'Id', 'Statement']
const STATEMENT_MEMBERS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]

/** Throws `PolicyDocumentError`, which names the place of the fault. Source: IAM User Guide, "Grammar of the policy language". */
export function parsePolicyDocument(text: string, kind: DocumentKind): PolicyDocument {
  const root = parseText(text)
  if (!isJsonObject(root)) throw new PolicyDocumentError('syntax', 'The policy must be a JSON object.')
  refuseUnknown(root, DOCUMENT_MEMBERS, 'The policy')
  const rule = variableRule(root)
  const id = root.get('Id')
  if (id !== undefined && typeof id !== 'string') throw fault('Id', 'must be text')
  const list = statementsOf(root.get('Statement'))
  const statements = list.map((statement, index) => parseStatement(statement, index, { kind, rule }))
  checkSids(statements)
  return { statements }
}

function parseText(text: string): Json {
  try {
    return parseStrictJson(text)
  } catch (cause) {
    if (cause instanceof JsonSyntaxError)
      throw new PolicyDocumentError('syntax', `The policy is not valid JSON: ${cause.message}.`, cause)
    throw cause
  }
}

function variableRule(root: JsonObject): VariableRule {
  const version = root.get('Version')
  if (version === '2012-10-17') return 'variables'
  if (version === undefined || version === '2008-10-17') return 'literal'
  throw fault('Version', 'must be 2012-10-17 or 2008-10-17')
}

function statementsOf(value: Json | undefined): readonly Json[] {
  if (isJsonObject(value)) return [value]
  if (value !== undefined && isJsonList(value) && value.length > 0) return value
  throw fault('Statement', 'must be a statement or a list of at least one')
}

interface Rules {
  readonly kind: DocumentKind
  readonly rule: VariableRule
}

function parseStatement(value: Json, index: number, { kind, rule }: Rules): Statement {
  const place = `Statement[${index}]`
  if (!isJsonObject(value)) throw fault(place, 'must be an object')
  refuseUnknown(value, STATEMENT_MEMBERS, place)
  const effect = value.get('Effect')
  if (effect !== 'Allow' && effect !== 'Deny') throw fault(`${place}.Effect`, 'must be Allow or Deny')
  return {
    index,
    sid: parseSid(value, place, kind),
    effect,
    actions: parseActions(value, place, kind),
    resources: parseResources(value, place, kind, rule),
    principals: parseWho(value, place, kind),
    conditions: parseConditions(value.get('Condition'), `${place}.Condition`, rule),
  }
}

/** Resource policies of many services take spaces too. */
function parseSid(statement: JsonObject, place: string, kind: DocumentKind): string | undefined {
  const sid = statement.get('Sid')
  if (sid === undefined) return undefined
  const form = kind === 'identity' ? /^[A-Za-z0-9]*$/ : /^[A-Za-z0-9 ]*$/
  if (typeof sid === 'string' && form.test(sid)) return sid
  throw fault(`${place}.Sid`, 'must be letters and digits only')
}

function checkSids(statements: readonly Statement[]): void {
  const seen = new Set<string>()
  for (const { sid, index } of statements) {
    if (sid === undefined || sid === '') continue
    if (seen.has(sid)) throw fault(`Statement[${index}].Sid`, `repeats '${sid}'; each must be unique within the policy`)
    seen.add(sid)
  }
}

function parseActions(statement: JsonObject, place: string, kind: DocumentKind): Choice<Template> {
  const { form, name, value } = oneOf(statement, place, 'Action')
  const items = textsOf(value, `${place}.${name}`).map((text) => {
    const [, vendor] = /^([A-Za-z0-9-]+):[A-Za-z0-9*?]+$/.exec(text) ?? []
    if (text !== '*' && vendor === undefined) throw fault(`${place}.${name}`, `'${shown(text)}' must be service:Action`)
    if (vendor !== undefined) checkVendor(text, vendor.toLowerCase(), `${place}.${name}`, kind)
    return parseTemplate(text.toLowerCase(), 'literal')
  })
  return { form, items }
}

function checkVendor(action: string, vendor: string, place: string, kind: DocumentKind): void {
  if (kind === 'identity' || (kind === 'trust' && vendor === 'sts')) return
  if (kind === 'trust') throw fault(place, `'${shown(action)}' must be an action of sts: this is a trust policy`)
  if (vendor === 'codeartifact' || action.toLowerCase() === 'sts:getservicebearertoken') return
  throw fault(place, `'${shown(action)}' must be an action of codeartifact, or sts:GetServiceBearerToken`)
}

function parseResources(
  statement: JsonObject,
  place: string,
  kind: DocumentKind,
  rule: VariableRule,
): Choice<Template> | undefined {
  if (kind === 'trust') {
    refuseMembers(statement, place, ['Resource', 'NotResource'], 'has no place in a trust policy')
    return undefined
  }
  const { form, name, value } = oneOf(statement, place, 'Resource')
  const items = textsOf(value, `${place}.${name}`).map((text) => {
    if (text !== '*' && !text.startsWith('arn:'))
      throw fault(`${place}.${name}`, `'${shown(text)}' must be an ARN or "*"`)
    return parseTemplate(text, rule)
  })
  return { form, items }
}

function parseWho(statement: JsonObject, place: string, kind: DocumentKind): Choice<PrincipalEntry> | undefined {
  if (kind === 'identity') {
    refuseMembers(statement, place, ['Principal', 'NotPrincipal'], 'has no place in an identity policy')
    return undefined
  }
  const { form, name, value } = oneOf(statement, place, 'Principal')
  return { form, items: parsePrincipals(value, `${place}.${name}`) }
}

function oneOf(statement: JsonObject, place: string, name: string) {
  const [plain, negated] = [statement.get(name), statement.get(`Not${name}`)]
  if ((plain === undefined) === (negated === undefined)) {
    throw fault(place, `must have exactly one of ${name} and Not${name}`)
  }
  return plain === undefined
    ? { form: 'all but these' as const, name: `Not${name}`, value: negated as Json }
    : { form: 'these' as const, name, value: plain }
}

function refuseMembers(statement: JsonObject, place: string, names: readonly string[], why: string): void {
  const found = names.find((name) => statement.has(name))
  if (found !== undefined) throw fault(`${place}.${found}`, why)
}

function refuseUnknown(object: JsonObject, known: readonly string[], place: string): void {
  const unknown = [...object.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined) throw fault(place, `has the unknown element '${shown(unknown)}'`)
}

/** One text, or a list of at least one. */
function textsOf(value: Json, place: string): readonly string[] {
  const list = isJsonList(value) ? value : [value]
  const texts = list.filter((item) => typeof item === 'string')
  if (texts.length === list.length && texts.length > 0) return texts
  throw fault(place, 'must be text or a list of texts, at least one')
}

function fault(place: string, rule: string): PolicyDocumentError {
  return new PolicyDocumentError('grammar', `${place} ${rule}.`)
}

function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
