import type { TObject } from 'typebox'
import { splitPair } from '../../aws/canonical-request.ts'
import type { Call } from '../../http/call.ts'
import { invalid, RegistryError } from '../../registry/errors.ts'
import { parseJson, unreadable } from '../json-body.ts'

/** Everything that a request says, by name; nothing checked but that each thing is said once. */
export type GivenInput = Readonly<Record<string, unknown>>

type FieldSchema = { readonly type?: string; readonly items?: FieldSchema }

/** From the path, the query and, of a POST or PUT, the body. Throws `invalid`. */
export function readInput(
  schema: TObject,
  {
    call,
    params,
    body,
  }: { readonly call: Call; readonly params: Readonly<Record<string, string>>; readonly body: Buffer },
): GivenInput {
  const fields = schema.properties as Readonly<Record<string, FieldSchema>>
  const given: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, texts] of readQuery(call.query)) given[name] = fromTexts(name, fields[name], texts)
  const carriesBody = call.method === 'POST' || call.method === 'PUT'
  for (const [name, value] of Object.entries(carriesBody ? parseJson(body) : {})) put(given, name, value)
  for (const [name, text] of Object.entries(params)) put(given, name, fromTexts(name, fields[name], [text]))
  return given
}

/** A misspelt name must not count as one that was left out. Throws `invalid`. */
export function refuseUnknown(schema: TObject, given: GivenInput): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(schema.properties, name))
  if (unknown === undefined) return
  const known = Object.keys(schema.properties).join(', ') || 'none'
  throw invalid('parameter', unknown, `is not known here; known are: ${known}`)
}

function put(given: Record<string, unknown>, name: string, value: unknown): void {
  if (name in given) throw invalid('parameter', name, 'must not stand more than once')
  given[name] = value
}

/** Text that is no number or boolean stays text, and breaks the field's rule. */
function fromTexts(name: string, schema: FieldSchema | undefined, texts: readonly string[]): unknown {
  if (schema?.type === 'array') return texts.map((text) => fromText(schema.items, text))
  const [text = '', another] = texts
  if (another !== undefined) throw invalid('parameter', name, 'must not stand more than once')
  return fromText(schema, text)
}

function fromText(schema: FieldSchema | undefined, text: string): unknown {
  if ((schema?.type === 'integer' || schema?.type === 'number') && /^-?[0-9]{1,15}$/.test(text)) return Number(text)
  if (schema?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/** A plus stays a plus, as in the signature. */
function readQuery(query: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const piece of query.split('&')) {
    if (piece === '' || piece.startsWith('X-Amz-')) continue
    const [name = '', value = ''] = splitPair(piece).map(decode)
    found.set(name, [...(found.get(name) ?? []), value])
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    throw unreadable(`'${text.slice(0, 100)}' in the query is not percent-encoded UTF-8`, cause)
  }
}
