import type { Readable } from 'node:stream'

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'

/** One request, as the edges see it. Nothing in it has been decoded, so that signatures can be checked. */
export interface Call {
  /** Unique; answered as `x-amzn-RequestId` and written in the log. */
  readonly id: string
  readonly method: string
  /** The path exactly as sent, without the query. */
  readonly path: string
  /** The query exactly as sent, without the `?`; '' when there is none. */
  readonly query: string
  /** Name and value by turns, exactly as received. */
  readonly rawHeaders: readonly string[]
  /** The value of a header that may stand once; the name in lower case. */
  header(name: string): string | undefined
  /** The body, not read yet, behind the listener's limits. */
  readonly body: Readable
  /** Aborted when the client goes away before the reply has ended. */
  readonly signal: AbortSignal
  readonly remoteAddress: string
  /** Scheme, host and port by which the client reached us, without a final slash. */
  readonly origin: string
  /** Who it turned out to be by, as the plane knows callers; told to whoever observes requests. */
  by?: object | undefined
  /** Fields for the one log line of this request; a key set twice keeps the later value. */
  log(fields: Readonly<Record<string, string | number>>): void
}

export type ReplyBody = Buffer | string | Readable | undefined

/** What the edges answer; only http/ writes to sockets. For HEAD the body is left out and its length kept. */
export interface Reply {
  readonly status: number
  /**
   * What stands behind the status instead of its standard words, for clients that print that line and no body. Whatever a
   * header cannot carry is left out.
   */
  readonly reason?: string
  /** Names as they go on the wire. `Content-Length` is added for buffers and text. */
  readonly headers: Readonly<Record<string, string | number>>
  readonly body?: ReplyBody
}

/** A failure of HTTP itself: no such route, a method that is not served, a body over its limit. */
export class HttpError extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'HttpError'
    this.status = status
    this.headers = headers
  }
}

/** Answers a call, or throws; a plane turns what it throws into its own error shape. */
export type Handler = (call: Call) => Promise<Reply> | Reply

/**
 * One part of the address space: the AWS APIs, the package endpoints, the console, operations. The first plane whose
 * `matches` says yes gets the call.
 */
export interface Plane {
  readonly name: string
  /** Largest request body that this plane reads, where that is less than the listener's limit. Unit: bytes. */
  readonly bodyBytesMax?: number
  matches(call: Call): boolean
  handle: Handler
  /** The shape in which this plane's clients understand a failure. Must not throw. */
  renderError(error: unknown, call: Call): Reply
}
