/**
 * Kills installations at random points of publishing, fetching, copying, deleting, sweeping and migrating, as often as
 * one likes, and compares all that they had acknowledged.
 *
 *   npm run torture                              1,000 cycles, with a seed of its own
 *   npm run torture -- --cycles 10000 --seed 7   the choices of an earlier run again
 *
 * A cycle is one installation killed in the middle of its work: one process works on several of them at once.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Ending } from '../../bench/ending.ts'
import { torture, type TortureFigures } from './torture.ts'

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    yards: { type: 'string', default: '24' },
    'server-every': { type: 'string', default: '20' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const folder = await mkdtemp(join(values.folder, 'packyard-torture-'))
const ending = new Ending()
const startedAt = performance.now()
let toldAt = startedAt

process.stdout.write(`seed ${seed}, in ${folder}\n`)
try {
  const figures = await torture(ending, {
    cycles: Number(values.cycles),
    seed,
    folder,
    yardsAtOnce: Number(values.yards),
    serverEvery: Number(values['server-every']),
    onProgress(reached) {
      if (performance.now() - toldAt < 10_000) return
      toldAt = performance.now()
      process.stdout.write(describe(reached))
    },
  })
  process.stdout.write(`done: ${describe(figures)}`)
  await rm(folder, { recursive: true })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await ending.run()
}

function describe(figures: TortureFigures): string {
  const { cycles, kills, serverKills, killedStarting, steps, checkedVersions, checkedBlobs } = figures
  const seconds = (performance.now() - startedAt) / 1000
  const done = Object.entries(steps).map(([step, count]) => `${count} ${step}`)
  return (
    `${cycles} cycles by ${kills} kills (${serverKills} of a whole server, ${killedStarting} of a start) in ` +
    `${seconds.toFixed(0)} s; ${done.join(', ')}; looked at ${checkedVersions} versions and ${checkedBlobs} blobs; ` +
    `open again after ${shape(figures.startMs)}, a server ready after ${shape(figures.serverStartMs)}\n`
  )
}

/** Median and maximum. */
function shape(ms: readonly number[]): string {
  const sorted = ms.toSorted((left, right) => left - right)
  const [median = 0, slowest = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return `${median.toFixed(0)} ms (at most ${slowest.toFixed(0)})`
}
