import { redactTarget } from '../../http/access-log.ts'
import type { Plane } from '../../http/call.ts'
import type { RequestObserver, RequestRecord } from '../../http/request-record.ts'
import { parseTraceparent } from '../../tracing/trace-context.ts'
import type { Attributes, Span, Tracer } from '../../tracing/tracer.ts'

/** A span for each request: from its head to the last byte of its answer, below the one that the client names. */
export function createRequestSpans(tracer: Tracer) {
  /** By request; each leaves at its end. */
  const underWay = new Map<string, Span>()
  const wrap = (plane: Plane): Plane => ({
    ...plane,
    matches: (call) => plane.matches(call),
    renderError: (error, call) => plane.renderError(error, call),
    handle(call) {
      const remoteParent = parseTraceparent(call.header('traceparent'))
      const span = tracer.begin({ name: `${call.method} ${plane.name}`, kind: 'server', remoteParent })
      underWay.set(call.id, span)
      return span.run(() => plane.handle(call))
    },
  })
  const observer: RequestObserver = (record) => {
    const span = underWay.get(record.id)
    underWay.delete(record.id)
    const error = record.status >= 500 ? `answered ${record.status}` : undefined
    span?.end({ attributes: attributesOf(record), error })
  }
  return {
    wrapPlanes: (planes: readonly Plane[]) =>
      planes.map((plane) => (plane.name === 'operations' ? plane : wrap(plane))),
    observer,
  }
}

/** Source of the names: OpenTelemetry, "Semantic conventions for HTTP spans"; the fields are those of the log. */
function attributesOf({
  id,
  method,
  path,
  status,
  sentBytes,
  userAgent,
  remoteAddress,
  fields,
}: RequestRecord): Attributes {
  return {
    'http.request.method': method,
    'url.path': redactTarget(path, ''),
    'http.response.status_code': status,
    'http.response.body.size': sentBytes,
    'user_agent.original': userAgent,
    'client.address': remoteAddress,
    'request.id': id,
    ...Object.assign({}, ...fields),
  } as Attributes
}
