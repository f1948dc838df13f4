import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import type { Dispatcher } from 'undici'
import { type AllowedHosts, forbiddenKind } from './addresses.ts'
import type { UpstreamLimits } from './limits.ts'
import { UpstreamError } from './upstream-error.ts'

/** Proxies by the scheme of the request, neither standing in for the other; `none` lists hosts reached directly. */
export interface ProxySettings {
  readonly http?: string | undefined
  readonly https?: string | undefined
  readonly none?: string | undefined
}

export interface DispatcherOptions {
  readonly name: string
  readonly limits: UpstreamLimits
  readonly proxy: ProxySettings
  /** PEM of authorities trusted besides the system's. */
  readonly ca: readonly string[]
  /** How names become addresses; the system's resolver unless given. */
  readonly lookup: LookupFunction | undefined
}

/** Whom the connections of a dispatcher may reach: anyone, or only addresses that are not forbidden. */
export type Reach = 'any' | AllowedHosts

/**
 * Connections to hosts of one protocol, as many as the limits allow. undici is loaded here and not before, as it costs
 * a tenth of a second that a start does not have.
 */
export async function openDispatcher(options: DispatcherOptions, protocol: string, reach: Reach): Promise<Dispatcher> {
  const { EnvHttpProxyAgent, Pool } = await import('undici')
  const { limits, proxy, lookup = systemLookup } = options
  const tls = options.ca.length === 0 ? {} : { ca: [...getCACertificates('default'), ...options.ca] }
  // '' and not undefined: undefined would make the library read the environment.
  const via = (protocol === 'https:' ? proxy.https : proxy.http) ?? ''
  return new EnvHttpProxyAgent({
    httpProxy: via,
    httpsProxy: via,
    noProxy: proxy.none ?? '',
    factory: (origin, given) =>
      new Pool(origin, Object.assign({}, given, { connections: limits.connectionsMax, pipelining: 1 })),
    maxOrigins: limits.hostsMax,
    connect: {
      ...tls,
      timeout: limits.connectTimeoutMs,
      lookup: reach === 'any' ? lookup : guardedLookup(options.name, lookup, reach),
    },
    connectTimeout: limits.connectTimeoutMs,
    requestTls: tls,
    proxyTls: tls,
    allowH2: false,
    headersTimeout: limits.headersTimeoutMs,
    // body.ts watches bodies: it knows when a slow reader is to blame.
    bodyTimeout: 0,
  })
}

/**
 * Looks a name up and refuses it when any of its addresses is forbidden. The connection is made to what this returns,
 * so a name that changes its address between a check and the connection gains nothing.
 */
function guardedLookup(name: string, lookup: LookupFunction, allowed: AllowedHosts): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = found as string | LookupAddress[]
      if (error || typeof addresses === 'string') return done(error, addresses)
      const refused = addresses.map(({ address }) => blockedAddress(name, hostname, address, allowed)).find(Boolean)
      if (refused) return done(refused, [])
      const first = addresses[0]
      if (options.all || !first) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

/** Why an address may not be connected to; undefined when it may. */
export function blockedAddress(
  name: string,
  hostname: string,
  address: string,
  allowed: AllowedHosts,
): UpstreamError | undefined {
  const kind = forbiddenKind(address)
  if (!kind || allowed.allowsAddress(address)) return undefined
  const where = hostname === address ? address : `${hostname} (${address})`
  const advice = `if that is right, name it in \`allowedHosts\` of the connection`
  return new UpstreamError('blocked', `${name} points at ${where}, a ${kind} address, which is refused; ${advice}`)
}
