import type { UpstreamSource } from '../../registry/upstream.ts'
import type { Sessions } from '../../registry/open-session.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { RepositorySession } from '../../registry/session.ts'
import { renderTraceparent } from '../../tracing/trace-context.ts'
import type { Tracer } from '../../tracing/tracer.ts'
import type { OpenedRegistry } from '../registry.ts'

/** By method, the name of its span. */
type SpanNames<T> = { readonly [Name in keyof T]?: string }

/** The same object, with a span around some of its methods. */
function withSpans<T extends object>(tracer: Tracer, target: T, names: SpanNames<T>): T {
  const wrapped = new Map<PropertyKey, unknown>()
  return new Proxy(target, {
    get(_, property) {
      const known = wrapped.get(property)
      if (known !== undefined) return known
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      const name = names[property as keyof T]
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
      const made = name === undefined ? call : (...args: unknown[]) => tracer.within({ name }, () => call(...args))
      wrapped.set(property, made)
      return made
    },
  })
}

/** Decisions, transactions, blobs and what upstreams are asked. */
export function wrapRegistry(tracer: Tracer, opened: OpenedRegistry): OpenedRegistry {
  const { metadata, blobs, authorizer, connections } = opened.registry
  const registry: RegistryParts = {
    ...opened.registry,
    metadata: withSpans(tracer, metadata, { write: 'database transaction' }),
    blobs: withSpans(tracer, blobs, { open: 'blob read', read: 'blob read' }),
    authorizer: withSpans(tracer, authorizer, { authorize: 'decision', prepare: 'read policies' }),
    connections: new Map(
      [...connections].map(([name, connection]) => [
        name,
        { ...connection, source: wrapSource(tracer, connection.source) },
      ]),
    ),
  }
  return { ...opened, registry }
}

/** What a repository sees of a package, and where an asset is. */
export function wrapSessions(tracer: Tracer, sessions: Sessions): Sessions {
  const wrap = (session: RepositorySession) => {
    return withSpans(tracer, session, { view: 'view', index: 'index', openAsset: 'asset', publish: 'publish' })
  }
  return {
    ...sessions,
    open(...asked) {
      const opened = sessions.open(...asked)
      return opened instanceof Promise ? opened.then(wrap) : wrap(opened)
    },
  }
}

/** Upstreams are told which trace their request belongs to. */
function wrapSource(tracer: Tracer, source: UpstreamSource): UpstreamSource {
  return {
    ...source,
    async request(asked) {
      const attributes = { 'upstream.connection': source.name, 'http.request.method': asked.method ?? 'GET' }
      const span = tracer.begin({ name: 'upstream request', kind: 'client', attributes })
      const headers = { ...asked.headers, traceparent: renderTraceparent(span.context) }
      try {
        const response = await span.run(() => source.request({ ...asked, headers }))
        span.end({ attributes: { 'http.response.status_code': response.status } })
        return response
      } catch (error) {
        span.end({ error: error instanceof Error ? error.name : 'failed' })
        throw error
      }
    },
  }
}
