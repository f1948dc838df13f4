/**
 * Loaded into every process of tests: once its tests have ended, the process must end by itself. One that left a
 * server, a timer or a child behind would hang the run; it fails instead, and says what is still open.
 */
import { after } from 'node:test'

/** How long a process may take to end after its last test. Unit: ms. Ours. */
const END_WITHIN_MS = 10_000

after(() => {
  setTimeout(() => {
    process.stderr.write(`still open after the last test: ${process.getActiveResourcesInfo().join(', ')}\n`)
    process.exit(1)
  }, END_WITHIN_MS).unref()
})
