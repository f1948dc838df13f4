/** A second request to stop counts as impatience only after this time: npm and terminals send each signal twice. Unit: ms. Ours. */
const IMPATIENCE_MS = 1000

export interface StopRequests {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly asked: Promise<undefined>
}

/** From now on SIGTERM and SIGINT ask to stop; one more, later on, calls `cut`. */
export function watchStopSignals(cut: () => void): StopRequests {
  const { promise: asked, resolve } = Promise.withResolvers<undefined>()
  let firstAt: number | undefined
  const onSignal = () => {
    const now = performance.now()
    if (firstAt !== undefined && now - firstAt > IMPATIENCE_MS) cut()
    firstAt ??= now
    resolve(undefined)
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  return { asked }
}
