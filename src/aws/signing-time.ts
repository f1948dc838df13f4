import { mismatch, AuthenticationError } from './authentication-error.ts'

/** How far a client's clock may be off. Unit: ms. Source: AWS General Reference, "Signature Version 4", time stamps. */
const CLOCK_SKEW_MS = 5 * 60_000

/** A time as Signature Version 4 writes it, `20260131T102030Z`, and as a number. */
export interface SigningTime {
  readonly text: string
  /** ms since 1970. */
  readonly at: number
}

/** Undefined when `text` is no time of this form, or no time at all, as the 31st of February. */
export function parseSigningTime(text: string): SigningTime | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at) || renderSigningTime(at) !== text ? undefined : { text, at }
}

/** From a `Date` header, which old clients send instead: the same form, or an HTTP date. */
export function parseDateHeader(text: string): SigningTime | undefined {
  const signing = parseSigningTime(text)
  if (signing) return signing
  const at = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : { text: renderSigningTime(at), at }
}

/** Throws unless the request was signed about now; `expiresSeconds` is a presigned request's own life. */
export function checkSigningTime(time: SigningTime, now: number, expiresSeconds: number | undefined): void {
  const earliest = renderSigningTime(now - CLOCK_SKEW_MS)
  const latest = renderSigningTime(now + CLOCK_SKEW_MS)
  const present = renderSigningTime(now)
  if (time.at > now + CLOCK_SKEW_MS) {
    throw mismatch(`Signature not yet current: ${time.text} is still later than ${latest} (${present} + 5 min.)`)
  }
  if (expiresSeconds === undefined) {
    if (time.at >= now - CLOCK_SKEW_MS) return
    throw mismatch(`Signature expired: ${time.text} is now earlier than ${earliest} (${present} - 5 min.)`)
  }
  const end = time.at + expiresSeconds * 1000
  if (now <= end) return
  throw new AuthenticationError('request-expired', `Request expired: ${renderSigningTime(end)} is before ${present}.`)
}

function renderSigningTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
