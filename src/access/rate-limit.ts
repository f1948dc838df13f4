import type { Principal } from './principal.ts'

/** The caller is known and asks too often. */
export class RateLimitError extends Error {
  /** Unit: seconds, at least 1, as `Retry-After` knows no less. */
  readonly retryAfterSeconds: number

  constructor(perSecond: number, retryAfterSeconds: number) {
    super(`Rate exceeded: ${perSecond} requests per second are allowed; try again in ${retryAfterSeconds} s`)
    this.name = 'RateLimitError'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Takes one request of a caller's allowance. Throws `RateLimitError` when nothing is left of it. */
export type RateLimit = (principal: Principal) => void

export interface RateLimitOptions {
  /** What flows in again each second; 0 for no limit. */
  readonly perSecond: number
  /** How many processes share the allowance; each has its part of it. One unless said. */
  readonly processes?: () => number
  /** Steady. Unit: ms. */
  readonly clock: () => number
}

/** How many seconds' worth may be asked for at once after a rest. Ours. */
const BURST_SECONDS = 2

interface Bucket {
  tokens: number
  filledAt: number
}

/**
 * A token bucket for each principal: of a signed request that is an access key, of a package endpoint a token. Buckets
 * live as long as what is known of their principals is kept in memory; nothing is ever swept. What one process does not
 * use of its part is not another's: nothing is asked of anybody while a request waits.
 */
export function createRateLimit({ perSecond, processes = () => 1, clock }: RateLimitOptions): RateLimit {
  if (perSecond === 0) return () => {}
  const buckets = new WeakMap<Principal, Bucket>()
  return (principal) => {
    const now = clock()
    const share = perSecond / processes()
    const capacity = Math.max(share * BURST_SECONDS, 1)
    const bucket = buckets.get(principal)
    if (!bucket) {
      buckets.set(principal, { tokens: capacity - 1, filledAt: now })
      return
    }
    const tokens = Math.min(capacity, bucket.tokens + ((now - bucket.filledAt) * share) / 1000)
    bucket.filledAt = now
    bucket.tokens = tokens
    if (tokens < 1) throw new RateLimitError(perSecond, Math.max(1, Math.ceil((1 - tokens) / share)))
    bucket.tokens = tokens - 1
  }
}
