import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openSqliteImport } from '../../src/storage/metadata/sqlite/row-import.ts'
import { schemaVersion } from '../../src/storage/metadata/migrations.ts'
import type { Lifetime } from '../support/upstream.ts'
import { startUpstream } from '../support/upstream.ts'
import { chooseMoment, killRun } from './kill-run.ts'
import { note, type Step, type Told, type Yard } from './ledger.ts'
import { pick, randomOf } from './random.ts'
import { liveAsServer } from './server-life.ts'
import type { Task } from './victim.ts'

export interface TortureOptions {
  /** Yards that were killed, until it is enough. */
  readonly cycles: number
  readonly seed: number
  /** Where the yards stand; what is in there stays when something is wrong. */
  readonly folder: string
  /** Yards that one process works on, and which one kill ends. */
  readonly yardsAtOnce: number
  /** Every so many processes, one of the yards is a whole `packyard serve` instead. */
  readonly serverEvery: number
  readonly onProgress?: (figures: TortureFigures) => void
}

export interface TortureFigures {
  /** Yards killed, by how many kills, of how many of which were a whole server. */
  cycles: number
  kills: number
  serverKills: number
  readonly steps: Record<Step, number>
  /** Processes that were killed while they started. */
  killedStarting: number
  checkedVersions: number
  checkedBlobs: number
  /** From the start of a process until all of its yards were open; of whole servers, until they were ready. Unit: ms. */
  readonly startMs: number[]
  readonly serverStartMs: number[]
}

/** Lives of a yard, after which all of it is looked at and a new one begun. */
const livesMax = 24
/** How often a process migrates, and how many yards at once: it takes longer than any step. */
const migrating = { chance: 0.2, yards: 8 }
/** The oldest schema that a new yard begins with, so that its first start migrates it. */
const oldestSchema = 3

const publicNames = Array.from({ length: 12 }, (_, index) => `public-${index}`)

/** Kills and kills; throws, naming seed and kill, when something acknowledged is lost or something lies. */
export async function torture(t: Lifetime, options: TortureOptions): Promise<TortureFigures> {
  const upstream = await startUpstream(t, {
    npm: publicNames.map((name, index) => ({ name, version: '1.0.0', noiseBytes: index % 3 === 0 ? 700_000 : 20_000 })),
  })
  const run = new Torture(options, upstream.url)
  try {
    return await run.toTheEnd()
  } catch (cause) {
    const { cycles, kills } = run.figures
    const place = `seed ${options.seed}, after ${kills} kills (${cycles} yards), in ${options.folder}`
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${place}`, { cause })
  }
}

class Torture {
  readonly figures: TortureFigures = {
    cycles: 0,
    kills: 0,
    serverKills: 0,
    steps: { publish: 0, ingest: 0, copy: 0, delete: 0, gc: 0, migrate: 0 },
    killedStarting: 0,
    checkedVersions: 0,
    checkedBlobs: 0,
    startMs: [],
    serverStartMs: [],
  }
  readonly #options: TortureOptions
  readonly #upstreamUrl: string
  readonly #random: () => number
  readonly #yards: Yard[] = []
  #lastId = 0

  constructor(options: TortureOptions, upstreamUrl: string) {
    this.#options = options
    this.#upstreamUrl = upstreamUrl
    this.#random = randomOf(options.seed)
  }

  async toTheEnd(): Promise<TortureFigures> {
    const { cycles, yardsAtOnce, serverEvery, onProgress } = this.#options
    while (this.figures.cycles < cycles) {
      while (this.#yards.length < yardsAtOnce) this.#yards.push(await this.#begin())
      if ((this.figures.kills + 1) % serverEvery === 0) await this.#killServer()
      else await this.#kill()
      await this.#retire(({ life }) => life >= livesMax)
      onProgress?.(this.figures)
    }
    await this.#retire(() => true)
    return this.figures
  }

  /** A new yard, most often with the tables of an older Packyard. */
  async #begin(): Promise<Yard> {
    const id = this.#lastId++
    const yard: Yard = {
      id,
      folder: join(this.#options.folder, `yard-${id}`),
      home: 0,
      life: 0,
      versions: {},
      ingested: [],
    }
    const home = join(yard.folder, 'home-0')
    await mkdir(home, { recursive: true, mode: 0o700 })
    const version = oldestSchema + Math.floor(this.#random() * (schemaVersion() - oldestSchema + 1))
    await (await openSqliteImport(join(home, 'packyard.db'), version, this.#random)).close()
    return yard
  }

  async #kill(): Promise<void> {
    const random = this.#random
    const work = random() < migrating.chance ? 'migrate' : 'steps'
    const living = work === 'steps' ? this.#yards : this.#yards.slice(0, migrating.yards)
    const moment = chooseMoment(random, living.length, work)
    const yards = living.map((yard) => ({ ...yard, work }) as const)
    const { told, signal, errors } = await killRun(this.#taskFor(yards), moment)
    this.#note(told)
    if (signal !== 'SIGKILL') throw new Error(`a process ended by itself:\n${errors}`)
    this.figures.kills += 1
    this.figures.cycles += living.length
    if (moment.kind === 'starting') this.figures.killedStarting += 1
    for (const yard of living) yard.life += 1
  }

  async #killServer(): Promise<void> {
    const yard = pick(this.#random, this.#yards)
    if (!yard) return
    const parts = { upstreamUrl: this.#upstreamUrl, publicNames, random: this.#random }
    const told: Told[] = []
    this.figures.serverStartMs.push(
      await liveAsServer(yard, parts, (one) => told.push({ yard: yard.id, ...one } as Told)),
    )
    this.#note(told)
    this.figures.kills += 1
    this.figures.serverKills += 1
    this.figures.cycles += 1
    yard.life += 1
  }

  /** Looks at all of a yard that has lived long enough, and lets it go. */
  async #retire(isOld: (yard: Yard) => boolean): Promise<void> {
    const old = this.#yards.filter(isOld)
    if (old.length === 0) return
    const yards = old.map((yard) => ({ ...yard, work: 'look at all' as const }))
    const { told, errors } = await killRun(this.#taskFor(yards), { kind: 'never' })
    this.#note(told)
    if (told.filter((one) => one.told === 'checked').length < old.length)
      throw new Error(`a look ended early:\n${errors}`)
    for (const yard of old) {
      this.#yards.splice(this.#yards.indexOf(yard), 1)
      await rm(yard.folder, { recursive: true })
    }
  }

  #taskFor(yards: Task['yards']): Task {
    return { seed: Math.floor(this.#random() * 2 ** 31), upstreamUrl: this.#upstreamUrl, publicNames, yards }
  }

  #note(told: readonly Told[]): void {
    for (const one of told) {
      const yard = this.#yards.find(({ id }) => id === one.yard)
      if (one.told === 'wrong') throw new Error(one.what)
      if (yard) note(yard, one)
      if (one.told === 'did') this.figures.steps[one.step] += 1
      if (one.told === 'checked') this.figures.checkedVersions += one.versions
      if (one.told === 'checked') this.figures.checkedBlobs += one.blobs
    }
    const opened = told.filter((one) => one.told === 'opened').map(({ ms }) => ms)
    if (opened.length >= Math.min(migrating.yards, this.#yards.length)) this.figures.startMs.push(Math.max(...opened))
  }
}
