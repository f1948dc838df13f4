import {
  claimDeliveries,
  type Delivery,
  readDueTargets,
  settleDead,
  settleDelivered,
  settleFailed,
} from '../../journal/bus/deliveries.ts'
import { type RouteParts, routeEvents } from '../../journal/bus/route.ts'
import { type AddressedTarget, readAddressedTargets } from '../../journal/bus/targets.ts'
import { DeliveryError, type Send } from './sender.ts'
import { parseTargetInput } from './target-input.ts'

/** Ours, but for the last two. Source: EventBridge API Reference, `RetryPolicy`. */
const limits = {
  /** Between two looks, where the last one found nothing. Unit: ms. */
  pauseMs: 1000,
  /** How long a message may be on its way before somebody else tries: longer than any attempt takes. Unit: ms. */
  leaseMs: 60_000,
  /** At once to one target, in each process, so that one that hangs holds up no other. */
  perTarget: 4,
  /** At once in all, in each process. */
  inFlight: 128,
  /** The wait after a first failure; it doubles each time, up to the longest. Half of it is chance. Unit: ms. */
  retryMs: { first: 1000, longest: 600_000 },
  attemptsMax: 185,
  ageSecondsMax: 86_400,
}

export interface DeliverParts extends RouteParts {
  readonly region: string
  readonly partition: string
  readonly send: Send
  /** From 0 up to 1. */
  readonly random: () => number
  /** Told of each attempt that has ended. */
  readonly onEnd: (end: DeliveryEnd) => void
  /** Told of a look that failed; the next one tries again. */
  readonly onFailure: (error: unknown) => void
}

/** `dead`: given up. */
export type DeliveryEnd = 'delivered' | 'retried' | 'dead'

export interface RunningDelivery {
  /** Looks at once. Resolves when what is due is on its way, as far as there is room. */
  look(): Promise<void>
  /** Resolves when nothing is on its way any more. */
  stop(): Promise<void>
}

/**
 * Sends events to their targets: at least once, and in order for each version of a package. Runs in every process; what
 * one of them holds when it dies, another sends after the lease.
 */
export function startDeliveringEvents(parts: DeliverParts): RunningDelivery {
  const dispatcher = new Dispatcher(parts)
  const timer = setInterval(() => void dispatcher.look(), limits.pauseMs)
  timer.unref()
  return {
    look: () => dispatcher.look(),
    stop() {
      clearInterval(timer)
      return dispatcher.stop()
    },
  }
}

class Dispatcher {
  readonly #parts: DeliverParts
  readonly #stopping = new AbortController()
  /** How much is on its way, by target. */
  readonly #busy = new Map<string, number>()
  readonly #sending = new Set<Promise<void>>()
  #looking: Promise<void> | undefined
  #isAsked = false

  constructor(parts: DeliverParts) {
    this.#parts = parts
  }

  look(): Promise<void> {
    this.#isAsked = true
    this.#looking ??= this.#lookAround().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#looking
    await Promise.all(this.#sending)
  }

  /** Once more for whoever asks meanwhile. */
  async #lookAround(): Promise<void> {
    const { signal } = this.#stopping
    try {
      while (this.#isAsked && !signal.aborted) {
        this.#isAsked = false
        while (!signal.aborted && (await routeEvents(this.#parts)) > 0);
        await this.#sendDue()
      }
    } catch (error) {
      this.#parts.onFailure(error)
    }
  }

  /** As much as there is room for. */
  async #sendDue(): Promise<void> {
    const { metadata, clock } = this.#parts
    const due = await readDueTargets(metadata.db, clock())
    const free = due.filter((key) => (this.#busy.get(key) ?? 0) < limits.perTarget)
    for (const target of await readAddressedTargets(metadata.db, free)) {
      const room = Math.min(limits.perTarget - (this.#busy.get(target.key) ?? 0), limits.inFlight - this.#sending.size)
      if (room <= 0 || this.#stopping.signal.aborted) continue
      const now = clock()
      const claim = { targetKey: target.key, now, until: now + limits.leaseMs, limit: room }
      const claimed = await claimDeliveries(metadata, claim)
      for (const delivery of claimed) this.#begin(target, delivery)
    }
  }

  #begin(target: AddressedTarget, delivery: Delivery): void {
    this.#count(target.key, 1)
    const sending = this.#deliver(target, delivery)
      .catch(this.#parts.onFailure)
      .finally(() => {
        this.#count(target.key, -1)
        this.#sending.delete(sending)
        // What stood behind it, or had no room, need not wait for the next look.
        if (!this.#stopping.signal.aborted) void this.look()
      })
    this.#sending.add(sending)
  }

  #count(key: string, change: number): void {
    const count = (this.#busy.get(key) ?? 0) + change
    if (count > 0) this.#busy.set(key, count)
    else this.#busy.delete(key)
  }

  async #deliver(target: AddressedTarget, delivery: Delivery): Promise<void> {
    const { metadata, send } = this.#parts
    const { signal } = this.#stopping
    try {
      const context = { ruleName: target.ruleName, ruleArn: this.#ruleArn(target), receivedAt: delivery.createdAt }
      const body = parseTargetInput(target.settings)(delivery.body, context)
      await send({ target, delivery, body }, signal)
    } catch (error) {
      if (signal.aborted) await this.#putBack(delivery)
      else await this.#fail(target, delivery, error)
      return
    }
    await settleDelivered(metadata, delivery)
    this.#parts.onEnd('delivered')
  }

  /** We are stopping: somebody else may send it at once. */
  #putBack(delivery: Delivery): Promise<void> {
    const { metadata, clock } = this.#parts
    const failure = { message: 'the process was stopped', retryAt: clock(), attempts: delivery.attempts - 1 }
    return settleFailed(metadata, delivery, failure)
  }

  async #fail(target: AddressedTarget, delivery: Delivery, error: unknown): Promise<void> {
    const { metadata, clock } = this.#parts
    const now = clock()
    const message = error instanceof DeliveryError ? error.message : `cannot be sent: ${String(error)}`
    const retry = error instanceof DeliveryError ? error.retry : 'yes'
    const {
      MaximumRetryAttempts: attemptsMax = limits.attemptsMax,
      MaximumEventAgeInSeconds: age = limits.ageSecondsMax,
    } = target.settings.RetryPolicy ?? {}
    const isOver = now - delivery.createdAt >= age * 1000 || (retry === 'yes' && delivery.attempts > attemptsMax)
    if (retry === 'never' || isOver) {
      await settleDead(metadata, delivery, { message, now })
      this.#parts.onEnd('dead')
      return
    }
    const attempts = retry === 'later' ? delivery.attempts - 1 : delivery.attempts
    const asked = error instanceof DeliveryError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
    const waitMs = Math.max(asked, this.#waitMs(Math.max(1, attempts)))
    const retryAt = Math.round(now + Math.min(waitMs, limits.retryMs.longest))
    await settleFailed(metadata, delivery, { message, retryAt, attempts })
    this.#parts.onEnd('retried')
  }

  #waitMs(attempts: number): number {
    const { first, longest } = limits.retryMs
    return Math.min(first * 2 ** Math.min(attempts - 1, 20), longest) * (0.5 + this.#parts.random() / 2)
  }

  #ruleArn({ account, ruleName }: AddressedTarget): string {
    const { partition, region } = this.#parts
    return `arn:${partition}:events:${region}:${account}:rule/${ruleName}`
  }
}
