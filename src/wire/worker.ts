import { parseConfig } from '../config.ts'
import { HttpError } from '../http/call.ts'
import { clusterLocks } from '../storage/locks/cluster.ts'
import { prepareFirstRun } from './first-run.ts'
import { openLog } from './log.ts'
import { isPrimaryMessage, type PrimaryMessage, type WorkerMessage } from './messages.ts'
import { createMetrics, type MetricsText } from './metrics.ts'
import { openLocks, type RunningNode, startNode } from './node.ts'
import type { OpenedRegistry } from './registry.ts'
import { watchProcessFaults } from './process-faults.ts'
import { canSharePorts } from './port.ts'
import { explainStartFailure } from './start-failure.ts'

/** One of several processes that share the port: waits to be told to start, serves, and ends when it is told to. */
export function runWorker(): void {
  const readMetrics = createMetricsReader()
  // A terminal and a service manager send signals to every process; the primary says when to stop.
  process.on('SIGINT', () => {}).on('SIGTERM', () => {})
  process.once('message', function begin(message: unknown) {
    if (!isPrimaryMessage(message) || message.packyard !== 'start') {
      process.once('message', begin)
      return
    }
    void serve(message, readMetrics)
  })
  tell({ packyard: 'loaded' })
}

async function serve(
  { sources, isFirst, port }: Extract<PrimaryMessage, { packyard: 'start' }>,
  readMetrics: () => Promise<MetricsText>,
): Promise<void> {
  const config = { ...parseConfig(sources), port }
  const sharing = canSharePorts ? 'port' : 'none'
  const log = openLog(config.logLevel)
  const metrics = createMetrics()
  try {
    const locks = await openLocks(config, async () => clusterLocks(process))
    const prepare = async (opened: OpenedRegistry) => {
      if (!isFirst) return
      await prepareFirstRun(config, opened)
      tell({ packyard: 'prepared' })
    }
    const node = await startNode(config, { locks, log, sharing, metrics, readMetrics, prepare })
    watchProcessFaults(log, () => void end(node, 1))
    process.on('message', (message) => {
      if (isPrimaryMessage(message) && message.packyard === 'drain') void end(node, 0)
    })
    log.logger.info({ url: node.url }, `listening on ${node.url}`)
    tell({ packyard: 'ready', port: node.port })
    await node.settle()
  } catch (error) {
    tell({ packyard: 'failed', message: explainStartFailure(error, config) }, () => process.exit(1))
  }
}

async function end(node: RunningNode, code: number): Promise<void> {
  await node.stop()
  process.exit(code)
}

/** Asks the primary, who asks every worker. */
function createMetricsReader(): () => Promise<MetricsText> {
  const waiting = new Map<number, PromiseWithResolvers<MetricsText>>()
  let nextId = 1
  process.on('message', (message) => {
    if (!isPrimaryMessage(message) || message.packyard !== 'metrics') return
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.metrics) asked?.resolve(message.metrics)
    else asked?.reject(new HttpError(503, 'not every process answered; try again'))
  })
  return () => {
    const id = nextId++
    const asked = Promise.withResolvers<MetricsText>()
    waiting.set(id, asked)
    tell({ packyard: 'metrics-wanted', id })
    return asked.promise
  }
}

function tell(message: WorkerMessage, whenSent: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, whenSent)
}
