import { clusterLocks } from './cluster.ts'
import type { WorkerNews, WorkerOrder } from './cluster.test.ts'

// Takes and keeps locks as the test orders.
const locks = clusterLocks(process)
const ends = new Map<number, () => void>()

process.on('message', (message: WorkerOrder | { readonly order?: undefined }) => {
  if (message.order === 'take') void hold(message.number, message.key)
  if (message.order === 'end') ends.get(message.number)?.()
})

async function hold(number: number, key: string): Promise<void> {
  await locks.exclusively(key, async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    ends.set(number, resolve)
    tell({ news: 'taken', number })
    await promise
  })
  tell({ news: 'ended', number })
}

function tell(news: WorkerNews): void {
  process.send?.(news)
}
