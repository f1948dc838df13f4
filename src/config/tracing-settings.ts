import { type SamplerName, samplerNames } from '../tracing/sampler.ts'
import { optional, setting } from './setting.ts'
import { choice, httpUrl, pairs, ratio, text } from './values.ts'

/** OpenTelemetry's own variables. Source: OpenTelemetry, "General SDK configuration" and "OTLP exporter configuration". */
export const tracingSettings = {
  otlpEndpoint: optional(httpUrl(), {
    about:
      'Address of an OpenTelemetry collector that takes OTLP over HTTP, as `http://127.0.0.1:4318`; see docs/tracing.md.',
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    flag: '--otlp-endpoint',
    defaultText: 'no traces',
  }),
  otlpTracesEndpoint: optional(httpUrl(), {
    about: 'The same for traces alone, whole, as `http://127.0.0.1:4318/v1/traces`.',
    env: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    flag: '--otlp-traces-endpoint',
    defaultText: '`v1/traces` of the address above',
  }),
  otlpHeaders: setting(pairs(), {
    about: 'Headers for the collector, as `name=value,name=value`.',
    env: 'OTEL_EXPORTER_OTLP_HEADERS',
    default: new Map(),
    defaultText: 'none',
    display: 'secret',
  }),
  otelServiceName: setting(text(/^[\x20-\x7e]{1,255}$/, 'must be at most 255 printable characters'), {
    about: 'What this server is called in traces.',
    env: 'OTEL_SERVICE_NAME',
    flag: '--otel-service-name',
    default: 'packyard',
  }),
  tracesSampler: setting<SamplerName>(choice(...samplerNames), {
    about: 'Which traces are written down.',
    env: 'OTEL_TRACES_SAMPLER',
    flag: '--traces-sampler',
    default: 'parentbased_always_on',
  }),
  tracesSamplerArg: setting(ratio(), {
    about: 'The part of the traces that the samplers with a ratio take.',
    env: 'OTEL_TRACES_SAMPLER_ARG',
    flag: '--traces-sampler-arg',
    default: 1,
  }),
} as const
