/** A worker that serves nothing, for tests of the crew: its first argument says how it behaves. */
import { existsSync, writeFileSync } from 'node:fs'
import { isPrimaryMessage, type WorkerMessage } from './messages.ts'

const [behaviour, marker = ''] = process.argv.slice(2)

if (behaviour === 'stillborn') process.exit(1)

process.on('message', (message) => {
  if (!isPrimaryMessage(message)) return
  if (message.packyard === 'drain') process.exit(0)
  if (message.packyard !== 'start') return
  if (behaviour === 'first-dies' && message.isFirst && !existsSync(marker)) {
    writeFileSync(marker, '')
    process.exit(1)
  }
  if (message.isFirst) tell({ packyard: 'prepared' })
  tell({ packyard: 'ready', port: message.isFirst ? 1 : 2 })
})
tell({ packyard: 'loaded' })

function tell(message: WorkerMessage): void {
  process.send?.(message)
}
