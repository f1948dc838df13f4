import type { Cluster, Worker } from 'node:cluster'
import type { Logger } from 'pino'
import type { ConfigSources } from '../config.ts'
import { isWorkerMessage, type PrimaryMessage, type WorkerMessage } from './messages.ts'

export interface CrewParts {
  readonly cluster: Cluster
  readonly size: number
  readonly sources: ConfigSources
  /** For all of them. */
  readonly port: number
  /** Variables for the workers, besides ours. */
  readonly env: Readonly<Record<string, string>>
  readonly logger: Logger
  readonly limits: CrewLimits
  /** Steady. Unit: ms. */
  readonly clock: () => number
  onMetricsWanted(answer: (message: PrimaryMessage) => void, id: number): void
}

/** How hard it is tried to keep the processes alive. */
export interface CrewLimits {
  /** The wait before a worker is replaced; it doubles with each early death in a row. Unit: ms. */
  readonly restartMsMin: number
  readonly restartMsMax: number
  /** A worker that lived so long has not died early. Unit: ms. */
  readonly healthyMs: number
  /** Early deaths in a row after which it is given up. */
  readonly earlyDeathsMax: number
  /** The same before all have served once: then it is not chance, and a person waits. */
  readonly stillbornMax: number
}

/** Ours. */
export const crewLimits: CrewLimits = {
  restartMsMin: 100,
  restartMsMax: 10_000,
  healthyMs: 30_000,
  earlyDeathsMax: 10,
  stillbornMax: 2,
}

/**
 * The processes that serve. They load side by side; the first that has loaded makes what is missing, and then all start.
 * A dead one is replaced.
 */
export class Crew {
  /** Resolves to the port when all serve; rejects when one says that it cannot. */
  readonly ready: Promise<number>
  /** Resolves when too many died early. */
  readonly lost: Promise<void>
  readonly #parts: CrewParts
  readonly #ready = Promise.withResolvers<number>()
  readonly #lost = Promise.withResolvers<void>()
  readonly #bornAt = new Map<number, number>()
  /** Loaded, and waiting for the first one. */
  readonly #waiting = new Set<number>()
  readonly #serving = new Set<number>()
  #first: number | undefined
  #phase: 'preparing' | 'starting' | 'serving' | 'stopping' = 'preparing'
  #earlyDeaths = 0

  constructor(parts: CrewParts) {
    this.#parts = parts
    this.ready = this.#ready.promise
    // Whoever waits for it sees it; a failure before that is no fault of the process.
    this.ready.catch(() => {})
    this.lost = this.#lost.promise
    parts.cluster.on('message', (worker, message: unknown) => {
      if (isWorkerMessage(message)) this.#receive(worker, message)
    })
    parts.cluster.on('exit', (worker, code, signal) => this.#replace(worker, signal ?? `code ${code}`))
    for (let i = 0; i < parts.size; i++) this.#fork()
  }

  /** Lets every process finish what it does. */
  async stop(): Promise<void> {
    this.#phase = 'stopping'
    const workers = this.#workers()
    const gone = workers.map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())))
    for (const worker of workers) {
      // One that does not serve yet has nothing to finish.
      if (this.#serving.has(worker.id)) this.#send(worker, { packyard: 'drain' })
      else worker.process.kill('SIGKILL')
    }
    await Promise.all(gone)
  }

  /** Ends every process at once. */
  kill(): void {
    this.#phase = 'stopping'
    for (const worker of this.#workers()) worker.process.kill('SIGKILL')
  }

  #fork(): void {
    const worker = this.#parts.cluster.fork(this.#parts.env)
    this.#bornAt.set(worker.id, this.#parts.clock())
  }

  /** While nothing is prepared, one goes first and the others wait. */
  #start(id: number): void {
    const worker = this.#parts.cluster.workers?.[id]
    if (!worker || this.#phase === 'stopping') return
    const isFirst = this.#phase === 'preparing'
    if (isFirst && this.#first !== undefined) {
      this.#waiting.add(id)
      return
    }
    if (isFirst) this.#first = id
    const { sources, port } = this.#parts
    this.#send(worker, { packyard: 'start', sources, isFirst, port })
  }

  #receive(worker: Worker, message: WorkerMessage): void {
    switch (message.packyard) {
      case 'loaded':
        this.#start(worker.id)
        return
      case 'prepared':
        if (this.#phase === 'preparing') this.#phase = 'starting'
        for (const id of this.#waiting) this.#start(id)
        this.#waiting.clear()
        return
      case 'ready':
        this.#serving.add(worker.id)
        if (this.#phase === 'starting' && this.#serving.size >= this.#parts.size) {
          this.#phase = 'serving'
          this.#ready.resolve(message.port)
        }
        return
      case 'failed':
        if (this.#phase === 'serving') this.#parts.logger.error(`a worker process ${message.message}`)
        this.#ready.reject(new WorkerFailure(message.message))
        return
      case 'metrics-wanted':
        this.#parts.onMetricsWanted((answer) => this.#send(worker, answer), message.id)
    }
  }

  #replace(worker: Worker, how: string): void {
    const { clock, limits, logger } = this.#parts
    const livedMs = clock() - (this.#bornAt.get(worker.id) ?? 0)
    this.#bornAt.delete(worker.id)
    this.#waiting.delete(worker.id)
    this.#serving.delete(worker.id)
    if (this.#phase === 'stopping') return
    if (this.#first === worker.id) this.#passOn()
    this.#earlyDeaths = livedMs >= limits.healthyMs ? 0 : this.#earlyDeaths + 1
    if (this.#earlyDeaths > (this.#phase === 'serving' ? limits.earlyDeathsMax : limits.stillbornMax)) {
      logger.fatal(`worker processes died ${this.#earlyDeaths} times in a row; giving up`)
      this.#ready.reject(new WorkerFailure('the processes end before they can serve; what they wrote says why'))
      this.#lost.resolve()
      return
    }
    const waitMs = Math.min(limits.restartMsMax, limits.restartMsMin * 2 ** Math.max(0, this.#earlyDeaths - 1))
    logger.error(
      { worker_pid: worker.process.pid, wait_ms: waitMs },
      `a worker process ended (${how}); starting another`,
    )
    setTimeout(() => {
      if (this.#phase !== 'stopping') this.#fork()
    }, waitMs)
  }

  /** The first one died before it was done. */
  #passOn(): void {
    this.#first = undefined
    const [next] = this.#waiting
    if (this.#phase !== 'preparing' || next === undefined) return
    this.#waiting.delete(next)
    this.#start(next)
  }

  #workers(): Worker[] {
    return Object.values(this.#parts.cluster.workers ?? {}).filter((worker) => worker !== undefined)
  }

  #send(worker: Worker, message: PrimaryMessage): void {
    if (worker.isConnected()) worker.send(message)
  }
}

/** A worker cannot serve; the message is for a person. */
export class WorkerFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WorkerFailure'
  }
}
