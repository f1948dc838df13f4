import type { Config } from '../config.ts'
import type { Plane } from '../http/call.ts'
import type { RequestObserver } from '../http/request-record.ts'
import type { Sessions } from '../registry/open-session.ts'
import type { OpenedRegistry } from './registry.ts'

/** Wraps what should be seen in traces; whoever is wrapped knows nothing of it. */
export interface Tracing {
  wrapRegistry(opened: OpenedRegistry): OpenedRegistry
  wrapSessions(sessions: Sessions): Sessions
  wrapPlanes(planes: readonly Plane[]): readonly Plane[]
  /** Told of each request at its end. */
  readonly observer: RequestObserver
  /** Sends what there is. */
  stop(): Promise<void>
}

/** Undefined, and nothing is loaded, unless a collector is named. `onLoss` is told of spans that did not arrive. */
export async function openTracing(
  config: Config,
  onLoss: (spans: number, error: unknown) => void,
): Promise<Tracing | undefined> {
  if (config.otlpEndpoint === undefined && config.otlpTracesEndpoint === undefined) return undefined
  const { startTracing } = await import('./tracing/start.ts')
  return startTracing(config, onLoss)
}
