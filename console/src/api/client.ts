import { ApiError, readApiError } from './api-error.ts'
import { toWire, type WireRequest } from './bindings.ts'
import type { CodeArtifact } from './codeartifact.ts'
import { CONSOLE_HEADERS } from './session.ts'

/** Source: IAM service model. */
const IAM_VERSION = '2010-05-08'

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
  /** An operation of IAM, with its parameters as they are on the wire; the answer is XML. */
  iam(action: string, parameters: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Document>
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
    iam: async (action, parameters, signal) => {
      const form = new URLSearchParams({ Action: action, Version: IAM_VERSION, ...parameters })
      const answer = await checked(parts, { method: 'POST', path: '/', body: form }, signal)
      return new DOMParser().parseFromString(await answer.text(), 'text/xml')
    },
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
  return (await (await checked(parts, request, signal)).json()) as Output
}

interface AnyRequest extends Omit<WireRequest, 'body'> {
  readonly body: string | URLSearchParams | undefined
}

async function checked(parts: ClientParts, request: AnyRequest, signal?: AbortSignal): Promise<Response> {
  const answer = await ask(parts, request, signal)
  if (answer.ok) return answer
  const error = await readApiError(answer)
  // The AWS operations answer 403 to who shows neither a session nor a signature.
  if (error.status === 401 || error.code === 'MissingAuthenticationTokenException') parts.onSignedOut()
  throw error
}

async function ask(parts: ClientParts, { method, path, body }: AnyRequest, signal?: AbortSignal): Promise<Response> {
  try {
    return await parts.fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        ...CONSOLE_HEADERS,
        ...(typeof body === 'string' && { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal && { signal }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiError('NetworkError', 'The server could not be reached.', 0, undefined, cause)
  }
}
