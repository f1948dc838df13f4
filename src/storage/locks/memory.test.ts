import { testLocks } from './locks.conformance.ts'
import { memoryLocks } from './memory.ts'

testLocks('in memory', async () => {
  const locks = memoryLocks()
  return { first: locks, second: locks }
})
