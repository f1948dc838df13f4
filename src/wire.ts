import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { AccessDeniedError } from './access/authorize.ts'
import { createKeyUses } from './access/key-uses.ts'
import { createPackageAuthentication } from './access/package-authentication.ts'
import { createRateLimit, RateLimitError } from './access/rate-limit.ts'
import { createTokens } from './access/tokens.ts'
import { UnauthenticatedError } from './access/unauthenticated-error.ts'
import type { Config } from './config.ts'
import { createConsolePlane } from './console/plane.ts'
import { formats } from './formats/index.ts'
import { createPackagePlane } from './formats/plane.ts'
import { type AccessLogParts, createAccessLog } from './http/access-log.ts'
import { HttpError, type Plane } from './http/call.ts'
import { serverLimits } from './http/limits.ts'
import { createOperationsPlane } from './http/operations.ts'
import type { RequestObserver } from './http/request-record.ts'
import { type RunningServer, type ServerOptions, startServer } from './http/server.ts'
import type { DeliverParts } from './jobs/events/deliver-events.ts'
import { startFinishingQuietVersions } from './jobs/finish-quiet.ts'
import type { JobObserver } from './jobs/job-metrics.ts'
import { type Presence, startPresence } from './jobs/presence.ts'
import { type RunningJob, startJobs } from './jobs/runner.ts'
import { RegistryError } from './registry/errors.ts'
import { createSessions } from './registry/open-session.ts'
import { isUpstreamFailure } from './registry/upstream.ts'
import { type ControlPlaneNeeds, createControlPlanes } from './wire/control-planes.ts'
import { startDelivery } from './wire/events.ts'
import { BlobMissingError, BlobStoreError } from './storage/blobs/blob-store.ts'
import { describeOutage } from './storage/outage.ts'
import type { MetricsText } from './wire/metrics.ts'
import { createRequestIds } from './wire/request-ids.ts'
import type { OpenedRegistry } from './wire/registry.ts'
import type { Tracing } from './wire/tracing.ts'
import { startTrail } from './wire/trail.ts'

/** The browser app, at the same place in a checkout and in the published package. */
const consoleFolder = fileURLToPath(new URL('../console/dist', import.meta.url))

/** What a process brings along: where its lines go, and who counts. */
export interface Surroundings {
  readonly logger: Logger
  readonly writeInfo: AccessLogParts['writeInfo']
  readonly countRequest: RequestObserver
  readonly countJob: JobObserver
  readonly countDelivery: DeliverParts['onEnd']
  /** Undefined: nobody wants traces. */
  readonly tracing: Tracing | undefined
  /** Undefined: plain HTTP. */
  readonly tls: ServerOptions['tls']
  readonly sharing: NonNullable<ServerOptions['sharing']>
  /** Of the whole installation, as far as this process can ask. */
  readonly metrics: () => Promise<MetricsText>
}

export interface RunningPackyard {
  readonly server: RunningServer
  /** Lets what runs finish; the registry is the caller's to close afterwards. */
  drain(): Promise<void>
}

/** Builds everything that answers, and listens. Rejects with the operating system's error when it cannot. */
export async function startPackyard(
  config: Config,
  opened: OpenedRegistry,
  surroundings: Surroundings,
): Promise<RunningPackyard> {
  const { registry, identity, sessions: temporary, keyring } = opened
  const { metadata, clock, randomId } = registry
  const tokens = createTokens({ metadata, identity, sessions: temporary, keyring, clock, randomId })
  const { tracing } = surroundings
  const bareSessions = createSessions(registry)
  const sessions = tracing?.wrapSessions(bareSessions) ?? bareSessions
  const accessLog = createAccessLog({ log: surroundings.logger, writeInfo: surroundings.writeInfo })
  const keyUses = createKeyUses({
    metadata,
    clock,
    onError: (error) => surroundings.logger.warn({ err: error }, 'could not write when access keys were used'),
  })
  const trail = startTrail(config, opened, surroundings.logger)
  const presence = startSharing(config, opened, surroundings)
  const { processes } = presence
  const control = createControlPlanes(config, opened, { tokens, sessions, keyUses, processes })
  const planes = [
    operationsPlane(opened, surroundings),
    createConsolePlane(consoleFolder),
    packagePlane(config, { tokens, sessions, processes }),
    ...control,
  ]
  const options: ServerOptions = {
    planes: tracing?.wrapPlanes(planes) ?? planes,
    host: config.host,
    port: config.port,
    sharing: surroundings.sharing,
    publicUrl: config.publicUrl,
    limits: {
      ...serverLimits,
      connectionsMax: config.connectionsMax,
      bodyBytesMax: bodyBytesMax(config),
      drainMs: config.drainSeconds * 1000,
    },
    newId: createRequestIds(randomUUID()),
    clock: () => performance.now(),
    observer(record) {
      accessLog(record)
      surroundings.countRequest(record)
      trail.observer(record)
      tracing?.observer(record)
    },
  }
  const server = await startServer({ ...options, tls: surroundings.tls })
  const plain =
    surroundings.tls && config.httpPort !== undefined ? await startPlain(options, config.httpPort) : undefined
  const finishing = startFinishingQuietVersions(registry, (error) => {
    surroundings.logger.warn({ err: error }, 'could not look for versions to finish')
  })
  const jobs = startBackgroundWork(opened, surroundings)
  const delivery = startDelivery(config, opened, {
    onEnd: surroundings.countDelivery,
    onFailure: (error) => surroundings.logger.warn({ err: error }, 'could not deliver events'),
  })
  const drain = async () => {
    await Promise.all([server.drain(), plain?.drain(), jobs.stop()])
    await Promise.all([finishing.stop(), delivery.stop(), presence.stop()])
    await sessions.flush()
    await keyUses.flush()
    await trail.stop()
    await tracing?.stop()
  }
  return { server, drain }
}

/** Who else serves on the same database: the workers of this server, or whoever says so. */
function startSharing(config: Config, { registry }: OpenedRegistry, { logger }: Surroundings): Presence {
  if (config.databaseUrl === undefined) return { processes: () => config.processes, stop: async () => {} }
  const { metadata, clock, randomId } = registry
  const onFailure = (error: unknown) => logger.warn({ err: error }, 'could not say that this process serves')
  return startPresence({ metadata, clock, randomId, onFailure })
}

function startBackgroundWork({ registry, kinds }: OpenedRegistry, { logger, countJob }: Surroundings): RunningJob {
  const { metadata, clock, randomId } = registry
  return startJobs({
    metadata,
    clock,
    randomId,
    random: Math.random,
    kinds,
    onEnd: (job, end, seconds, error) => {
      countJob(job, end, seconds)
      const fields = {
        job: job.kind,
        duration_ms: Math.round(seconds * 1000),
        ...(end === 'done' ? {} : { err: error }),
      }
      logger[end === 'done' || end === 'interrupted' ? 'info' : 'warn'](fields, `job ${job.kind} ${end}`)
    },
    onFailure: (error) => logger.warn({ err: error }, 'could not look for jobs'),
  })
}

/** Beside HTTPS, for clients that cannot be made to trust it. Its address is its own, whatever the public one is. */
function startPlain(options: ServerOptions, port: number): Promise<RunningServer> {
  return startServer({ ...options, port, publicUrl: undefined })
}

function operationsPlane({ registry }: OpenedRegistry, { metrics }: Surroundings): Plane {
  return createOperationsPlane({
    checks: { database: () => registry.metadata.check(), blobs: () => registry.blobs.check() },
    metrics,
    clock: () => performance.now(),
  })
}

function packagePlane(config: Config, { tokens, sessions, processes }: Omit<ControlPlaneNeeds, 'keyUses'>): Plane {
  const { authenticate } = createPackageAuthentication(
    tokens,
    createRateLimit({ perSecond: config.tokenRequestsPerSecond, processes, clock: () => performance.now() }),
  )
  const basePath = config.publicUrl === undefined ? '' : new URL(config.publicUrl).pathname.replace(/\/$/, '')
  return createPackagePlane({
    formats,
    form: { domainSuffix: config.domainSuffix, basePath },
    authenticate,
    openSession: (caller, address, format) => sessions.open(caller, address, format),
    explain: explainFailure,
  })
}

/** What a client is told to wait while disk or database fail. Unit: seconds. Ours. */
const OUTAGE_RETRY_SECONDS = 5

/** What the errors of inner layers mean to a package manager. */
function explainFailure(error: unknown): RegistryError | HttpError | undefined {
  if (error instanceof UnauthenticatedError) return new HttpError(401, error.message, {}, error)
  if (error instanceof AccessDeniedError) return new RegistryError('denied', error.message, { cause: error })
  if (error instanceof RateLimitError) {
    const { message, retryAfterSeconds } = error
    return new RegistryError('throttled', message, { retryAfterSeconds, cause: error })
  }
  if (error instanceof BlobStoreError) return new RegistryError('unavailable', error.message, { cause: error })
  if (error instanceof BlobMissingError) {
    // Stored by another process a moment ago, in a store that shows it late; or lost, which packyard verify finds.
    const message = `the object store does not show the bytes: ${error.message}`
    return new RegistryError('unavailable', message, { retryAfterSeconds: OUTAGE_RETRY_SECONDS, cause: error })
  }
  if (error instanceof Error && isUpstreamFailure(error)) {
    return new RegistryError('unavailable', error.message, { cause: error })
  }
  const outage = describeOutage(error)
  if (outage === undefined) return undefined
  const message = `Packyard cannot do this now: ${outage}`
  return new RegistryError('unavailable', message, { retryAfterSeconds: OUTAGE_RETRY_SECONDS, cause: error })
}

/** npm sends tarballs in Base64 inside a document, which may be large itself. Unit: bytes. */
function bodyBytesMax({ assetBytesMax }: Config): number {
  return Math.ceil(assetBytesMax * 1.34) + 64 * 1024 ** 2
}
