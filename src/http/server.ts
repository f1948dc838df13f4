import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import { type AddressInfo, isIPv6, type Socket } from 'node:net'
import type { Plane } from './call.ts'
import { type Conversation, converse } from './conversation.ts'
import type { ServerLimits } from './limits.ts'
import { refuseMalformed } from './malformed.ts'
import { createOriginRule } from './origin.ts'
import type { RequestObserver } from './request-record.ts'
import { TurnEnd } from './turn-end.ts'

/** Certificates as they come: the first, and later ones that take its place without a restart. */
export interface TlsSource {
  readonly first: Certificate
  /** Calls back with each new one; what it returns ends that. */
  watch(replace: (next: Certificate) => void): () => void
}

/** PEM; the certificate with its chain. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

export interface ServerOptions {
  /** Undefined: plain HTTP. */
  readonly tls?: TlsSource | undefined
  /** The first whose `matches` says yes gets the call. */
  readonly planes: readonly Plane[]
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** `port`: other processes listen on the same one, and the kernel spreads connections over them. Else `none`. */
  readonly sharing?: 'none' | 'port'
  /** The address that clients use when it is not this listener's own, without a final slash. */
  readonly publicUrl: string | undefined
  readonly limits: ServerLimits
  readonly newId: () => string
  /** Steady. Unit: ms. */
  readonly clock: () => number
  readonly observer: RequestObserver
}

export interface RunningServer {
  readonly port: number
  /** `http://host:port`, as this listener was told to listen. */
  readonly url: string
  /** Accepts nothing more, lets what runs finish for `drainMs`, then cuts what is left. */
  drain(): Promise<void>
}

/** Listens, or rejects with the operating system's error (`EADDRINUSE`, `EACCES`). */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createListener(options)
  let isDraining = false
  const conversation: Conversation = {
    ...options,
    originRule: (request) => originRule(request),
    isDraining: () => isDraining,
    turnEnd: new TurnEnd(),
  }
  server.on('request', (request, response) => converse(conversation, request, response, 'none'))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    converse(conversation, request, response, 'continue'),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuseMalformed(conversation, error, socket as Socket)
  })
  const { port } = await listen(server, options)
  const url = `${options.tls ? 'https' : 'http'}://${isIPv6(options.host) ? `[${options.host}]` : options.host}:${port}`
  const originRule = createOriginRule(options.publicUrl, url)
  const unwatch = options.tls?.watch((next) => replaceCertificate(server, next))
  const drain = () => {
    isDraining = true
    unwatch?.()
    return closeServer(server, options.limits.drainMs)
  }
  return { port, url, drain }
}

/** One that cannot be used, as a file that is half written, leaves the one that stands. */
function replaceCertificate(server: Server | SecureServer, { certificate, key }: Certificate): void {
  if (!('setSecureContext' in server)) return
  try {
    server.setSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' })
  } catch {
    // The next change of the files brings another.
  }
}

/** How often node:http looks for requests that take too long to arrive. Unit: ms. Ours; Node's own is 30 s. */
const CONNECTIONS_CHECK_MS = 5000

function createListener({ limits, tls }: ServerOptions): Server {
  const settings = {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(limits.headersTimeoutMs, CONNECTIONS_CHECK_MS),
    // A missing Host is answered by us, with a body.
    requireHostHeader: false,
    // Cargo's client offers HTTP/2 by upgrade; such a request is answered as it stands.
    shouldUpgradeCallback: () => false,
  }
  const server = tls
    ? createSecureServer({ ...settings, cert: tls.first.certificate, key: tls.first.key, minVersion: 'TLSv1.2' })
    : createServer(settings)
  server.maxConnections = limits.connectionsMax
  server.setTimeout(limits.idleTimeoutMs)
  return server
}

async function listen(server: Server, { host, port, sharing }: ServerOptions): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, reusePort: sharing === 'port' }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server.address() as AddressInfo
}

/** Unit: ms. Ours: how soon a connection that has become idle while draining is closed. */
const IDLE_SWEEP_MS = 50

async function closeServer(server: Server, drainMs: number): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS)
  const cut = setTimeout(() => server.closeAllConnections(), drainMs)
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()))
  } finally {
    clearInterval(sweep)
    clearTimeout(cut)
  }
}
