import type { createHash, Hash } from 'node:crypto'
import type { readSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'

import type { HashAlgorithm, HashAnswer, HashRequest } from './hash-pool.ts'

export interface HashingParts {
  readonly port: MessagePort
  readonly createHash: typeof createHash
  readonly readSync: typeof readSync
  readonly setImmediate: (callback: () => void) => unknown
  /** Read at once, and hashed before another file gets its turn. */
  readonly slice: Buffer
}

interface Job {
  /** Undefined: its bytes are sent. */
  readonly fd: number | undefined
  readonly hashes: readonly (readonly [HashAlgorithm, Hash])[]
  position: number
  readableBytes: number
  isComplete: boolean
}

/**
 * Hashes files that other threads are still writing, as far as it is told that they have come, or bytes that are sent
 * to it. Runs on a thread that
 * is started from this function's own text, so it may use nothing but its arguments. A thread started from a file
 * would load the whole of TypeScript's stripper again: 10 MB more for each, and twice the time.
 */
export function hashFiles({ port, createHash, readSync, setImmediate, slice }: HashingParts): void {
  const jobs = new Map<number, Job>()
  let isScheduled = false

  port.on('message', (request: HashRequest) => {
    if (request.kind === 'open') open(request)
    else if (request.kind === 'drop') jobs.delete(request.id)
    else if (request.kind === 'bytes') hashBytes(request)
    else extend(request)
    if (isScheduled) return
    isScheduled = true
    setImmediate(work)
  })

  function open({ id, fd, algorithms }: HashRequest & { kind: 'open' }): void {
    const hashes = algorithms.map((algorithm) => [algorithm, createHash(algorithm)] as const)
    jobs.set(id, { fd, hashes, position: 0, readableBytes: 0, isComplete: false })
  }

  /** The sender waits for the answer before it has much more under way. */
  function hashBytes({ id, bytes }: HashRequest & { kind: 'bytes' }): void {
    const job = jobs.get(id)
    if (job === undefined) return
    for (const [, hash] of job.hashes) hash.update(bytes)
    job.position += bytes.length
    job.readableBytes = job.position
    // Sent back, as this thread would not collect it for a long time.
    port.postMessage({ id, hashed: bytes } satisfies HashAnswer, [bytes.buffer])
  }

  function extend({ id, kind, sizeBytes }: HashRequest & { kind: 'grown' | 'complete' }): void {
    const job = jobs.get(id)
    if (job === undefined) return
    job.readableBytes = sizeBytes
    job.isComplete = kind === 'complete'
  }

  /** One slice for each file, then messages are looked at again. */
  function work(): void {
    for (const [id, job] of jobs) {
      const answer = advance(id, job)
      if (answer === undefined) continue
      jobs.delete(id)
      port.postMessage(answer)
    }
    isScheduled = [...jobs.values()].some((job) => job.position < job.readableBytes)
    if (isScheduled) setImmediate(work)
  }

  /** The answer when there is nothing left to do for this file. */
  function advance(id: number, job: Job): HashAnswer | undefined {
    try {
      if (job.position < job.readableBytes) hashSlice(job)
    } catch (error) {
      return { id, error: String(error) }
    }
    if (!job.isComplete || job.position < job.readableBytes) return undefined
    return { id, digests: Object.fromEntries(job.hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')])) }
  }

  function hashSlice(job: Job): void {
    if (job.fd === undefined) throw new Error('fewer bytes were sent than announced')
    const bytes = readSync(job.fd, slice, 0, Math.min(slice.length, job.readableBytes - job.position), job.position)
    if (bytes === 0) throw new Error('the staged file is shorter than what was written to it')
    for (const [, hash] of job.hashes) hash.update(slice.subarray(0, bytes))
    job.position += bytes
  }
}
