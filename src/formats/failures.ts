import { type Call, HttpError, type Reply } from '../http/call.ts'
import { renderPlainError } from '../http/plain-error.ts'
import { RegistryError, type RegistryErrorKind } from '../registry/errors.ts'
import type { Format } from './format.ts'

/** Makes an expected failure of what another layer threw; undefined for what nobody expected. */
export type Explain = (error: unknown) => RegistryError | HttpError | undefined

export interface FailureContext {
  /** Undefined when the request is for no format that is served. */
  readonly format: Format | undefined
  /** What a 401 asks credentials for: `{domain}/{repository}`. */
  readonly realm: string
}

/** Some proxies take no longer header. Unit: characters. Ours. */
const REASON_LENGTH_MAX = 2_000

/** Puts every failure into the shape that the format's clients show to a person. */
export function createFailureRenderer(explain: Explain) {
  return (error: unknown, call: Call, { format, realm }: FailureContext): Reply => {
    const known = error instanceof RegistryError || error instanceof HttpError ? error : explain(error)
    if (format === undefined) return renderPlainError(known instanceof RegistryError ? plain(known) : known, call)
    if (known instanceof RegistryError) return withReason(format.renderError(known, call), known)
    if (known !== undefined) return reshape(format, known, realm, call)
    const message = `internal error; request id ${call.id}`
    // For shapes that repeat the status.
    const bug = new RegistryError('unavailable', message, { cause: new HttpError(500, message) })
    return { ...format.renderError(bug, call), status: 500 }
  }
}

/** Which control hides a version, or refuses one: no client prints it, and whoever wonders finds it with `curl -i`. */
function withReason(reply: Reply, { details }: RegistryError): Reply {
  if (details.explanation === undefined) return reply
  const text = details.explanation.replace(/[^\x20-\x7e]/gu, '?').slice(0, REASON_LENGTH_MAX)
  return { ...reply, headers: { ...reply.headers, 'X-Packyard-Reason': text } }
}

/** The kind whose shape is nearest; the status is HTTP's own. */
const kinds: Readonly<Record<number, RegistryErrorKind>> = {
  401: 'denied',
  403: 'denied',
  404: 'missing',
  405: 'unsupported',
  503: 'unavailable',
}

function reshape(format: Format, error: HttpError, realm: string, call: Call): Reply {
  const kind = kinds[error.status] ?? 'invalid'
  const reply = format.renderError(new RegistryError(kind, error.message, { cause: error }), call)
  const challenge = error.status === 401 ? format.challenge(realm, call.origin) : undefined
  const extra = challenge === undefined ? error.headers : { ...error.headers, 'WWW-Authenticate': challenge }
  return { ...reply, status: error.status, headers: { ...reply.headers, ...extra } }
}

/** No format, so no shape: only what can happen before one is known needs a status here. */
function plain(error: RegistryError): HttpError {
  return new HttpError(error.kind === 'missing' ? 404 : 400, error.message, {}, error)
}
