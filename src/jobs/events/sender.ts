import { UpstreamError } from '../../http/upstream/upstream-error.ts'
import type { Delivery } from '../../journal/bus/deliveries.ts'
import type { AddressedTarget } from '../../journal/bus/targets.ts'

/** What goes to a target. */
export interface Message {
  readonly delivery: Delivery
  readonly target: AddressedTarget
  /** The event, or what the target makes of it. JSON. */
  readonly body: string
}

/** Why nothing arrived. The message is shown to operators and holds no secret. */
export class DeliveryError extends Error {
  /** `never`: no retry can help. `later`: nobody was asked, so that it counts for nothing. */
  readonly retry: 'yes' | 'never' | 'later'
  /** Not before then. Unit: seconds. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    message: string,
    {
      retry = 'yes',
      retryAfterSeconds,
      cause,
    }: Partial<Pick<DeliveryError, 'retry' | 'retryAfterSeconds' | 'cause'>> = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'DeliveryError'
    this.retry = retry
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Sends one message; resolves when it was taken, and throws `DeliveryError` otherwise, within the lease of a delivery. */
export type Send = (message: Message, signal: AbortSignal) => Promise<void>

/** What a request to the outside met, in the words of a delivery. */
export function explainRequest(cause: unknown): unknown {
  if (!(cause instanceof UpstreamError)) return cause
  const { kind, message, details } = cause
  const isUntried = kind === 'open-circuit' || kind === 'busy'
  const { retryAfterSeconds } = details
  return new DeliveryError(message, { cause, retry: isUntried ? 'later' : 'yes', retryAfterSeconds })
}
