/** Longest time for the work of one write; it holds locks meanwhile. Unit: ms. Ours. */
const WRITE_MAX_MS = 30_000

/** The work's result, or an error when it takes so long that others must not wait for it any more. */
export async function withinWriteLimit<T>(work: Promise<T>): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`a write took longer than ${WRITE_MAX_MS} ms`)), WRITE_MAX_MS)
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
