import { flushCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { findFilling } from '../jobs/backup/restore.ts'
import type { Locks } from '../storage/locks/locks.ts'
import { type RunningPackyard, startPackyard, type Surroundings } from '../wire.ts'
import { releaseStartMemory } from './heap.ts'
import type { Log } from './log.ts'
import type { Metrics, MetricsSources, MetricsText } from './metrics.ts'
import { metricsSources } from './metrics/sources.ts'
import { openTls } from './certificates.ts'
import { openRegistry, type OpenedRegistry } from './registry.ts'
import { openTracing } from './tracing.ts'

export interface NodeParts {
  readonly locks: Locks
  readonly log: Log
  readonly sharing: Surroundings['sharing']
  readonly metrics: Metrics
  /** Of the whole installation, as far as this process can ask. */
  readonly readMetrics: () => Promise<MetricsText>
  /** Done before anything listens. */
  readonly prepare?: (opened: OpenedRegistry) => Promise<void>
}

export interface RunningNode {
  readonly port: number
  readonly url: string
  /** Does what the start could do without, a moment later: nobody who waits for the server should wait for it. */
  settle(): Promise<void>
  /** Finishes what runs, then closes everything. Safe to call twice. */
  stop(): Promise<void>
}

/** One process that serves. */
export async function startNode(config: Config, parts: NodeParts): Promise<RunningNode> {
  const bare = await openRegistry(config, parts.locks, {
    upstreams: parts.metrics.upstreams,
    onDamaged(blob, error) {
      parts.metrics.countDamagedBlob()
      const fields = { 'domain.id': blob.domainId, 'blob.sha256': blob.sha256, err: error }
      parts.log.logger.error(fields, 'a stored blob is damaged')
    },
    onFeed: parts.metrics.countFeed,
  })
  const { logger } = parts.log
  const tracing = await openTracing(config, (spans, error) => {
    logger.warn({ err: error, spans }, `${spans} spans of traces could not be sent`)
  })
  const opened = tracing?.wrapRegistry(bare) ?? bare
  try {
    await refuseHalfFilled(opened)
    await parts.prepare?.(opened)
    const surroundings = {
      logger,
      tracing,
      writeInfo: parts.log.writeInfo,
      countRequest: parts.metrics.observer,
      countJob: parts.metrics.jobObserver,
      countDelivery: parts.metrics.deliveryObserver,
      sharing: parts.sharing,
      tls: await openTls(config),
      metrics: () => readAllMetrics(parts),
    }
    const running = await startPackyard(config, opened, surroundings)
    let stopping: Promise<void> | undefined
    const stop = () => {
      stopping ??= close(running, opened, parts)
      return stopping
    }
    return {
      port: running.server.port,
      url: running.server.url,
      settle: () => settle(parts.metrics, metricsSources(config, opened)),
      stop,
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** What all processes counted, then what is the same for all of them. */
async function readAllMetrics({ metrics, readMetrics }: NodeParts): Promise<MetricsText> {
  const [{ contentType, text }, installation] = await Promise.all([readMetrics(), metrics.installationText()])
  return { contentType, text: `${text}\n${installation}` }
}

async function refuseHalfFilled({ registry }: OpenedRegistry): Promise<void> {
  const filling = await findFilling(registry.metadata.db)
  if (!filling) return
  throw new Error(`packyard ${filling.kind} has not ended, and the database is not whole: run it to its end first`)
}

/** The first requests go before the rest of the start. Unit: ms. Ours. */
const SETTLE_DELAY_MS = 500

/** The AWS operations stay unloaded until somebody calls one: most processes of a large installation never see a call. */
async function settle(metrics: Metrics, sources: MetricsSources): Promise<void> {
  // At once, so that a process which is killed early does not leave the next one to compile everything again.
  flushCompileCache()
  releaseStartMemory()
  await sleep(SETTLE_DELAY_MS, undefined, { ref: false })
  await metrics.start(sources)
  flushCompileCache()
  releaseStartMemory()
}

async function close(running: RunningPackyard, opened: OpenedRegistry, { locks, log }: NodeParts): Promise<void> {
  await running.drain()
  await opened.close()
  await locks.close()
  log.logger.info('stopped')
  log.flush()
}

/** For all processes on the database where there is one that can; else by `local`. */
export async function openLocks({ databaseUrl }: Config, local: () => Promise<Locks>): Promise<Locks> {
  if (databaseUrl === undefined) return local()
  const { postgresLocks } = await import('../storage/locks/postgres.ts')
  return postgresLocks({ url: databaseUrl })
}
