import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Conversation } from './conversation.ts'

/** Answers what never became a request: a head that is too large, too slow or no HTTP at all. */
export function refuseMalformed(conversation: Conversation, error: NodeJS.ErrnoException, socket: Socket): void {
  // What came before it on this connection has its answer first.
  conversation.turnEnd.flush()
  // A connection that is gone, or in the middle of an answer, can only be closed.
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  const [status, message] = describe(error)
  const id = conversation.newId()
  socket.end(renderHead(status, JSON.stringify({ message, requestId: id }), id))
  conversation.observer({
    id,
    method: '-',
    path: '-',
    query: '',
    plane: 'none',
    status,
    durationMs: 0,
    sentBytes: 0,
    remoteAddress: socket.remoteAddress ?? '',
    userAgent: '',
    fields: [],
    by: undefined,
    end: 'complete',
    error: undefined,
  })
}

/** node:http keeps the answer being written at its socket; there is no other way to ask for it. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null }
  return response?.headersSent === true
}

/** Source: Node.js documentation, "Event: 'clientError'", and the error codes of its HTTP parser. */
function describe(error: NodeJS.ErrnoException): readonly [number, string] {
  if (error.code === 'HPE_HEADER_OVERFLOW') return [431, 'the request line and headers are too large']
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'the request took too long to arrive']
  return [400, 'the request is not valid HTTP/1.1']
}

function renderHead(status: number, body: string, id: string): string {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `x-amzn-RequestId: ${id}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
