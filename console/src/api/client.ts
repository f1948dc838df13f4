import { ApiError, readApiError } from './api-error.ts'
import { toWire, type WireRequest } from './bindings.ts'
import type { CodeArtifact } from './codeartifact.ts'
import { CONSOLE_HEADERS } from './session.ts'

/** The server as the one who is signed in may use it. Every method rejects with `ApiError`. */
export interface Client {
  /** An operation of CodeArtifact. */
  codeartifact<Name extends keyof CodeArtifact>(
    name: Name,
    input: CodeArtifact[Name]['input'],
    signal?: AbortSignal,
  ): Promise<CodeArtifact[Name]['output']>
  /** A call below `/packyard/v1`: of GET and DELETE the input is the query, of the others the JSON body. */
  packyard<Output>(http: `${string} /${string}`, input?: object, signal?: AbortSignal): Promise<Output>
}

export interface ClientParts {
  readonly fetch: typeof fetch
  /** Told when the session has ended, before the call fails. */
  readonly onSignedOut: () => void
}

export function createClient(parts: ClientParts): Client {
  return {
    codeartifact: (name, input, signal) => send(parts, toWire(name, input), signal),
    packyard: (http, input = {}, signal) => send(parts, toPackyardRequest(http, input), signal),
  }
}

function toPackyardRequest(http: string, input: object): WireRequest {
  const [method = '', path = ''] = http.split(' ')
  const below = `/packyard/v1${path}`
  if (method !== 'GET' && method !== 'DELETE') return { method, path: below, body: JSON.stringify(input) }
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== '')
  const query = given.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return { method, path: query.length === 0 ? below : `${below}?${query.join('&')}`, body: undefined }
}

async function send<Output>(parts: ClientParts, request: WireRequest, signal?: AbortSignal): Promise<Output> {
  const answer = await ask(parts, request, signal)
  if (answer.ok) return (await answer.json()) as Output
  if (answer.status === 401) parts.onSignedOut()
  throw await readApiError(answer)
}

async function ask(parts: ClientParts, { method, path, body }: WireRequest, signal?: AbortSignal): Promise<Response> {
  try {
    return await parts.fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        ...CONSOLE_HEADERS,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal && { signal }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiError('NetworkError', 'The server could not be reached.', 0, undefined, cause)
  }
}
