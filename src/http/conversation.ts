import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpError, type Plane, type Reply } from './call.ts'
import { refuseUnsound } from './headers.ts'
import { IncomingCall } from './incoming-call.ts'
import type { ServerLimits } from './limits.ts'
import type { OriginRule } from './origin.ts'
import { renderPlainError } from './plain-error.ts'
import { bodyTooLarge, hasBody } from './request-body.ts'
import { type RequestObserver, recordRequest } from './request-record.ts'
import { discard, sendReply } from './send-reply.ts'
import type { TurnEnd } from './turn-end.ts'

/** What every request of one listener shares. */
export interface Conversation {
  readonly planes: readonly Plane[]
  readonly limits: ServerLimits
  readonly originRule: OriginRule
  readonly newId: () => string
  readonly clock: () => number
  readonly observer: RequestObserver
  readonly isDraining: () => boolean
  readonly turnEnd: TurnEnd
}

/** Answers one request, whatever happens, and tells the observer when it has ended. */
export function converse(
  conversation: Conversation,
  request: IncomingMessage,
  response: ServerResponse,
  expectation: 'none' | 'continue',
): void {
  const exchange = new Exchange(conversation, request, response, expectation)
  response.on('close', () => exchange.end())
  exchange.run()
}

class Exchange {
  readonly #conversation: Conversation
  readonly #call: IncomingCall
  readonly #startedAt: number
  #plane: Plane = nowhere
  #sentBytes = 0
  /** Of an answer that is a stream, which says at its end how long it was. */
  #streamed: Promise<number> | undefined
  #error: unknown = undefined

  constructor(
    conversation: Conversation,
    request: IncomingMessage,
    response: ServerResponse,
    expectation: 'none' | 'continue',
  ) {
    const { limits, originRule } = conversation
    this.#conversation = conversation
    this.#startedAt = conversation.clock()
    const id = conversation.newId()
    this.#call = new IncomingCall(request, response, { id, originRule, bodyBytesMax: limits.bodyBytesMax, expectation })
  }

  /** Waits for nothing where the plane does not. */
  run(): void {
    const call = this.#call
    if (this.#conversation.isDraining()) call.response.shouldKeepAlive = false
    try {
      this.#plane = this.#conversation.planes.find((plane) => plane.matches(call)) ?? nowhere
      refuseUnsound(call.request)
      this.#limitBody(call)
      const reply = this.#plane.handle(call)
      if (reply instanceof Promise) reply.then(this.#send, this.#fail)
      else this.#send(reply)
    } catch (error) {
      this.#fail(error)
    }
  }

  end(): void {
    const { response, request } = this.#call
    if (!response.writableFinished) this.#call.abort()
    else if (!request.complete) this.#linger(request)
    const durationMs = this.#conversation.clock() - this.#startedAt
    const record = () => {
      const end = { plane: this.#plane.name, durationMs, sentBytes: this.#sentBytes, error: this.#error }
      this.#conversation.observer(recordRequest(this.#call, end))
    }
    if (this.#streamed) void this.#streamed.then(record, record)
    else record()
  }

  #limitBody(call: IncomingCall): void {
    if (!hasBody(call.request)) return
    call.bodyBytesMax = Math.min(call.bodyBytesMax, this.#plane.bodyBytesMax ?? Number.POSITIVE_INFINITY)
    if (Number(call.header('content-length') ?? 0) > call.bodyBytesMax) throw bodyTooLarge(call.bodyBytesMax)
  }

  readonly #send = (reply: Reply): void => {
    try {
      const sent = sendReply(this.#call, reply, this.#conversation.turnEnd)
      if (typeof sent === 'number') this.#sentBytes = sent
      else this.#awaitEnd(sent)
    } catch (error) {
      // Headers that cannot be sent are a bug of the handler's.
      discard(reply)
      this.#fail(error)
    }
  }

  #awaitEnd(streamed: Promise<number>): void {
    this.#streamed = streamed
    streamed.then(this.#count, this.#fail)
  }

  readonly #count = (sentBytes: number): void => {
    this.#sentBytes = sentBytes
  }

  /** The first failure is the one that is told; a second one can only end the connection. */
  readonly #fail = (error: unknown): void => {
    const { response } = this.#call
    const isFirst = this.#error === undefined
    if (isFirst) this.#error = error
    if (!isFirst || response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    this.#send(this.#render(error))
  }

  #render(error: unknown): Reply {
    try {
      return this.#plane.renderError(error, this.#call)
    } catch {
      return nowhere.renderError(error, this.#call)
    }
  }

  /** Reads on for a moment, so that a client that is still sending gets to see what was answered. */
  #linger(request: IncomingMessage): void {
    request.resume()
    const cut = () => {
      if (!request.complete) request.socket.destroy()
    }
    setTimeout(cut, this.#conversation.limits.lingerMs).unref()
  }
}

/** Answers where no plane does, and in the stead of one that fails at failing. */
const nowhere: Plane = {
  name: 'none',
  matches: () => true,
  handle(call) {
    throw new HttpError(404, `there is nothing at ${call.path.slice(0, 200)}`)
  },
  renderError: renderPlainError,
}
