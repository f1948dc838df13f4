import type { TargetSettings } from '../../journal/bus/targets.ts'
import { parseJsonPath } from './json-path.ts'

/** What a transformer may name besides its own paths. Source: EventBridge User Guide, "Predefined variables". */
export interface InputContext {
  readonly ruleArn: string
  readonly ruleName: string
  /** Unit: ms since 1970. */
  readonly receivedAt: number
}

/** An input that cannot be used: the message names the member and what is wrong. */
export class TargetInputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TargetInputError'
  }
}

export type TargetInput = (body: string, context: InputContext) => string

/** Source: EventBridge API Reference, `InputTransformer`. */
const INPUT_PATHS_MAX = 100

/** What is sent of an event: all of it, a part, something constant, or a text made from parts. Throws `TargetInputError`. */
export function parseTargetInput({ Input, InputPath, InputTransformer }: TargetSettings): TargetInput {
  const given = [Input, InputPath, InputTransformer].filter((each) => each !== undefined)
  if (given.length > 1) throw new TargetInputError('Only one of Input, InputPath and InputTransformer may be given')
  if (Input !== undefined) return constantInput(Input)
  if (InputPath !== undefined) return partInput(InputPath)
  return InputTransformer === undefined ? (body) => body : transformedInput(InputTransformer)
}

function constantInput(text: string): TargetInput {
  if (!isJson(text)) throw new TargetInputError(`Input '${text.slice(0, 100)}' must be JSON`)
  return () => text
}

function partInput(text: string): TargetInput {
  const read = requirePath('InputPath', text)
  return (body) => JSON.stringify(read(JSON.parse(body)) ?? null)
}

function transformedInput(transformer: NonNullable<TargetSettings['InputTransformer']>): TargetInput {
  const paths = Object.entries(transformer.InputPathsMap ?? {})
  if (paths.length > INPUT_PATHS_MAX)
    throw new TargetInputError(`InputPathsMap has more than ${INPUT_PATHS_MAX} members`)
  const readers = new Map(paths.map(([name, path]) => [name, requirePath(`InputPathsMap.${name}`, path)]))
  const parts = splitTemplate(transformer.InputTemplate)
  for (const part of parts) {
    if (part.kind === 'text' || readers.has(part.name) || part.name.startsWith('aws.events.')) continue
    throw new TargetInputError(`InputTemplate names <${part.name}>, which InputPathsMap does not define`)
  }
  checkTemplate(parts)
  return (body, context) => {
    const event: unknown = JSON.parse(body)
    const valueOf = (name: string) => readers.get(name)?.(event) ?? predefined(name, event, context)
    return parts.map((part) => (part.kind === 'text' ? part.text : insert(valueOf(part.name), part.kind))).join('')
  }
}

/** A placeholder inside quotes gives text, one outside gives JSON. */
type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'quoted' | 'bare'; readonly name: string }

function splitTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let isQuoted = false
  for (const [at, piece] of template.split(/<([\w.-]{1,200})>/).entries()) {
    if (at % 2 === 1) parts.push({ kind: isQuoted ? 'quoted' : 'bare', name: piece })
    else {
      parts.push({ kind: 'text', text: piece })
      const quotes = piece.replaceAll(/\\./g, '').split('"').length - 1
      if (quotes % 2 === 1) isQuoted = !isQuoted
    }
  }
  return parts
}

/** JSON, or lines that each are; to be seen with anything in the place of placeholders. */
function checkTemplate(parts: readonly TemplatePart[]): void {
  const sample = parts.map((part) => (part.kind === 'text' ? part.text : part.kind === 'quoted' ? 'x' : '0')).join('')
  const lines = sample.split('\n').filter((line) => line.trim() !== '')
  if (isJson(sample) || (lines.length > 0 && lines.every(isJson))) return
  throw new TargetInputError('InputTemplate must be JSON, or lines of it, once its placeholders are filled in')
}

function insert(value: unknown, kind: 'quoted' | 'bare'): string {
  const json = JSON.stringify(value ?? null)
  if (kind === 'bare') return json
  if (value === undefined || value === null) return ''
  return JSON.stringify(typeof value === 'string' ? value : json).slice(1, -1)
}

function predefined(name: string, event: unknown, { ruleArn, ruleName, receivedAt }: InputContext): unknown {
  switch (name) {
    case 'aws.events.rule-arn':
      return ruleArn
    case 'aws.events.rule-name':
      return ruleName
    case 'aws.events.event.ingestion-time':
      return new Date(receivedAt).toISOString()
    case 'aws.events.event':
    case 'aws.events.event.json':
      return event
    default:
      return undefined
  }
}

function requirePath(field: string, text: string) {
  const read = parseJsonPath(text)
  if (read) return read
  throw new TargetInputError(`${field} '${text.slice(0, 100)}' must be a path, as $.detail.packageName`)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
