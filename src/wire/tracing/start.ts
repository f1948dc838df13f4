import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Config } from '../../config.ts'
import { startExporter } from '../../tracing/exporter.ts'
import { createSampler } from '../../tracing/sampler.ts'
import { createTracer } from '../../tracing/tracer.ts'
import type { Tracing } from '../tracing.ts'
import { readVersion } from '../version.ts'
import { createRequestSpans } from './requests.ts'
import { wrapRegistry, wrapSessions } from './wrap.ts'

/** Losses are told no more often. Unit: ms. Ours. */
const LOSS_PAUSE_MS = 60_000

export function startTracing(config: Config, onLoss: (spans: number, error: unknown) => void): Tracing {
  const version = readVersion()
  const exporter = startExporter({
    url: config.otlpTracesEndpoint ?? `${config.otlpEndpoint}/v1/traces`,
    headers: Object.fromEntries(config.otlpHeaders),
    resource: {
      version,
      attributes: {
        'service.name': config.otelServiceName,
        'service.version': version,
        'service.instance.id': `${hostname()}-${process.pid}`,
      },
    },
    fetch,
    onLoss: seldom(onLoss, () => performance.now()),
  })
  const tracer = createTracer({
    sampler: createSampler(config.tracesSampler, config.tracesSamplerArg),
    onEnd: (span) => exporter.add(span),
    clock: () => performance.timeOrigin + performance.now(),
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  })
  const requests = createRequestSpans(tracer)
  return {
    wrapRegistry: (opened) => wrapRegistry(tracer, opened),
    wrapSessions: (sessions) => wrapSessions(tracer, sessions),
    wrapPlanes: requests.wrapPlanes,
    observer: requests.observer,
    stop: () => exporter.stop(),
  }
}

/** A collector that is down should not fill the log: what is lost meanwhile is added up. */
function seldom(onLoss: (spans: number, error: unknown) => void, clock: () => number): typeof onLoss {
  let lost = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return (spans, error) => {
    lost += spans
    if (clock() - toldAt < LOSS_PAUSE_MS) return
    toldAt = clock()
    onLoss(lost, error)
    lost = 0
  }
}
