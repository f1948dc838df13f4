import type { SpanContext } from './trace-context.ts'

/** Source: OpenTelemetry, "General SDK configuration", OTEL_TRACES_SAMPLER. */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export type SamplerName = (typeof samplerNames)[number]

/** Whether a span of this trace, under this parent, is written down. */
export type Sampler = (traceId: string, parent: SpanContext | undefined) => boolean

/** `ratio`: of the traces, from 0 to 1, for the samplers that have one. */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  const root = rootSampler(name.replace('parentbased_', ''), ratio)
  if (!name.startsWith('parentbased_')) return root
  return (traceId, parent) => (parent === undefined ? root(traceId, parent) : parent.isSampled)
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_on') return () => true
  if (name === 'always_off') return () => false
  // By the last eight bytes, so that every service decides alike. Source: OpenTelemetry, "TraceIdRatioBased".
  const bound = BigInt(Math.floor(ratio * 2 ** 53)) << 11n
  return (traceId) => BigInt(`0x${traceId.slice(16)}`) < bound
}
