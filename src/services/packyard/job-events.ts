import { PassThrough, type Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { RegistryError } from '../../registry/errors.ts'

/** Between two looks at what is told. Unit: ms. Ours. */
const LOOK_EVERY_MS = 500
/** After this long without news a comment goes out, so that proxies keep the connection. Unit: ms. Ours. */
const BEAT_MS = 15_000
/** Longest that one stream lasts: the browser asks again, and is asked again who it is. Unit: ms. Ours. */
const STREAM_MS = 300_000
/** Streams of one process at once, and of one principal. Ours. */
const STREAMS_MAX = { process: 500, principal: 10 }

export interface StreamLimits {
  /** Throws `throttled` when there are too many; what it returns gives the place back. */
  enter(principalArn: string): () => void
}

/** Counts who listens. */
export function createStreamLimits(): StreamLimits {
  const listening = new Map<string, number>()
  let total = 0
  return {
    enter(arn) {
      const own = listening.get(arn) ?? 0
      if (own >= STREAMS_MAX.principal || total >= STREAMS_MAX.process) {
        throw new RegistryError('throttled', 'too many event streams are open', { retryAfterSeconds: 5 })
      }
      listening.set(arn, own + 1)
      total++
      return () => {
        const left = (listening.get(arn) ?? 1) - 1
        if (left === 0) listening.delete(arn)
        else listening.set(arn, left)
        total--
      }
    },
  }
}

export interface Told {
  /** JSON. What is the same as before is not told again. */
  readonly data: string
  /** Nothing more will come. */
  readonly isLast: boolean
}

export interface EventParts {
  /** What there is to be told now; undefined when whoever listens may listen no more. */
  readonly look: () => Promise<Told | undefined>
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** Steady. Unit: ms. */
  readonly steadyClock: () => number
  readonly onClose: () => void
}

/**
 * Events of one name, and one named `end` after the last. Source: HTML Standard, "Server-sent events".
 */
export function streamEvents(name: string, parts: EventParts): Readable {
  const stream = new PassThrough()
  const end = new AbortController()
  const signal = AbortSignal.any([parts.signal, end.signal])
  stream.on('close', () => end.abort())
  tell(name, parts, stream, signal)
    .catch((error: unknown) => {
      if (!signal.aborted) stream.destroy(error instanceof Error ? error : new Error(String(error)))
    })
    .finally(parts.onClose)
  return stream
}

async function tell(name: string, parts: EventParts, stream: PassThrough, signal: AbortSignal): Promise<void> {
  const begun = parts.steadyClock()
  let told = ''
  let toldAt = begun
  for (;;) {
    const now = parts.steadyClock()
    const news = await parts.look()
    if (news && news.data !== told) {
      stream.write(`event: ${name}\ndata: ${news.data}\n\n`)
      told = news.data
      toldAt = now
    } else if (now - toldAt >= BEAT_MS) {
      stream.write(':\n\n')
      toldAt = now
    }
    if (!news || news.isLast) return void stream.end('event: end\ndata: {}\n\n')
    if (now - begun >= STREAM_MS) return void stream.end()
    await sleep(LOOK_EVERY_MS, undefined, { signal })
  }
}
