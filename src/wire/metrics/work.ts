import type { ExchangeEnd, UpstreamWatch } from '../../http/upstream/watch.ts'
import type { DeliveryEnd } from '../../jobs/events/deliver-events.ts'
import type { RegistryCounts } from '../../registry/counts.ts'
import type { CacheCounts } from '../../storage/cache-counts.ts'
import type { PoolLoad } from '../../storage/metadata/metadata.ts'

type Library = typeof import('prom-client')

/** Unit: seconds. Ours: an upstream nearby answers in a hundredth of a second, and 30 is the limit. */
const UPSTREAM_BUCKETS_SECONDS = [0.01, 0.05, 0.25, 1, 5, 30]

/** What a process works on, as far as it is told. */
export interface WorkCounts extends RegistryCounts {
  /** Small blobs in memory. */
  readonly blob: CacheCounts
}

/** Counters that are kept elsewhere, read when somebody asks. */
export function createCountMetrics(library: Library, counts: WorkCounts, pools: () => readonly PoolLoad[]): void {
  const caches = ['index', 'asset', 'view', 'upstream', 'blob'] as const
  new library.Counter({
    name: 'packyard_cache_requests_total',
    help: 'Questions to a cache in memory, by cache (index, asset, view, upstream, blob) and whether it had the answer.',
    labelNames: ['cache', 'result'] as const,
    collect() {
      this.reset()
      for (const cache of caches) {
        this.inc({ cache, result: 'hit' }, counts[cache].hits)
        this.inc({ cache, result: 'miss' }, counts[cache].misses)
      }
    },
  })
  createFormatCounter(library, counts.published, {
    name: 'packyard_versions_published_total',
    help: 'Versions published, by format.',
  })
  createFormatCounter(library, counts.fetched, {
    name: 'packyard_assets_fetched_total',
    help: 'Assets fetched from external connections and kept, by format.',
  })
  new library.Gauge({
    name: 'packyard_database_connections',
    help: 'Database connections by purpose (reading, writing) and state: open, idle, or waiting for one.',
    labelNames: ['purpose', 'state'] as const,
    collect() {
      for (const { purpose, open, idle, waiting } of pools()) {
        for (const [state, count] of Object.entries({ open, idle, waiting })) this.set({ purpose, state }, count)
      }
    },
  })
}

function createFormatCounter(
  library: Library,
  counts: ReadonlyMap<string, number>,
  { name, help }: { readonly name: string; readonly help: string },
): void {
  new library.Counter({
    name,
    help,
    labelNames: ['format'] as const,
    collect() {
      this.reset()
      for (const [format, count] of counts) this.inc({ format }, count)
    },
  })
}

/** Sources by name, and how many of their hosts count as dead. */
export type Circuits = ReadonlyMap<string, () => number>

export function createUpstreamMetrics(library: Library, circuits: Circuits): UpstreamWatch['exchanged'] {
  const durations = new library.Histogram({
    name: 'packyard_upstream_request_duration_seconds',
    help: 'Requests to upstreams until the head of the answer, by connection and end (2xx to 5xx, failed, refused, left).',
    labelNames: ['connection', 'end'] as const,
    buckets: UPSTREAM_BUCKETS_SECONDS,
  })
  new library.Gauge({
    name: 'packyard_upstream_circuits_open',
    help: 'Hosts of a connection that count as dead and are left alone for a while.',
    labelNames: ['connection'] as const,
    // Each process finds out for itself.
    aggregator: 'max',
    collect() {
      for (const [connection, open] of circuits) this.set({ connection }, open())
    },
  })
  return (connection: string, end: ExchangeEnd, durationMs: number) => {
    durations.observe({ connection, end }, durationMs / 1000)
  }
}

export function createDeliveryMetrics(library: Library): (end: DeliveryEnd) => void {
  const ends = new library.Counter({
    name: 'packyard_event_deliveries_total',
    help: 'Attempts at delivering an event to a target, by how they ended: delivered, retried or dead.',
    labelNames: ['end'] as const,
  })
  return (end) => ends.inc({ end })
}
