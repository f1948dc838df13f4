/** How an exchange with an upstream's host ended: by class of its status, without an answer, or not even tried. */
export type ExchangeEnd = '2xx' | '3xx' | '4xx' | '5xx' | 'failed' | 'refused' | 'left'

/** Told of what goes on between us and upstreams. Must not throw. */
export interface UpstreamWatch {
  /** One exchange, until the head of its answer. `refused`: the host counts as dead. `left`: nobody waits any more. */
  exchanged(source: string, end: ExchangeEnd, durationMs: number): void
  /** A source has been made; `openCircuits` says how many of its hosts count as dead. */
  opened(source: string, openCircuits: () => number): void
}

export function endOf(status: number): ExchangeEnd {
  if (status < 300) return '2xx'
  if (status < 400) return '3xx'
  return status < 500 ? '4xx' : '5xx'
}
