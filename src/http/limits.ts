/** What a listener allows. Every number can be lowered by a test; none may be infinite but by choice. */
export interface ServerLimits {
  /** Largest request line and headers together; answered 431 beyond it. Unit: bytes. */
  readonly headerBytesMax: number
  /** Longest wait for the end of the headers. Unit: ms. */
  readonly headersTimeoutMs: number
  /** Longest time for a whole request, body included. Unit: ms. */
  readonly requestTimeoutMs: number
  /** A connection on which nothing moves for so long is closed. Unit: ms. */
  readonly idleTimeoutMs: number
  /** How long a connection waits for its next request. Unit: ms. */
  readonly keepAliveTimeoutMs: number
  /** Connections per process; the next ones are closed at once. */
  readonly connectionsMax: number
  /** Largest request body of any plane. Unit: bytes. */
  readonly bodyBytesMax: number
  /** How long the rest of a refused body is read and thrown away, so that the client sees the refusal. Unit: ms. */
  readonly lingerMs: number
  /** How long draining waits for running requests. Unit: ms. */
  readonly drainMs: number
}

/**
 * Ours. A proxy in front keeps idle connections for 60 s as a rule, so keep-alive is a little longer than that. Six hours
 * let 5 GB through at 250 kB/s. npm gives up on a silent server after 5 minutes, and so do we on a silent client.
 */
export const serverLimits: ServerLimits = {
  headerBytesMax: 32 * 1024,
  headersTimeoutMs: 60_000,
  requestTimeoutMs: 6 * 60 * 60 * 1000,
  idleTimeoutMs: 300_000,
  keepAliveTimeoutMs: 65_000,
  connectionsMax: 10_000,
  bodyBytesMax: 8 * 1024 ** 3,
  lingerMs: 5000,
  drainMs: 30_000,
}
