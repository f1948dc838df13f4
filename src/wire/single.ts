import { type Config } from '../config.ts'
import { showConfig } from '../config/show.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { prepareFirstRun } from './first-run.ts'
import { takeDataFolder } from './data-folder.ts'
import { openLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { openLocks, startNode } from './node.ts'
import { watchProcessFaults } from './process-faults.ts'
import { watchStopSignals } from './signals.ts'

/** Serves in this process alone until it is asked to stop. Resolves to whether it ended in good order. */
export async function serveAlone(config: Config, onReady: (port: number) => void): Promise<'stopped' | 'failed'> {
  const folder = takeDataFolder(config)
  const log = openLog(config.logLevel)
  const metrics = createMetrics()
  const { asked } = watchStopSignals(() => process.exit(1))
  const node = await startNode(config, {
    locks: await openLocks(config, async () => memoryLocks()),
    log,
    sharing: 'none',
    metrics,
    readMetrics: () => metrics.text(),
    prepare: (opened) => prepareFirstRun(config, opened),
  })
  const faulted = new Promise<'failed'>((resolve) => watchProcessFaults(log, () => resolve('failed')))
  log.logger.debug({ settings: showConfig(config) }, 'settings')
  log.logger.info({ url: node.url }, `listening on ${node.url}`)
  onReady(node.port)
  const settled = node.settle()
  const end = await Promise.race([asked.then(() => 'stopped' as const), faulted, settled.then(() => faulted)])
  await node.stop()
  folder?.release()
  return end
}
