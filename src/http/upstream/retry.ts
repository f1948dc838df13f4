import type { UpstreamLimits } from './limits.ts'

/** Statuses after which the same request may well succeed. 501 and 505 are verdicts, not accidents. */
export function isPassingStatus(status: number): boolean {
  if (status === 408 || status === 429) return true
  return status >= 500 && status !== 501 && status !== 505
}

/** Statuses that are no answer to the caller's question, retried or not. */
export function isFailureStatus(status: number): boolean {
  return status >= 500 || status === 408 || status === 429
}

/**
 * The wait before retry `retry` (the first is 1). Half of it is chance, so that clients do not return in step. Unit:
 * ms.
 */
export function retryDelayMs(retry: number, limits: UpstreamLimits, random: () => number): number {
  return limits.retryDelayMs * 2 ** (retry - 1) * (0.5 + random() / 2)
}

/**
 * `Retry-After` as seconds or a date; undefined when absent or unreadable. Unit: ms from now. Source: RFC 9110 10.2.3.
 */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
