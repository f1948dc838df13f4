/** Every number that bounds a request to an upstream. All of them are ours: the service documents none. */
export interface UpstreamLimits {
  /** Connections to one host; what comes above waits its turn. */
  readonly connectionsMax: number
  /** Hosts that one source may keep connections to. */
  readonly hostsMax: number
  /** Requests that may wait for an answer at once; more are refused at once. */
  readonly waitingRequestsMax: number
  /** Unit: ms. */
  readonly connectTimeoutMs: number
  /** From the request sent to the whole head of the answer. Unit: ms. */
  readonly headersTimeoutMs: number
  /** The window in which a body must bring `progressBytesMin`; a whole body may take as long as it needs. Unit: ms. */
  readonly progressWindowMs: number
  /** Unit: bytes. */
  readonly progressBytesMin: number
  /** From the call to the answer's head, retries, waits and redirects included. Unit: ms. */
  readonly totalTimeoutMs: number
  readonly attemptsMax: number
  /** The wait before the first retry; it doubles each time, and half of it is chance. Unit: ms. */
  readonly retryDelayMs: number
  /** The longest `Retry-After` that is waited for; a longer one ends the request. Unit: ms. */
  readonly retryAfterMaxMs: number
  readonly redirectsMax: number
  /** Requests without any answer, one after another, after which a host counts as dead. */
  readonly failuresBeforeOpen: number
  /** How long a dead host is left alone, at first and at most; it doubles with each failed probe. Unit: ms. */
  readonly openMsMin: number
  /** Unit: ms. */
  readonly openMsMax: number
}

export const upstreamLimits: UpstreamLimits = {
  connectionsMax: 32,
  hostsMax: 32,
  waitingRequestsMax: 2000,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 30_000,
  progressWindowMs: 30_000,
  progressBytesMin: 30_720,
  totalTimeoutMs: 60_000,
  attemptsMax: 3,
  retryDelayMs: 200,
  retryAfterMaxMs: 5_000,
  redirectsMax: 5,
  failuresBeforeOpen: 5,
  openMsMin: 1_000,
  openMsMax: 30_000,
}
