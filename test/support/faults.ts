import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Readable } from 'node:stream'

/** What an upstream may do wrong, on purpose. */
export type Fault =
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Promises the whole length, sends half and cuts the connection. */
  | { readonly kind: 'break off' }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** 200 and something that is not what was asked for. */
  | { readonly kind: 'garbage' }
  /** The right length, but other bytes: the integrity is a lie. */
  | { readonly kind: 'wrong bytes' }
  /** For a packument: every integrity in it is one of other bytes. */
  | { readonly kind: 'wrong integrity' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** A little at a time. */
  | { readonly kind: 'drip'; readonly chunkBytes: number; readonly everyMs: number }
  /** Half of it, and the rest when `until` resolves. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | Readable
  readonly sizeBytes: number
}

/** Answers as the fault says; without one, as it should. */
export async function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): Promise<void> {
  switch (fault?.kind) {
    case 'hang':
      return
    case 'status':
      return sendBytes(response, { ...fault, body: Buffer.from('{"error":"on purpose"}') })
    case 'garbage':
      return sendBytes(response, { ...answer, body: Buffer.from('{"name": <html>not a document') })
    case 'redirect':
      return sendBytes(response, { status: 302, headers: { location: fault.to }, body: Buffer.alloc(0) })
    case 'wrong bytes':
      return sendBytes(response, { ...answer, body: flipped(await whole(answer)) })
    case 'break off':
      await sendHalf(response, await whole(answer), answer)
      response.destroy()
      return
    case 'hold': {
      const rest = await sendHalf(response, await whole(answer), answer)
      await fault.until
      response.end(rest)
      return
    }
    case 'drip':
      return drip(response, answer, fault)
    case 'wrong integrity': // the document was made with it
    case undefined:
      return sendAll(response, answer)
  }
}

function sendAll(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.sizeBytes })
  if (Buffer.isBuffer(answer.body)) response.end(answer.body)
  else answer.body.pipe(response)
}

interface SmallAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Buffer
}

function sendBytes(response: ServerResponse, { status, headers, body }: SmallAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.end(body)
}

async function sendHalf(response: ServerResponse, bytes: Buffer, { status, headers }: Answer): Promise<Buffer> {
  const half = Math.floor(bytes.length / 2)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  await new Promise((resolve) => response.write(bytes.subarray(0, half), resolve))
  return bytes.subarray(half)
}

async function drip(response: ServerResponse, answer: Answer, fault: Fault & { kind: 'drip' }): Promise<void> {
  const bytes = await whole(answer)
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length })
  for (let at = 0; at < bytes.length && !response.destroyed; at += fault.chunkBytes) {
    if (!response.write(bytes.subarray(at, at + fault.chunkBytes))) await once(response, 'drain')
    await sleep(fault.everyMs)
  }
  response.end()
}

async function whole(answer: Answer): Promise<Buffer> {
  return Buffer.isBuffer(answer.body) ? answer.body : Buffer.concat(await answer.body.toArray())
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = Math.floor(copy.length / 2)
  copy[middle] = (copy[middle] ?? 0) ^ 0xff
  return copy
}
