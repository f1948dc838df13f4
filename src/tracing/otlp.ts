import type { Attributes, FinishedSpan, SpanKind } from './tracer.ts'

/** Who sends. */
export interface Resource {
  /** `service.name` among them. */
  readonly attributes: Attributes
  readonly version: string
}

const kinds: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3 }

/** Source: OpenTelemetry Protocol, `ExportTraceServiceRequest` as JSON: ids in hexadecimal, 64-bit numbers as text. */
export function renderSpans({ attributes, version }: Resource, spans: readonly FinishedSpan[]): object {
  const scope = { name: 'packyard', version }
  return {
    resourceSpans: [
      { resource: { attributes: renderAttributes(attributes) }, scopeSpans: [{ scope, spans: spans.map(renderSpan) }] },
    ],
  }
}

function renderSpan(span: FinishedSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(span.startedAt),
    endTimeUnixNano: nanoseconds(Math.max(span.startedAt, span.endedAt)),
    attributes: renderAttributes(span.attributes),
    // Source: OTLP, `Status.StatusCode`: 0 says nothing, 2 is an error.
    status: span.error === undefined ? { code: 0 } : { code: 2, message: span.error },
  }
}

function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n)
}

function renderAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: renderValue(value) }))
}

function renderValue(value: string | number | boolean): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'string') return { stringValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
