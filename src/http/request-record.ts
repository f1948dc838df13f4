import type { IncomingCall, LogFields } from './incoming-call.ts'

/** What there is to say of a request when it has ended. */
export interface RequestRecord {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly plane: string
  readonly status: number
  readonly durationMs: number
  /** Bytes of the answer's body. */
  readonly sentBytes: number
  readonly remoteAddress: string
  readonly userAgent: string
  readonly fields: readonly Readonly<LogFields>[]
  /** Who it was by, as its plane knows callers. */
  readonly by: object | undefined
  /** `gone`: the client left, or was cut off, before the answer was complete. */
  readonly end: 'complete' | 'gone'
  /** What a handler threw, or what broke the answer off. */
  readonly error: unknown
}

/** Told once of every request, at its end. Must not throw. */
export type RequestObserver = (record: RequestRecord) => void

export interface RequestEnd {
  readonly plane: string
  readonly durationMs: number
  readonly sentBytes: number
  readonly error: unknown
}

export function recordRequest(call: IncomingCall, end: RequestEnd): RequestRecord {
  const { response } = call
  return {
    id: call.id,
    method: call.method,
    path: call.path,
    query: call.query,
    plane: end.plane,
    status: response.statusCode,
    durationMs: end.durationMs,
    sentBytes: end.sentBytes,
    remoteAddress: call.remoteAddress,
    userAgent: call.header('user-agent') ?? '',
    fields: call.logFields,
    by: call.by,
    end: response.writableFinished ? 'complete' : 'gone',
    error: end.error,
  }
}
