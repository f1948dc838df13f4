import { BackOff } from '../../back-off.ts'
import { isBusy } from './errors.ts'

/** Longest wait for a lock that another process holds. Unit: ms. Ours. */
const BUSY_WAIT_MAX_MS = 10_000

/**
 * Runs `attempt` until no other process is in its way. Waits between attempts without blocking the thread, as the
 * database's own busy time-out would.
 */
export async function retryWhileBusy<T>(attempt: () => T, random: () => number): Promise<T> {
  const startedAt = performance.now()
  const backOff = new BackOff({ shortestMs: 1, longestMs: 3 }, random)
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() - startedAt > BUSY_WAIT_MAX_MS) throw error
    }
    await backOff.wait()
  }
}
