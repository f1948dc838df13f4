import type { Counter, Histogram, Registry } from 'prom-client'
import type { RequestObserver } from './request-record.ts'

/** Unit: seconds. Ours: a warm index takes under a millisecond, a cold asset from outside some seconds. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]

type Observe = (seconds: number, sentBytes: number) => void

/** Counts requests by plane and class of status, their durations and the bytes sent. */
export function createRequestMetrics(library: typeof import('prom-client'), register: Registry): RequestObserver {
  const labelNames = ['plane', 'status'] as const
  const durations = new library.Histogram({
    name: 'packyard_http_request_duration_seconds',
    help: 'Requests by plane and class of status, and how long they took until their last byte.',
    labelNames,
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [register],
  })
  const sent = new library.Counter({
    name: 'packyard_http_sent_bytes_total',
    help: 'Bytes of response bodies sent.',
    labelNames,
    registers: [register],
  })
  const observers = new Map<string, Observe>()
  return ({ plane, status, durationMs, sentBytes }) => {
    const key = `${plane} ${Math.floor(status / 100)}`
    let observe = observers.get(key)
    if (observe === undefined) {
      observe = observeLabelled(durations, sent, { plane, status: `${Math.floor(status / 100)}xx` })
      observers.set(key, observe)
    }
    observe(durationMs / 1000, sentBytes)
  }
}

/** Looks the labels up once, as this runs on every request. */
function observeLabelled(
  durations: Histogram<'plane' | 'status'>,
  sent: Counter<'plane' | 'status'>,
  labels: { readonly plane: string; readonly status: string },
): Observe {
  const duration = durations.labels(labels)
  const bytes = sent.labels(labels)
  return (seconds, sentBytes) => {
    duration.observe(seconds)
    if (sentBytes > 0) bytes.inc(sentBytes)
  }
}
