import type { WireError, WireReply } from './rest-json.ts'

/** Which of the two forms of an answer the client asked for. Only login tools ask for JSON. */
export type QueryNotation = 'xml' | 'json'

export interface QueryAnswer {
  /** `GetCallerIdentity` */
  readonly action: string
  readonly xmlNamespace: string
  readonly notation: QueryNotation
  readonly requestId: string
  /** In order; lists as arrays, maps as `Map`. Undefined for actions without output, whose answer has no Result element. */
  readonly result: Readonly<Record<string, unknown>> | undefined
}

export function renderQuery(answer: QueryAnswer): WireReply {
  const { action, requestId, result } = answer
  const content = {
    ...(result === undefined ? {} : { [`${action}Result`]: result }),
    ResponseMetadata: { RequestId: requestId },
  }
  if (answer.notation === 'json') return json(200, { [`${action}Response`]: content })
  return xml(200, element(`${action}Response`, content, answer.xmlNamespace))
}

export function renderQueryError(error: WireError, notation: QueryNotation, xmlNamespace?: string): WireReply {
  const content = {
    Error: { Type: error.status < 500 ? 'Sender' : 'Receiver', Code: error.code, Message: error.message },
    RequestId: error.requestId,
  }
  if (notation === 'json') return json(error.status, content, error.headers)
  return xml(error.status, element('ErrorResponse', content, xmlNamespace), error.headers)
}

type Headers = Readonly<Record<string, string>>

function json(status: number, content: object, headers: Headers = {}): WireReply {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(content) }
}

function xml(status: number, content: string, headers: Headers = {}): WireReply {
  return { status, headers: { 'Content-Type': 'text/xml', ...headers }, body: `${content}\n` }
}

function element(name: string, value: unknown, xmlNamespace?: string): string {
  const content = contentOf(value)
  const attribute = xmlNamespace === undefined ? '' : ` xmlns="${escapeXml(xmlNamespace)}"`
  return content === '' ? `<${name}${attribute}/>` : `<${name}${attribute}>${content}</${name}>`
}

function contentOf(value: unknown): string {
  if (value instanceof Map) {
    const entries: [unknown, unknown][] = [...(value as ReadonlyMap<unknown, unknown>)]
    return entries.map(([key, item]) => element('entry', { key, value: item })).join('')
  }
  if (Array.isArray(value)) return value.map((item) => element('member', item)).join('')
  if (typeof value !== 'object' || value === null) return escapeXml(String(value))
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => element(name, member))
    .join('')
}

/** Characters that XML 1.0 cannot carry at all become U+FFFD: one of them would make the whole answer unreadable. */
function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}
