import type { Log } from './log.ts'

/**
 * Failures outside of any request. A rejection that nobody waits for leaves everything else sound: it is logged, and the
 * process goes on. After an exception that nobody caught nothing is certain: `stop` is called once, to end in good order.
 */
export function watchProcessFaults(log: Log, stop: () => void): void {
  process.on('unhandledRejection', (err) =>
    log.logger.error({ err }, 'a promise was rejected and nobody waited for it'),
  )
  process.once('uncaughtException', (err) => {
    log.logger.fatal({ err }, 'an exception was not caught; this process ends')
    log.flush()
    process.on('uncaughtException', (later) => log.logger.fatal({ err: later }, 'another exception was not caught'))
    stop()
  })
}
