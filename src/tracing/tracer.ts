import { AsyncLocalStorage } from 'node:async_hooks'
import type { Sampler } from './sampler.ts'
import type { SpanContext } from './trace-context.ts'

/** Source: OTLP, `Span.SpanKind`: 1, 2 and 3. */
export type SpanKind = 'internal' | 'server' | 'client'

export type Attributes = Readonly<Record<string, string | number | boolean>>

/** Something that was done, with its place in a trace. */
export interface FinishedSpan extends SpanContext {
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: SpanKind
  /** Unit: ms since 1970, with fractions. */
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Attributes
  /** What went wrong; undefined when nothing did. */
  readonly error: string | undefined
}

export interface SpanStart {
  readonly name: string
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  /** Of somebody who calls us from outside; else what is under way is the parent. */
  readonly remoteParent?: SpanContext | undefined
}

export interface Span {
  readonly context: SpanContext
  /** Whatever `work` begins, be it later, belongs to this span. */
  run<T>(work: () => T): T
  /** The first end counts. */
  end(result?: { readonly name?: string; readonly attributes?: Attributes; readonly error?: string | undefined }): void
}

export interface TracerParts {
  readonly sampler: Sampler
  /** Told of each span that is written down, at its end. */
  readonly onEnd: (span: FinishedSpan) => void
  /** Unit: ms since 1970, with fractions. */
  readonly clock: () => number
  /** That many bytes as hexadecimal digits, not all of them 0. */
  readonly randomHex: (bytes: number) => string
}

export interface Tracer {
  begin(start: SpanStart): Span
  /** Begins, works and ends: when the work has returned, or when its promise has settled. */
  within<T>(start: SpanStart, work: () => T): T
}

export function createTracer({ sampler, onEnd, clock, randomHex }: TracerParts): Tracer {
  const underWay = new AsyncLocalStorage<SpanContext>()

  const begin = ({ name, kind = 'internal', attributes = {}, remoteParent }: SpanStart): Span => {
    const parent = remoteParent ?? underWay.getStore()
    const traceId = parent?.traceId ?? randomHex(16)
    // Inside of us the request has decided.
    const isSampled = remoteParent === undefined && parent !== undefined ? parent.isSampled : sampler(traceId, parent)
    const context = { traceId, spanId: randomHex(8), isSampled }
    const startedAt = clock()
    let isOver = false
    return {
      context,
      run: (work) => underWay.run(context, work),
      end(result = {}) {
        if (isOver) return
        isOver = true
        if (!isSampled) return
        const all = { ...attributes, ...result.attributes }
        const named = { ...context, parentSpanId: parent?.spanId, name: result.name ?? name, kind }
        onEnd({ ...named, startedAt, endedAt: clock(), attributes: all, error: result.error })
      },
    }
  }

  return {
    begin,
    within(start, work) {
      const span = begin(start)
      try {
        const result = span.run(work)
        if (result instanceof Promise) endWith(span, result)
        else span.end()
        return result
      } catch (error) {
        span.end({ error: nameOf(error) })
        throw error
      }
    },
  }
}

/** Whoever waits for the promise sees its failure. */
function endWith(span: Span, promise: Promise<unknown>): void {
  promise.then(
    () => span.end(),
    (error: unknown) => span.end({ error: nameOf(error) }),
  )
}

/** Messages may name hosts, files or what users wrote: the kind of failure is enough here, and the log has the rest. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'what was thrown is no error'
}
