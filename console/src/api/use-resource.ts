import { useCallback, useEffect, useEffectEvent, useState } from 'react'
import { type ApiError, toApiError } from './api-error.ts'
import type { Client } from './client.ts'
import { useClient } from './use-client.ts'

/** What has been asked for: on its way, there, or failed. */
export interface Resource<T> {
  /** What was there before stays while it is loaded again. */
  readonly value: T | undefined
  readonly error: ApiError | undefined
  readonly isLoading: boolean
  reload(): void
}

interface State<T> {
  readonly key: string
  readonly attempt: number
  readonly value?: T
  readonly error?: ApiError
}

/** Loads when first drawn and whenever `key` changes: the key names all that `load` depends on. */
export function useResource<T>(key: string, load: (client: Client, signal: AbortSignal) => Promise<T>): Resource<T> {
  const client = useClient()
  const [attempt, setAttempt] = useState(0)
  const [state, setState] = useState<State<T>>()
  // A function of its own in every drawing; `key` says what it would load.
  const loadNow = useEffectEvent(load)
  useEffect(() => {
    const stopped = new AbortController()
    void loadNow(client, stopped.signal)
      .then((value) => ({ key, attempt, value }))
      .catch((thrown: unknown) => ({ key, attempt, error: toApiError(thrown) }))
      .then((next: State<T>) => {
        if (!stopped.signal.aborted) setState(next)
      })
    return () => stopped.abort()
  }, [client, key, attempt])
  const reload = useCallback(() => setAttempt((before) => before + 1), [])
  const current = state?.key === key ? state : undefined
  return { value: current?.value, error: current?.error, isLoading: current?.attempt !== attempt, reload }
}
