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
  | { readonly kind: 'open'; readonly id: number; readonly fd: number; readonly algorithms: readonly HashAlgorithm[] }
  | { readonly kind: 'grown' | 'complete'; readonly id: number; readonly sizeBytes: number }
  | { readonly kind: 'drop'; readonly id: number }

export type HashAnswer =
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

/** Threads that hash files, shared by all who stage; started when first needed, ended when idle. */
export class HashPool {
  readonly #threads: readonly HashThread[]
  #nextId = 1

  constructor(threadsMax: number = Math.min(SHARES.length, availableParallelism())) {
    this.#threads = Array.from({ length: threadsMax }, () => new HashThread())
  }

  /** The threads read the file by themselves, so its bytes are not sent to them. */
  hash(fd: number): FileHashing {
    const parts = SHARES.map((algorithms, index) => {
      const thread = this.#threads[index % this.#threads.length] as HashThread
      return { thread, ...thread.begin({ kind: 'open', id: this.#nextId++, fd, algorithms }) }
    })
    const tell = (kind: 'grown' | 'complete', sizeBytes: number) => {
      for (const { thread, id } of parts) thread.tell({ kind, id, sizeBytes })
    }
    return {
      grown: (sizeBytes) => tell('grown', sizeBytes),
      complete: async (sizeBytes) => {
        tell('complete', sizeBytes)
        return Object.assign({}, ...(await Promise.all(parts.map(async ({ digests }) => digests)))) as Digests
      },
      drop: () => parts.forEach(({ thread, id }) => thread.drop(id)),
    }
  }
}

/** One worker, which comes and goes with its work. */
class HashThread {
  readonly #waiting = new Map<number, PromiseWithResolvers<Partial<Digests>>>()
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

  drop(id: number): void {
    if (!this.#waiting.has(id)) return
    this.tell({ kind: 'drop', id })
    this.#settle({ id, error: 'dropped' })
  }

  #start(): Worker {
    const worker = new Worker(THREAD_SOURCE, { eval: true })
    worker.on('message', (answer: HashAnswer) => this.#settle(answer))
    worker.on('error', (error) => this.#lose(worker, String(error)))
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`))
    return worker
  }

  #settle(answer: HashAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
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
