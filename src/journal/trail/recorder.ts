import type { Metadata } from '../../storage/metadata/metadata.ts'
import { insertSegment, SEGMENT, toSegments } from './segment.ts'
import type { TimedRecord } from './trail-record.ts'
import { addUsage, type UsageEntry } from './usage.ts'

/** A request that has ended: what there is to write of it is made when there is time. */
export interface NotedRequest {
  /** Undefined where a change has written its own record. */
  record(): TimedRecord | undefined
  usage(): UsageEntry | undefined
}

export interface RecorderParts {
  readonly metadata: Metadata
  readonly randomId: () => string
  /** Told what was lost because the database did not take it, or did so too slowly. */
  readonly onLoss: (lost: number, error: unknown) => void
}

export interface Recorder {
  /** Costs next to nothing. */
  note(request: NotedRequest): void
  /** Writes what was noted. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/** How long requests are gathered. Unit: ms. Ours. */
const GATHERED_MS = 1000
/** Requests that wait to be written, at most; some hundred bytes each. Ours. */
const WAITING_MAX = 100_000

/** Writes requests down many at a time, as each alone would cost more than it took to answer. */
export function startRecorder(parts: RecorderParts): Recorder {
  let waiting: NotedRequest[] = []
  let lost = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = () => {
    writing = writing.then(async () => {
      const taken = waiting
      waiting = []
      if (lost > 0) parts.onLoss(lost, undefined)
      lost = 0
      for (let at = 0; at < taken.length; at += SEGMENT.recordsMax) {
        const part = taken.slice(at, at + SEGMENT.recordsMax)
        await writeRequests(parts, part).catch((error: unknown) => parts.onLoss(part.length, error))
      }
    })
    return writing
  }
  const timer = setInterval(() => void flush(), GATHERED_MS)
  timer.unref()
  return {
    note(request) {
      if (waiting.length < WAITING_MAX) waiting.push(request)
      else lost += 1
    },
    flush,
    stop() {
      clearInterval(timer)
      return flush()
    },
  }
}

async function writeRequests({ metadata, randomId }: RecorderParts, requests: readonly NotedRequest[]): Promise<void> {
  if (requests.length === 0) return
  const records = requests.map((request) => request.record()).filter((record) => record !== undefined)
  const segments = toSegments(records, randomId)
  const usage = requests.map((request) => request.usage()).filter((entry) => entry !== undefined)
  await metadata.write(async (write) => {
    for (const segment of segments) await insertSegment(write, segment, undefined)
    await addUsage(write, usage)
  })
}
