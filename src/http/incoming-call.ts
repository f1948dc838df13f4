import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Call } from './call.ts'
import type { OriginRule } from './origin.ts'
import { RequestBody } from './request-body.ts'

export type LogFields = Record<string, string | number>

/** A request of node:http as a `Call`. What few handlers need is made when it is asked for. */
export class IncomingCall implements Call {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  by: object | undefined = undefined
  /** What handlers added to the log line; of a key that stands twice, the later value counts. */
  readonly logFields: Readonly<LogFields>[] = []
  /** The body's limit; a plane may lower the listener's. Unit: bytes. */
  bodyBytesMax: number
  readonly #originRule: OriginRule
  #remoteAddress: string | undefined
  #body: Readable | undefined
  #abort: AbortController | undefined
  #isContinueAwaited: boolean

  constructor(request: IncomingMessage, response: ServerResponse, facts: IncomingFacts) {
    const target = originForm(request.url ?? '/')
    const mark = target.indexOf('?')
    this.id = facts.id
    this.method = request.method ?? 'GET'
    this.path = mark < 0 ? target : target.slice(0, mark)
    this.query = mark < 0 ? '' : target.slice(mark + 1)
    this.request = request
    this.response = response
    this.bodyBytesMax = facts.bodyBytesMax
    this.#originRule = facts.originRule
    this.#isContinueAwaited = facts.expectation === 'continue'
  }

  get rawHeaders(): readonly string[] {
    return this.request.rawHeaders
  }

  get remoteAddress(): string {
    if (this.#remoteAddress === undefined) {
      const address = this.request.socket.remoteAddress ?? ''
      this.#remoteAddress = address.startsWith('::ffff:') ? address.slice(7) : address
    }
    return this.#remoteAddress
  }

  get origin(): string {
    return this.#originRule(this.request)
  }

  get body(): Readable {
    this.#body ??= new RequestBody(this.request, this.bodyBytesMax, () => {
      if (!this.#isContinueAwaited) return
      this.#isContinueAwaited = false
      this.response.writeContinue()
    })
    return this.#body
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.response.destroyed && !this.response.writableFinished) this.#abort.abort()
    }
    return this.#abort.signal
  }

  /** The client still waits for leave to send its body: what comes next on this connection cannot be known. */
  get isContinueAwaited(): boolean {
    return this.#isContinueAwaited
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return typeof value === 'string' ? value : value?.[0]
  }

  log(fields: Readonly<LogFields>): void {
    this.logFields.push(fields)
  }

  /** Called when the connection closes before the reply has ended. */
  abort(): void {
    this.#abort?.abort()
    this.#body?.destroy()
  }
}

export interface IncomingFacts {
  readonly id: string
  readonly originRule: OriginRule
  readonly bodyBytesMax: number
  /** `continue`: the client sent `Expect: 100-continue` and holds its body back. */
  readonly expectation: 'none' | 'continue'
}

/** Proxies may send the whole address as the target. Source: RFC 9112, section 3.2.2. */
function originForm(target: string): string {
  if (target.startsWith('/') || target === '*') return target
  const authority = target.indexOf('://')
  if (authority < 0) return target
  const path = target.indexOf('/', authority + 3)
  return path < 0 ? '/' : target.slice(path)
}
