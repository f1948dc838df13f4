import type { Dispatcher } from 'undici'
import { type AllowedHosts, isAddress } from './addresses.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import { blockedAddress, type DispatcherOptions, openDispatcher, type Reach } from './dispatcher.ts'
import { headersFor, type Hop, isOwn, type OwnHost } from './request.ts'
import { explainFailure, showUrl, UpstreamError } from './upstream-error.ts'
import { endOf, type ExchangeEnd, type UpstreamWatch } from './watch.ts'

export interface HostsOptions extends DispatcherOptions {
  readonly own: OwnHost
  readonly allowed: AllowedHosts
  readonly userAgent: string
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly watch?: UpstreamWatch | undefined
}

/** The hosts that one source talks to: which of them it may, and which of them are dead. */
export interface Hosts {
  /** One request and its answer, whatever its status; throws an `UpstreamError`, or the reason of the signal. */
  exchange(hop: Hop, signal: AbortSignal): Promise<Dispatcher.ResponseData>
}

export function createHosts(options: HostsOptions): Hosts {
  const dispatchers = new Map<string, Promise<Dispatcher>>()
  const breakers = new Map<string, Breaker>()

  function dispatcherFor(url: URL): Promise<Dispatcher> {
    const reach = reachOf(url, options)
    const key = `${url.protocol} ${reach === 'any' ? 'any' : 'guarded'}`
    const dispatcher = dispatchers.get(key) ?? openDispatcher(options, url.protocol, reach)
    dispatchers.set(key, dispatcher)
    return dispatcher
  }

  function breakerFor(url: URL): Breaker {
    const breaker = breakers.get(url.origin) ?? createBreaker(options.limits, options.clock)
    breakers.delete(url.origin)
    breakers.set(url.origin, breaker)
    const [oldest] = breakers.keys()
    if (breakers.size > options.limits.hostsMax && oldest !== undefined) breakers.delete(oldest)
    return breaker
  }

  const { name, watch, clock } = options
  watch?.opened(name, () => [...breakers.values()].filter((breaker) => breaker.waitMs() > 0).length)

  return {
    async exchange(hop, signal) {
      const dispatcher = await dispatcherFor(hop.url)
      const startedAt = clock()
      const onEnd = (end: ExchangeEnd) => watch?.exchanged(name, end, clock() - startedAt)
      return sendThrough({ breaker: breakerFor(hop.url), hop, signal, name, onEnd }, () =>
        dispatcher.request({
          origin: hop.url.origin,
          path: `${hop.url.pathname}${hop.url.search}`,
          method: hop.method,
          headers: headersFor(options.own, hop, options.userAgent),
          body: hop.body ?? null,
          signal,
        }),
      )
    },
  }
}

/** Hosts that the operator wrote may be anywhere; all others only where no guard forbids. Throws `blocked`. */
function reachOf(url: URL, { name, own, allowed }: HostsOptions): Reach {
  if (isOwn(own.url, url) || allowed.allowsHost(url)) return 'any'
  const address = knownAddress(url.hostname)
  const blocked = address === undefined ? undefined : blockedAddress(name, url.hostname, address, allowed)
  if (blocked) throw blocked
  return allowed
}

/**
 * The address of a name that no resolver is asked about: literals, which connect without a look-up, and localhost, which
 * a proxy would take for itself. What other names mean behind a proxy is the proxy's to judge. Source: RFC 6761 6.3.
 */
function knownAddress(hostname: string): string | undefined {
  if (isAddress(hostname)) return hostname
  return /(^|\.)localhost\.?$/i.test(hostname) ? '127.0.0.1' : undefined
}

interface Sending {
  readonly breaker: Breaker
  readonly hop: Hop
  readonly signal: AbortSignal
  readonly name: string
  readonly onEnd: (end: ExchangeEnd) => void
}

async function sendThrough(
  { breaker, hop, signal, name, onEnd }: Sending,
  send: () => Promise<Dispatcher.ResponseData>,
): Promise<Dispatcher.ResponseData> {
  const passage = breaker.enter()
  if (passage === 'refuse') {
    onEnd('refused')
    throw openCircuit(name, hop.url, breaker.waitMs())
  }
  try {
    const data = await send()
    breaker.answered(passage)
    onEnd(endOf(data.statusCode))
    return data
  } catch (cause) {
    onEnd(signal.aborted ? 'left' : 'failed')
    if (signal.aborted) {
      breaker.abandoned(passage)
      signal.throwIfAborted()
    }
    const error = explainFailure(name, hop.url, cause)
    if (error.details.isPassing) breaker.failed(passage)
    else breaker.abandoned(passage)
    throw error
  }
}

function openCircuit(name: string, url: URL, waitMs: number): UpstreamError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  const message = `${name} at ${showUrl(url)} has not answered for some time; it is tried again in ${retryAfterSeconds} s`
  return new UpstreamError('open-circuit', message, { retryAfterSeconds })
}
