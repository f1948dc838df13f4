/** Why a request to an upstream brought no answer that could be used. */
export type UpstreamErrorKind =
  | 'timeout'
  | 'refused'
  | 'untrusted'
  | 'blocked'
  | 'broken'
  | 'status'
  | 'open-circuit'
  | 'too-large'
  | 'busy'

export interface UpstreamErrorDetails {
  readonly cause?: unknown
  /** The status that remained when retries were used up. */
  readonly status?: number
  /** When it makes sense to ask again. Unit: seconds. */
  readonly retryAfterSeconds?: number
  /** Whether the same request may fare better in a moment. */
  readonly isPassing?: boolean
}

/** The message names the source and what to check; it never holds a credential or a query string. */
export class UpstreamError extends Error {
  /** Read by layers that may not import this class. */
  readonly isUpstreamFailure = true
  readonly kind: UpstreamErrorKind
  readonly details: UpstreamErrorDetails

  constructor(kind: UpstreamErrorKind, message: string, details: UpstreamErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'UpstreamError'
    this.kind = kind
    this.details = details
  }
}

/** An address as it may be shown: no user, no password, no query, not endless. */
export function showUrl(url: URL): string {
  const shown = `${url.origin}${url.pathname}`
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown
}

/** What a failure of the network means. Errors that are explained already pass unchanged. */
export function explainFailure(name: string, url: URL, cause: unknown): UpstreamError {
  const known = findUpstreamError(cause)
  if (known) return known
  const code = failureCode(cause)
  const at = `${name} at ${showUrl(url)}`
  if (timeoutCodes.has(code)) {
    return new UpstreamError('timeout', `${at} did not answer in time; check that it is up and reachable from here`, {
      cause,
      isPassing: true,
    })
  }
  if (refusalCodes.has(code)) {
    return new UpstreamError('refused', `${at} cannot be reached (${code}); check its address, DNS and any proxy`, {
      cause,
      isPassing: true,
    })
  }
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|EPROTO)/.test(code)) {
    const message = `${at} has a certificate that is not trusted (${code}); give its authority as \`ca\` of the connection`
    return new UpstreamError('untrusted', message, { cause })
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    const message = `${at} cannot be asked; check the connection's headers and any proxy`
    return new UpstreamError('refused', message, { cause })
  }
  const message = `${at} broke off or sent something that is not HTTP${code ? ` (${code})` : ''}`
  return new UpstreamError('broken', message, { cause, isPassing: true })
}

const timeoutCodes = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])

const refusalCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EACCES',
  'UND_ERR_PRX_CONN',
  'UND_ERR_ABORTED',
])

function failureCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
}

/** A refusal by the address guard reaches us through the library, sometimes wrapped by it. */
function findUpstreamError(cause: unknown): UpstreamError | undefined {
  for (let error = cause, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    if (error instanceof UpstreamError) return error
    if (error instanceof AggregateError) {
      const inner = error.errors.find((each) => each instanceof UpstreamError)
      if (inner) return inner
    }
  }
  return undefined
}
