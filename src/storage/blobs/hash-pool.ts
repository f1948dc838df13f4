import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import type { Digests } from './blob-store.ts'
import { hashFiles } from './hash-files.ts'

export type HashAlgorithm = keyof Digests

/** Two threads share the four hashes of a file about evenly. Together on one they run at 0.3 GB/s. Ours, measured. */
const SHARES: readonly (readonly HashAlgorithm[])[] = [
  ['sha256', 'md5'],
  ['sha512', 'sha1'],
]

/** What may be under way to a thread for one blob. Unit: bytes. Ours. */
const SENT_BYTES_MAX = 1_048_576
/** Sent at once. Unit: bytes. Ours. */
const SLICE_BYTES = 262_144
/** Kept for the next bytes. Unit: slices. */
const SPARE_MAX = 8

/** A thread with nothing to do for so long is ended. Unit: ms. Ours. */
const IDLE_MAX_MS = 10_000

const THREAD_SOURCE = `(${hashFiles.toString()})({
  port: require('node:worker_threads').parentPort,
  createHash: require('node:crypto').createHash,
  readSync: require('node:fs').readSync,
  setImmediate,
  slice: Buffer.allocUnsafeSlow(262144),
})`

export type HashRequest =
  | {
      readonly kind: 'open'
      readonly id: number
      readonly fd: number | undefined
      readonly algorithms: readonly HashAlgorithm[]
    }
  | { readonly kind: 'bytes'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'grown' | 'complete'; readonly id: number; readonly sizeBytes: number }
  | { readonly kind: 'drop'; readonly id: number }

export type HashAnswer =
  | { readonly id: number; readonly hashed: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly digests: Partial<Digests> }
  | { readonly id: number; readonly error: string }

/** A file that is hashed on other threads while it is written. */
export interface FileHashing {
  /** So many bytes can be read by now. */
  grown(sizeBytes: number): void
  /** That was all. The file must stay open until this resolves. */
  complete(sizeBytes: number): Promise<Digests>
  /** Nobody wants to know any more. */
  drop(): void
}

/** Bytes that are hashed on other threads, which are sent copies of them. */
export interface BytesHashing {
  /** Resolves when the threads can take more. */
  update(bytes: Buffer): Promise<void>
  complete(): Promise<Digests>
  /** Nobody wants to know any more. */
  drop(): void
}

/** Threads that hash files, shared by all who stage; started when first needed, ended when idle. */
export class HashPool {
  readonly #threads: readonly HashThread[]
  #nextId = 1

  constructor(threadsMax: number = Math.min(SHARES.length, availableParallelism())) {
    this.#threads = Array.from({ length: threadsMax }, () => new HashThread())
  }

  /** The threads read the file by themselves, so its bytes are not sent to them. */
  hash(fd: number): FileHashing {
    const parts = this.#begin(fd)
    const tell = (kind: 'grown' | 'complete', sizeBytes: number) => {
      for (const { thread, id } of parts) thread.tell({ kind, id, sizeBytes })
    }
    return {
      grown: (sizeBytes) => tell('grown', sizeBytes),
      complete: async (sizeBytes) => {
        tell('complete', sizeBytes)
        return together(parts)
      },
      drop: () => parts.forEach(({ thread, id }) => thread.drop(id)),
    }
  }

  /** For bytes that stand in no file as they are. */
  hashBytes(): BytesHashing {
    const parts = this.#begin(undefined)
    let sentBytes = 0
    return {
      update: async (bytes) => {
        sentBytes += bytes.length
        for (const { thread, id } of parts) thread.send(id, bytes)
        await Promise.all(parts.map(async ({ thread, id }) => thread.caughtUp(id)))
      },
      complete: async () => {
        for (const { thread, id } of parts) thread.tell({ kind: 'complete', id, sizeBytes: sentBytes })
        return together(parts)
      },
      drop: () => parts.forEach(({ thread, id }) => thread.drop(id)),
    }
  }

  #begin(fd: number | undefined): HashPart[] {
    return SHARES.map((algorithms, index) => {
      const thread = this.#threads[index % this.#threads.length] as HashThread
      return { thread, ...thread.begin({ kind: 'open', id: this.#nextId++, fd, algorithms }) }
    })
  }
}

interface HashPart {
  readonly thread: HashThread
  readonly id: number
  readonly digests: Promise<Partial<Digests>>
}

async function together(parts: readonly HashPart[]): Promise<Digests> {
  return Object.assign({}, ...(await Promise.all(parts.map(async ({ digests }) => digests)))) as Digests
}

/** What is under way to a thread for one blob. */
interface Sent {
  bytes: number
  caughtUp: PromiseWithResolvers<void> | undefined
}

/** One worker, which comes and goes with its work. */
class HashThread {
  readonly #waiting = new Map<number, PromiseWithResolvers<Partial<Digests>>>()
  readonly #sent = new Map<number, Sent>()
  /** Buffers that came back. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = []
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined

  begin(request: HashRequest & { kind: 'open' }): { id: number; digests: Promise<Partial<Digests>> } {
    clearTimeout(this.#idle)
    const waiting = Promise.withResolvers<Partial<Digests>>()
    // Whoever drops the file never asks.
    waiting.promise.catch(() => {})
    this.#waiting.set(request.id, waiting)
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#worker.postMessage(request)
    return { id: request.id, digests: waiting.promise }
  }

  tell(request: HashRequest): void {
    if (this.#waiting.has(request.id)) this.#worker?.postMessage(request)
  }

  send(id: number, bytes: Buffer): void {
    if (!this.#waiting.has(id)) return
    const sent = this.#sent.get(id) ?? { bytes: 0, caughtUp: undefined }
    this.#sent.set(id, sent)
    sent.bytes += bytes.length
    for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
      const part = bytes.subarray(start, start + SLICE_BYTES)
      const copy = this.#spare.pop() ?? new Uint8Array(SLICE_BYTES)
      copy.set(part)
      const request: HashRequest = { kind: 'bytes', id, bytes: copy.subarray(0, part.length) }
      this.#worker?.postMessage(request, [copy.buffer])
    }
  }

  /** Also when the thread is gone; `digests` says so. */
  async caughtUp(id: number): Promise<void> {
    const sent = this.#sent.get(id)
    if (sent === undefined || sent.bytes <= SENT_BYTES_MAX) return
    sent.caughtUp ??= Promise.withResolvers()
    await sent.caughtUp.promise
  }

  drop(id: number): void {
    if (!this.#waiting.has(id)) return
    this.tell({ kind: 'drop', id })
    this.#settle({ id, error: 'dropped' })
  }

  #start(): Worker {
    const worker = new Worker(THREAD_SOURCE, { eval: true })
    worker.on('message', (answer: HashAnswer) => {
      if ('hashed' in answer) this.#advance(answer)
      else this.#settle(answer)
    })
    worker.on('error', (error) => this.#lose(worker, String(error)))
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`))
    return worker
  }

  #advance({ id, hashed }: Extract<HashAnswer, { readonly hashed: unknown }>): void {
    if (this.#spare.length < SPARE_MAX) this.#spare.push(new Uint8Array(hashed.buffer))
    const sent = this.#sent.get(id)
    if (sent === undefined) return
    sent.bytes -= hashed.length
    if (sent.bytes > SENT_BYTES_MAX) return
    sent.caughtUp?.resolve()
    sent.caughtUp = undefined
  }

  #settle(answer: Exclude<HashAnswer, { readonly hashed: unknown }>): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    this.#sent.get(answer.id)?.caughtUp?.resolve()
    this.#sent.delete(answer.id)
    if ('digests' in answer) waiting?.resolve(answer.digests)
    else waiting?.reject(new Error(`hashing failed: ${answer.error}`))
    if (this.#waiting.size === 0) this.#rest()
  }

  /** An idle thread doesn't keep the process alive. */
  #rest(): void {
    const worker = this.#worker
    if (worker === undefined) return
    worker.unref()
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      this.#worker = undefined
      this.#spare.length = 0
      void worker.terminate()
    }, IDLE_MAX_MS).unref()
  }

  #lose(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    clearTimeout(this.#idle)
    for (const id of this.#waiting.keys()) this.#settle({ id, error: reason })
  }
}
