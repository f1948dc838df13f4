import type { LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { parseAllowedHosts } from './addresses.ts'
import type { ProxySettings } from './dispatcher.ts'
import { createHosts, type Hosts } from './hosts.ts'
import { type UpstreamLimits, upstreamLimits } from './limits.ts'
import {
  type Credentials,
  firstHop,
  type Hop,
  ownHost,
  isRedirect,
  redirectedHop,
  type UpstreamRequest,
} from './request.ts'
import { headerOf, readResponse, type UpstreamResponse } from './response.ts'
import { isFailureStatus, isPassingStatus, parseRetryAfter, retryDelayMs } from './retry.ts'
import { showUrl, UpstreamError } from './upstream-error.ts'
import type { UpstreamWatch } from './watch.ts'

export interface UpstreamSourceOptions {
  /** As `public:npmjs`; every message begins with it. */
  readonly name: string
  readonly url: URL
  /** How long an index is believed without asking again. Unit: ms. */
  readonly indexTtlMs: number
  /** Sent to the source's own host only, as are the credentials. */
  readonly headers?: Readonly<Record<string, string>>
  /** A user and password inside `url` serve as well. */
  readonly credentials?: Credentials
  /** PEM of authorities trusted besides the system's. */
  readonly ca?: readonly string[]
  /** Hosts, `host:port`, addresses and ranges that may be reached though the guard would forbid them. */
  readonly allowedHosts?: readonly string[]
  readonly proxy?: ProxySettings
  readonly userAgent?: string
  readonly limits?: Partial<UpstreamLimits>
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  /** Unit: ms. Throws when the signal is aborted. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
  readonly lookup?: LookupFunction
  readonly watch?: UpstreamWatch | undefined
}

export interface UpstreamSource {
  readonly name: string
  readonly url: URL
  readonly indexTtlMs: number
  request(request: UpstreamRequest): Promise<UpstreamResponse>
}

/** What one request needs while it is under way. */
interface Journey {
  readonly name: string
  readonly hosts: Hosts
  readonly limits: UpstreamLimits
  readonly options: UpstreamSourceOptions
  readonly signal: AbortSignal
}

/** Throws a TypeError when an allowed host makes no sense. Nothing is opened before the first request. */
export function createUpstreamSource(options: UpstreamSourceOptions): UpstreamSource {
  const { name, ca = [], proxy = {}, lookup, clock, watch, userAgent = 'packyard' } = options
  const limits = { ...upstreamLimits, ...options.limits }
  const own = ownHost(options.url, options.headers ?? {}, options.credentials)
  const allowed = parseAllowedHosts(options.allowedHosts ?? [])
  const hosts = createHosts({ name, limits, proxy, ca, lookup, own, allowed, userAgent, clock, watch })
  let waiting = 0

  return {
    name,
    url: own.url,
    indexTtlMs: options.indexTtlMs,
    async request(request) {
      if (waiting >= limits.waitingRequestsMax) throw busy(name, waiting)
      waiting++
      const deadline = startDeadline(name, limits, request.signal)
      try {
        const journey = { name, hosts, limits, options, signal: deadline.signal }
        return await answerOf(journey, firstHop(own, name, request))
      } finally {
        deadline.stop()
        waiting--
      }
    },
  }
}

/** Aborts when the caller does, and when the answer's head takes too long in all. Afterwards only the caller can. */
function startDeadline(name: string, { totalTimeoutMs }: UpstreamLimits, signal: AbortSignal | undefined) {
  const control = new AbortController()
  const late = () =>
    new UpstreamError('timeout', `${name} gave no answer within ${totalTimeoutMs} ms, retries included`)
  const timer = setTimeout(() => control.abort(late()), totalTimeoutMs)
  return {
    signal: signal ? AbortSignal.any([signal, control.signal]) : control.signal,
    stop: () => clearTimeout(timer),
  }
}

/** Tries until there is an answer, the failure is for good, or the attempts are used up. */
async function answerOf(journey: Journey, hop: Hop): Promise<UpstreamResponse> {
  const attemptsMax = hop.method === 'GET' || hop.method === 'HEAD' ? journey.limits.attemptsMax : 1
  for (let attempt = 1, failure: UpstreamError | undefined; ; attempt++) {
    try {
      return await attemptOnce(journey, hop)
    } catch (error) {
      // The circuit opened under our own failures: the failure says more than the circuit.
      if (failure && error instanceof UpstreamError && error.kind === 'open-circuit') throw failure
      if (!(error instanceof UpstreamError) || !error.details.isPassing || attempt >= attemptsMax) throw error
      failure = error
      await pause(journey, attempt, error)
    }
  }
}

async function pause({ limits, options, signal }: Journey, retry: number, failure: UpstreamError): Promise<void> {
  const asked = failure.details.retryAfterSeconds
  const ms = asked === undefined ? retryDelayMs(retry, limits, options.random) : asked * 1000
  const wait = options.wait ?? ((delay, stop) => sleep(delay, undefined, { signal: stop }))
  try {
    await wait(ms, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

async function attemptOnce(journey: Journey, first: Hop): Promise<UpstreamResponse> {
  const { name, limits, signal } = journey
  const { hop, data } = await follow(journey, first)
  if (isFailureStatus(data.statusCode)) throw statusFailure(journey, hop, data)
  try {
    return readResponse(data, hop.method, { name, url: hop.url, signal }, limits)
  } catch (error) {
    discard(data, limits)
    throw error
  }
}

async function follow(journey: Journey, first: Hop): Promise<{ hop: Hop; data: Dispatcher.ResponseData }> {
  const { name, hosts, limits, signal } = journey
  let hop = first
  for (let redirects = 0; redirects <= limits.redirectsMax; redirects++) {
    const data = await hosts.exchange(hop, signal)
    const location = headerOf(data, 'location')
    if (location === undefined || !isRedirect(data.statusCode)) return { hop, data }
    discard(data, limits)
    hop = redirectedHop(name, hop, data.statusCode, location)
  }
  throw new UpstreamError(
    'broken',
    `${name} redirects more than ${limits.redirectsMax} times from ${showUrl(first.url)}`,
  )
}

function statusFailure({ name, limits, options }: Journey, hop: Hop, data: Dispatcher.ResponseData): UpstreamError {
  discard(data, limits)
  const status = data.statusCode
  const askedMs = parseRetryAfter(headerOf(data, 'retry-after'), options.clock())
  return new UpstreamError(
    'status',
    `${name} answered ${status} for ${showUrl(hop.url)}; look at the upstream itself`,
    {
      status,
      isPassing: isPassingStatus(status) && (askedMs ?? 0) <= limits.retryAfterMaxMs,
      ...(askedMs === undefined ? {} : { retryAfterSeconds: Math.ceil(askedMs / 1000) }),
    },
  )
}

/**
 * Reads what little is left of an answer nobody wants, so that its connection can be used again. Never waits for it.
 */
function discard(data: Dispatcher.ResponseData, limits: UpstreamLimits): void {
  const signal = AbortSignal.timeout(limits.headersTimeoutMs)
  data.body.dump({ limit: DISCARD_BYTES_MAX, signal }).catch(() => data.body.destroy())
}

/** What is read of an unwanted body before its connection is given up instead. Unit: bytes. Ours. */
const DISCARD_BYTES_MAX = 16_384

function busy(name: string, waiting: number): UpstreamError {
  const message = `${name} already has ${waiting} requests waiting for an answer; try again`
  return new UpstreamError('busy', message, { retryAfterSeconds: 1 })
}
