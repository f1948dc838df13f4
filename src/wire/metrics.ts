import cluster from 'node:cluster'
import { createRequestMetrics } from '../http/metrics.ts'
import type { RequestObserver } from '../http/request-record.ts'
import { createJobMetrics, type JobObserver } from '../jobs/job-metrics.ts'
import type { FeedObserver } from './advisory-feeds.ts'

export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

export interface Metrics {
  readonly observer: RequestObserver
  readonly jobObserver: JobObserver
  /** Once for each time that one is found. */
  countDamagedBlob(): void
  /** Once for each time that a feed of advisories was asked. */
  countFeed: FeedObserver
  /** Starts counting. Called when the server is ready, as the library takes a twentieth of a second to load. */
  start(): Promise<void>
  /** Of this process alone. */
  text(): Promise<MetricsText>
}

/** Requests, jobs, event-loop lag, memory and the like, counted by prom-client. */
export function createMetrics(): Metrics {
  let observer: RequestObserver = () => {}
  let jobObserver: JobObserver = () => {}
  let damagedBlobs = 0
  let countFeed: FeedObserver = () => {}
  let library: Promise<typeof import('prom-client')> | undefined
  const load = async () => {
    const loaded = await import('prom-client')
    loaded.collectDefaultMetrics()
    // Made for its effect: in a worker it answers the primary, which adds up what all have counted.
    if (cluster.isWorker) new loaded.AggregatorRegistry()
    observer = createRequestMetrics(loaded, loaded.register)
    jobObserver = createJobMetrics(loaded, loaded.register)
    new loaded.Counter({
      name: 'packyard_blobs_damaged_total',
      help: 'Reads that found the stored bytes of a blob changed, cut off or misplaced.',
      collect() {
        this.reset()
        this.inc(damagedBlobs)
      },
    })
    countFeed = createFeedMetrics(loaded)
    return loaded
  }
  const loadOnce = () => {
    library ??= load()
    return library
  }
  return {
    observer: (record) => observer(record),
    jobObserver: (...end) => jobObserver(...end),
    countFeed: (feed, outcome) => countFeed(feed, outcome),
    countDamagedBlob: () => {
      damagedBlobs += 1
    },
    start: async () => {
      await loadOnce()
    },
    async text() {
      const { register } = await loadOnce()
      return { contentType: register.contentType, text: await register.metrics() }
    },
  }
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
