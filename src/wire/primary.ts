import cluster from 'node:cluster'
import { type Config, type ConfigSources } from '../config.ts'
import { showConfig } from '../config/show.ts'
import { serveClusterLocks } from '../storage/locks/cluster-primary.ts'
import { Crew, crewLimits } from './crew.ts'
import { takeDataFolder } from './data-folder.ts'
import { openLog } from './log.ts'
import type { PrimaryMessage } from './messages.ts'
import { reservePort } from './port.ts'
import { watchStopSignals } from './signals.ts'

export interface PrimaryParts {
  /** Handed on to the workers. */
  readonly sources: ConfigSources
  /** The program that a worker runs: ours. */
  readonly program: string
  /** The folder of compiled code; undefined where there can be none. */
  readonly compileCache: string | undefined
  onReady(port: number): void
}

/** Serves with several processes until asked to stop. Resolves to whether they ended in good order. */
export async function serveWithWorkers(config: Config, parts: PrimaryParts): Promise<'stopped' | 'failed'> {
  const folder = takeDataFolder(config)
  const log = openLog(config.logLevel)
  log.logger.debug({ settings: showConfig(config) }, 'settings')
  const port = await reservePort(config.host, config.port)
  cluster.setupPrimary({ exec: parts.program, args: [] })
  const clusterLocks = serveClusterLocks(cluster)
  const crew = new Crew({
    cluster,
    size: config.processes,
    sources: parts.sources,
    port,
    // They start from the compiled code at once; we had to compile our first file to learn where it is.
    env: parts.compileCache === undefined ? {} : { NODE_COMPILE_CACHE: parts.compileCache },
    logger: log.logger,
    limits: crewLimits,
    clock: () => performance.now(),
    onMetricsWanted: createMetricsAnswerer(),
  })
  const { asked } = watchStopSignals(() => {
    crew.kill()
    process.exit(1)
  })
  try {
    const readyPort = await Promise.race([crew.ready, asked])
    if (readyPort !== undefined) parts.onReady(readyPort)
    const end = await Promise.race([asked.then(() => 'stopped' as const), crew.lost.then(() => 'failed' as const)])
    await crew.stop()
    return end
  } catch (error) {
    crew.kill()
    throw error
  } finally {
    await clusterLocks.close()
    folder?.release()
    log.flush()
  }
}

/** Adds up what every worker counted. Loaded when it is first asked for. */
function createMetricsAnswerer() {
  let library: Promise<InstanceType<typeof import('prom-client').AggregatorRegistry>> | undefined
  const read = async (id: number): Promise<PrimaryMessage> => {
    library ??= import('prom-client').then(({ AggregatorRegistry }) => new AggregatorRegistry())
    const registry = await library
    return {
      packyard: 'metrics',
      id,
      metrics: { contentType: registry.contentType, text: await registry.clusterMetrics() },
    }
  }
  return (answer: (message: PrimaryMessage) => void, id: number): void => {
    read(id).then(answer, () => answer({ packyard: 'metrics', id, metrics: undefined }))
  }
}
