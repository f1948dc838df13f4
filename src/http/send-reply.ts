import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Reply } from './call.ts'
import type { IncomingCall } from './incoming-call.ts'
import type { TurnEnd } from './turn-end.ts'

/** Source: AWS SDKs, which show this header's value as the request id of an error. */
const REQUEST_ID_HEADER = 'x-amzn-RequestId'

/**
 * Writes a reply to its socket. Rejects when a stream fails before its first byte, as the client can then still be told;
 * once headers are out, a failure breaks the connection off, so that nobody takes half an answer for a whole one.
 * Bytes that are at hand are sent with the turn's. Resolves to the number of body bytes sent.
 */
export function sendReply(call: IncomingCall, reply: Reply, turnEnd: TurnEnd): Promise<number> | number {
  const { response } = call
  if (response.destroyed || response.headersSent) {
    discard(reply)
    return 0
  }
  if (reply.body instanceof Readable) return sendStream(call, reply, reply.body)
  return sendBytes(call, reply, reply.body, turnEnd)
}

/** Lets go of what an unsent reply holds. */
export function discard(reply: Reply): void {
  if (reply.body instanceof Readable) reply.body.on('error', ignore).destroy()
}

function sendBytes(call: IncomingCall, reply: Reply, body: Buffer | string | undefined, turnEnd: TurnEnd): number {
  const { response } = call
  if (body === undefined) {
    const isEmpty = mayHaveBody(reply.status) && call.method !== 'HEAD'
    writeHead(call, reply, isEmpty ? 0 : undefined)
    turnEnd.end(response, undefined)
    return 0
  }
  const sizeBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  writeHead(call, reply, sizeBytes)
  if (call.method === 'HEAD' || !mayHaveBody(reply.status)) {
    turnEnd.end(response, undefined)
    return 0
  }
  turnEnd.end(response, body)
  return sizeBytes
}

function sendStream(call: IncomingCall, reply: Reply, body: Readable): Promise<number> | number {
  if (call.method !== 'HEAD' && mayHaveBody(reply.status)) return pump(call, reply, body)
  discard(reply)
  writeHead(call, reply, undefined)
  call.response.end()
  return 0
}

/**
 * Like `pipeline`, but the head waits for the first bytes, and a stream that is shorter or longer than its declared
 * length ends the connection instead of confusing the next answer on it.
 */
function pump(call: IncomingCall, reply: Reply, body: Readable): Promise<number> {
  const { response } = call
  const declared = declaredLength(reply)
  let sentBytes = 0
  let isHandedBack = false
  return new Promise((resolve, reject) => {
    const breakOff = (error?: Error) => {
      body.destroy()
      response.destroy(error)
    }
    const begin = () => {
      if (!response.headersSent) writeHead(call, reply, undefined)
    }
    body.on('data', (chunk: Buffer | string) => {
      begin()
      sentBytes += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length
      if (declared !== undefined && sentBytes > declared) breakOff()
      else if (!response.write(chunk)) body.pause()
    })
    body.on('end', () => {
      begin()
      if (declared !== undefined && sentBytes !== declared) breakOff()
      else response.end()
    })
    body.on('error', (error) => {
      isHandedBack = !response.headersSent && !response.destroyed
      if (isHandedBack) reject(error)
      else breakOff(error)
    })
    body.on('close', () => {
      if (!body.readableEnded && !isHandedBack) breakOff()
    })
    response.on('drain', () => body.resume())
    response.on('close', () => {
      body.destroy()
      resolve(sentBytes)
    })
  })
}

function writeHead(call: IncomingCall, reply: Reply, sizeBytes: number | undefined): void {
  const headers = headerList(call, reply, sizeBytes)
  const reason = reply.reason === undefined ? '' : reasonPhrase(reply.reason)
  if (reason === '') call.response.writeHead(reply.status, headers)
  else call.response.writeHead(reply.status, reason, headers)
}

/** Longest reason phrase: proxies limit the whole line. Unit: characters. Ours. */
const REASON_LENGTH_MAX = 200

/** In one line of what may stand there. Source: RFC 9112, section 4. */
function reasonPhrase(text: string): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e\xa0-\xff]/g, '?')
    .trim()
  return line.length > REASON_LENGTH_MAX ? `${line.slice(0, REASON_LENGTH_MAX - 3)}...` : line
}

/** A flat list keeps node:http on its short way: one pass, no map. */
function headerList(call: IncomingCall, reply: Reply, sizeBytes: number | undefined): (string | number)[] {
  const list: (string | number)[] = [REQUEST_ID_HEADER, call.id]
  const { headers } = reply
  for (const name in headers) list.push(name, headers[name] ?? '')
  if (sizeBytes !== undefined && declaredLength(reply) === undefined) list.push('Content-Length', sizeBytes)
  if (mustClose(call, call.response)) list.push('Connection', 'close')
  return list
}

function declaredLength({ headers }: Reply): number | undefined {
  const length = headers['Content-Length'] ?? headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** After a body that was never asked for, the bytes that follow could be the body or the next request. */
function mustClose(call: IncomingCall, response: ServerResponse): boolean {
  return call.isContinueAwaited || !response.shouldKeepAlive
}

/** Source: RFC 9110, sections 15.3.5 and 15.4.5. */
function mayHaveBody(status: number): boolean {
  return status !== 204 && status !== 304
}

function ignore(): void {}
