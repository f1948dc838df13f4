import { HttpError, type Reply } from './call.ts'

/** A failure as JSON with a message, for clients of no particular protocol. */
export function renderPlainError(error: unknown, call: { readonly id: string }): Reply {
  const [status, message] =
    error instanceof HttpError ? [error.status, error.message] : [500, `internal error; request id ${call.id}`]
  const headers = error instanceof HttpError ? error.headers : {}
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ message, requestId: call.id }),
  }
}
