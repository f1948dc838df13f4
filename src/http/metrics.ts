import type { Counter, Histogram, Registry } from 'prom-client'
import type { RequestObserver, RequestRecord } from './request-record.ts'

/** Unit: seconds. Ours: a warm index takes under a millisecond, a cold asset from outside some seconds. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]

const labelNames = ['plane', 'format', 'status'] as const
type Labels = (typeof labelNames)[number]

type Observe = (seconds: number, sentBytes: number) => void

/** By class of status: 2 for 2xx. */
type ByClass = (Observe | undefined)[]

/** Counts requests by plane, format and class of status, their durations and the bytes sent. */
export function createRequestMetrics(library: typeof import('prom-client'), register: Registry): RequestObserver {
  const durations = new library.Histogram({
    name: 'packyard_http_request_duration_seconds',
    help: 'Requests by plane, package format (or none) and class of status, and how long they took until their last byte.',
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
  const known = new Map<string, Map<string, ByClass>>()
  return (record) => {
    const { plane, durationMs, sentBytes } = record
    const format = formatOf(record)
    const statusClass = Math.floor(record.status / 100)
    const byClass = findOrMake(known, plane, format)
    byClass[statusClass] ??= observeLabelled(durations, sent, { plane, format, status: `${statusClass}xx` })
    byClass[statusClass](durationMs / 1000, sentBytes)
  }
}

/** As the plane of packages notes it, and nobody else: what clients send is no label. */
function formatOf({ fields }: RequestRecord): string {
  for (let i = 0; i < fields.length; i++) {
    const format = fields[i]?.['package.format']
    if (format !== undefined) return String(format)
  }
  return 'none'
}

function findOrMake(known: Map<string, Map<string, ByClass>>, plane: string, format: string): ByClass {
  const byFormat = known.get(plane) ?? new Map<string, ByClass>()
  const byClass = byFormat.get(format) ?? []
  if (byClass.length === 0) {
    known.set(plane, byFormat)
    byFormat.set(format, byClass)
  }
  return byClass
}

/** Looks the labels up once, as this runs on every request. */
function observeLabelled(
  durations: Histogram<Labels>,
  sent: Counter<Labels>,
  labels: Readonly<Record<Labels, string>>,
): Observe {
  const duration = durations.labels(labels)
  const bytes = sent.labels(labels)
  return (seconds, sentBytes) => {
    duration.observe(seconds)
    if (sentBytes > 0) bytes.inc(sentBytes)
  }
}
