import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { type NotedRead, ReadLines } from './read-lines.ts'
import { insertSegment, type Segment, SegmentDraft } from './segment.ts'
import { TextPool } from './text-pool.ts'
import { accountsOf, createLookupKeys, keysOf, type TrailRecord } from './trail-record.ts'
import { addUsage, USE_MS, type UsageEntry } from './usage.ts'

/** Any other request that has ended. */
export interface NotedCall {
  readonly kind: 'call'
  /** Unit: ms since 1970. */
  readonly at: number
  /** Undefined where a change has written its own record. */
  readonly record: TrailRecord | undefined
  /** Undefined where no package was asked for. */
  readonly usage: UsageEntry | undefined
}

export type NotedRequest = NotedRead | NotedCall

export interface RecorderParts {
  readonly metadata: Metadata
  readonly region: string
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
/** Requests whose lines are made in one go: less than a millisecond's work, and few for the heap to keep. Ours. */
const NOTED_MAX = 200
/** Batches that share a transaction, as what they change lies close together. Ours. */
const BATCHES_AT_ONCE = 10
/** Requests that wait to be written, at most; compressed, less than 100 bytes each. Ours. */
const WAITING_MAX = 100_000

/** A segment with what else was noted meanwhile. */
interface Batch {
  readonly requests: number
  /** Undefined where there was nothing but usage. */
  readonly segment: Promise<Segment | undefined>
  readonly usage: readonly UsageEntry[]
}

/** Writes requests down many at a time, as each alone would cost more than it took to answer. */
export function startRecorder(parts: RecorderParts): Recorder {
  const gatherer = new Gatherer(parts)
  let lost = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = () => {
    writing = writing.then(async () => {
      if (lost > 0) parts.onLoss(lost, undefined)
      lost = 0
      const batches = gatherer.take()
      for (let at = 0; at < batches.length; at += BATCHES_AT_ONCE) {
        const part = batches.slice(at, at + BATCHES_AT_ONCE)
        const requests = part.reduce((sum, batch) => sum + batch.requests, 0)
        await writeBatches(parts, part).catch((error: unknown) => parts.onLoss(requests, error))
        gatherer.forget(requests)
      }
    })
    return writing
  }
  const timer = setInterval(() => void flush(), GATHERED_MS)
  timer.unref()
  return {
    note(request) {
      if (gatherer.count < WAITING_MAX) gatherer.note(request)
      else lost += 1
    },
    flush,
    stop() {
      clearInterval(timer)
      return flush()
    },
  }
}

async function writeBatches({ metadata }: RecorderParts, batches: readonly Batch[]): Promise<void> {
  const segments = (await Promise.all(batches.map(({ segment }) => segment))).filter((each) => each !== undefined)
  const usage = batches.flatMap((batch) => batch.usage)
  await metadata.write(async (write) => {
    for (const segment of segments) {
      await insertSegment(write, segment, undefined)
      await nextTurn()
    }
    await addUsage(write, usage)
  })
}

/** Holds requests as they are for moments only, then as compressed segments. */
class Gatherer {
  /** Requests that are not written yet. */
  count = 0
  readonly #parts: Pick<RecorderParts, 'randomId'>
  readonly #openLines: (draft: SegmentDraft) => ReadLines
  readonly #keyOf = createLookupKeys()
  readonly #pool = new TextPool()
  #noted: NotedRequest[] = []
  #open: OpenBatch | undefined
  #closed: Batch[] = []

  constructor({ region, randomId }: RecorderParts) {
    this.#parts = { randomId }
    this.#openLines = (draft) => new ReadLines({ region, randomId, keyOf: this.#keyOf }, draft)
  }

  note(request: NotedRequest): void {
    this.count += 1
    this.#noted.push(request)
    if (this.#noted.length >= NOTED_MAX) this.#render()
  }

  /** All batches that wait. */
  take(): Batch[] {
    this.#render()
    this.#close()
    const closed = this.#closed
    this.#closed = []
    return closed
  }

  forget(requests: number): void {
    this.count -= requests
  }

  #render(): void {
    const noted = this.#noted
    this.#noted = []
    for (const request of noted) {
      const batch = this.#batchFor(request.at)
      batch.requests += 1
      if (request.kind === 'read') batch.lines.add(request)
      else this.#addCall(batch, request)
    }
  }

  /** Uses are counted by the hour. */
  #batchFor(at: number): OpenBatch {
    const hour = Math.floor(at / USE_MS)
    if (this.#open && (this.#open.hour !== hour || !this.#open.draft.takes(at))) this.#close()
    if (!this.#open) {
      const draft = new SegmentDraft(this.#pool)
      this.#open = { hour, draft, lines: this.#openLines(draft), usage: [], requests: 0 }
    }
    return this.#open
  }

  #addCall({ draft, usage }: OpenBatch, { at, record, usage: used }: NotedCall): void {
    if (record) {
      draft.add(at, JSON.stringify(record))
      draft.addKeys(accountsOf(record), keysOf(record, this.#keyOf))
    }
    if (used) usage.push(used)
  }

  #close(): void {
    if (!this.#open) return
    const { draft, lines, usage, requests } = this.#open
    this.#open = undefined
    const segment = draft.count > 0 ? draft.close(this.#parts.randomId()) : Promise.resolve(undefined)
    // Whoever writes it is told; that may be later.
    segment.catch(() => undefined)
    this.#closed.push({ requests, segment, usage: [...lines.usage, ...usage] })
  }
}

interface OpenBatch {
  /** Since 1970. */
  readonly hour: number
  readonly draft: SegmentDraft
  readonly lines: ReadLines
  readonly usage: UsageEntry[]
  requests: number
}
