import cluster from 'node:cluster'
import { createRequestMetrics } from '../http/metrics.ts'
import type { RequestObserver } from '../http/request-record.ts'
import type { UpstreamWatch } from '../http/upstream/watch.ts'
import type { DeliveryEnd } from '../jobs/events/deliver-events.ts'
import { createJobMetrics, type JobObserver } from '../jobs/job-metrics.ts'
import type { PoolLoad } from '../storage/metadata/metadata.ts'
import type { InstallationParts } from './metrics/installation.ts'
import type { WorkCounts } from './metrics/work.ts'
import type { FeedObserver } from './advisory-feeds.ts'

export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** What is counted elsewhere, to be read when somebody asks. */
export interface MetricsSources {
  readonly counts: WorkCounts
  readonly pools: () => readonly PoolLoad[]
  readonly installation: InstallationParts
}

export interface Metrics {
  readonly observer: RequestObserver
  readonly jobObserver: JobObserver
  readonly deliveryObserver: (end: DeliveryEnd) => void
  readonly upstreams: UpstreamWatch
  /** Once for each time that one is found. */
  countDamagedBlob(): void
  /** Once for each time that a feed of advisories was asked. */
  countFeed: FeedObserver
  /** Starts counting. Called when the server is ready, as the library takes a twentieth of a second to load. */
  start(sources: MetricsSources): Promise<void>
  /** Of this process alone. */
  text(): Promise<MetricsText>
  /** Of the installation, as any process sees it; nothing before the start. */
  installationText(): Promise<string>
}

/** Who is told of everything that is counted, once there is somebody. */
interface Observers {
  request: RequestObserver
  job: JobObserver
  delivery: (end: DeliveryEnd) => void
  exchange: UpstreamWatch['exchanged']
}

/** What this process counts, with event-loop lag, memory and the like, by prom-client. */
export function createMetrics(): Metrics {
  const observers: Observers = { request() {}, job() {}, delivery() {}, exchange() {} }
  const circuits = new Map<string, () => number>()
  let damagedBlobs = 0
  let countFeed: FeedObserver = () => {}
  let started: Promise<() => Promise<string>> | undefined
  const load = async (sources: MetricsSources) => {
    const library = await import('prom-client')
    const [work, { createInstallationMetrics }] = await Promise.all([
      import('./metrics/work.ts'),
      import('./metrics/installation.ts'),
    ])
    library.collectDefaultMetrics()
    // Made for its effect: in a worker it answers the primary, which adds up what all have counted.
    if (cluster.isWorker) new library.AggregatorRegistry()
    observers.request = createRequestMetrics(library, library.register)
    observers.job = createJobMetrics(library, library.register)
    observers.delivery = work.createDeliveryMetrics(library)
    observers.exchange = work.createUpstreamMetrics(library, circuits)
    work.createCountMetrics(library, sources.counts, sources.pools)
    countDamage(library, () => damagedBlobs)
    countFeed = createFeedMetrics(library)
    return createInstallationMetrics(library, sources.installation)
  }
  return {
    observer: (record) => observers.request(record),
    jobObserver: (...end) => observers.job(...end),
    deliveryObserver: (end) => observers.delivery(end),
    upstreams: {
      exchanged: (...exchange) => observers.exchange(...exchange),
      opened: (source, open) => void circuits.set(source, open),
    },
    countFeed: (feed, outcome) => countFeed(feed, outcome),
    countDamagedBlob: () => {
      damagedBlobs += 1
    },
    start: async (sources) => {
      started ??= load(sources)
      await started
    },
    async text() {
      const { register } = await import('prom-client')
      return { contentType: register.contentType, text: await register.metrics() }
    },
    installationText: async () => (started === undefined ? '' : (await started)()),
  }
}

function countDamage(library: typeof import('prom-client'), damagedBlobs: () => number): void {
  new library.Counter({
    name: 'packyard_blobs_damaged_total',
    help: 'Reads that found the stored bytes of a blob changed, cut off or misplaced.',
    collect() {
      this.reset()
      this.inc(damagedBlobs())
    },
  })
}

/** By which an alarm is raised: how often each feed was read, found unchanged or could not be read, and when it last could. */
function createFeedMetrics(library: typeof import('prom-client')): FeedObserver {
  const outcomes = new library.Counter({
    name: 'packyard_advisory_feed_total',
    help: 'Times that a feed of advisories was asked, by how it came out: imported, unchanged or failed.',
    labelNames: ['feed', 'outcome'] as const,
  })
  const readAt = new library.Gauge({
    name: 'packyard_advisory_feed_read_timestamp_seconds',
    help: 'When a feed of advisories was last read, or found unchanged.',
    labelNames: ['feed'] as const,
    aggregator: 'max',
  })
  return (feed, outcome) => {
    outcomes.inc({ feed, outcome })
    if (outcome !== 'failed') readAt.setToCurrentTime({ feed })
  }
}
