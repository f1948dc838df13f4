import { renderSpans, type Resource } from './otlp.ts'
import type { FinishedSpan } from './tracer.ts'

/** Source of the numbers: OpenTelemetry, "Batch Span Processor", the defaults. */
const limits = { queued: 2048, batch: 512, delayMs: 5_000, timeoutMs: 10_000 }

export interface ExporterParts {
  /** Where spans are sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly resource: Resource
  readonly fetch: typeof fetch
  /** Told when spans could not be sent, or were too many. They are lost. */
  readonly onLoss: (spans: number, error: unknown) => void
}

export interface Exporter {
  add(span: FinishedSpan): void
  /** Sends what there is. Resolves when that has been tried. */
  flush(): Promise<void>
  /** The last flush. */
  stop(): Promise<void>
}

/** Sends spans to a collector by OTLP over HTTP, in JSON, a batch at a time. Nothing waits for it, and its memory is bounded. */
export function startExporter(parts: ExporterParts): Exporter {
  let waiting: FinishedSpan[] = []
  let dropped = 0
  let sending: Promise<void> | undefined

  const sendAll = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limits.batch)
      waiting = waiting.slice(limits.batch)
      await send(parts, batch).catch((error: unknown) => parts.onLoss(batch.length, error))
    }
    if (dropped > 0) parts.onLoss(dropped, new Error(`more than ${limits.queued} spans were waiting`))
    dropped = 0
  }
  const flush = () => {
    sending ??= sendAll().finally(() => {
      sending = undefined
    })
    return sending
  }
  const timer = setInterval(() => void flush(), limits.delayMs).unref()
  return {
    add(span) {
      if (waiting.length >= limits.queued) dropped++
      else waiting.push(span)
      if (waiting.length >= limits.batch) void flush()
    },
    flush,
    async stop() {
      clearInterval(timer)
      await flush()
      await flush()
    },
  }
}

/** Throws unless the collector took them. */
async function send({ url, headers, resource, fetch }: ExporterParts, spans: readonly FinishedSpan[]): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(renderSpans(resource, spans)),
    redirect: 'error',
    signal: AbortSignal.timeout(limits.timeoutMs),
  })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`the collector answered ${response.status}`)
}
