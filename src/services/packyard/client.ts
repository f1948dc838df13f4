import type { Operation } from './operation.ts'
import type { operations } from './operations.ts'

/**
 * A client of the API whose types are those of its table: nothing is generated, and nothing of the server is loaded.
 * `await client('GET /packyard/v1/jobs/{id}', { id })`.
 */
export interface PackyardClient {
  <Http extends Binding>(http: Http, ...input: InputArguments<InputOf<Http>>): Promise<OutputOf<Http>>
}

/** How a request goes out: signed, or with a session's cookie and header. */
export type Send = (request: ApiRequest) => Promise<ApiAnswer>

export interface ApiRequest {
  readonly method: string
  /** Path and query, from `/packyard/v1/` on. */
  readonly target: string
  /** JSON. */
  readonly body: string | undefined
}

export interface ApiAnswer {
  readonly status: number
  readonly body: string
}

/** What the server refused, in its own words. */
export class PackyardError extends Error {
  readonly status: number
  /** As `AccessDeniedException`. */
  readonly code: string
  /** To be found in the server's log and audit trail. */
  readonly requestId: string

  constructor(
    status: number,
    failure: { readonly code?: string; readonly message?: string; readonly requestId?: string },
  ) {
    super(failure.message ?? `the server answered ${status}`)
    this.name = 'PackyardError'
    this.status = status
    this.code = failure.code ?? `Http${status}`
    this.requestId = failure.requestId ?? ''
  }
}

type Table = typeof operations
type Binding = Table[keyof Table]['http']
type RowOf<Http> = Extract<Table[keyof Table], { readonly http: Http }>
type InputOf<Http> = RowOf<Http> extends Operation<infer _Http, infer Input, infer _Output> ? Input : never
type OutputOf<Http> = RowOf<Http> extends Operation<infer _Http, infer _Input, infer Output> ? Output : never
/** What needs no input may be called without. */
type InputArguments<Input> = object extends Input ? [input?: Input] : [input: Input]

export function createPackyardClient(send: Send): PackyardClient {
  return async (http, ...[input]) => {
    const { status, body } = await send(requestOf(http, (input ?? {}) as Readonly<Record<string, unknown>>))
    if (status === 200) return JSON.parse(body) as OutputOf<typeof http>
    throw new PackyardError(status, parseFailure(body))
  }
}

/** Members that the path names go there; the others into the query, or into the body of a POST or PUT. */
function requestOf(http: string, input: Readonly<Record<string, unknown>>): ApiRequest {
  const [method = '', pattern = ''] = http.split(' ')
  const taken = new Set<string>()
  const path = pattern.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    taken.add(name)
    return encode(String(input[name]))
  })
  const rest = Object.entries(input).filter(([name, value]) => !taken.has(name) && value !== undefined)
  if (method === 'POST' || method === 'PUT') {
    return { method, target: path, body: JSON.stringify(Object.fromEntries(rest)) }
  }
  const query = rest.flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return values.map((one) => `${name}=${encode(String(one))}`)
  })
  return { method, target: query.length === 0 ? path : `${path}?${query.join('&')}`, body: undefined }
}

/** As a signature wants it. Source: RFC 3986, section 2.3. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function parseFailure(body: string): object {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
