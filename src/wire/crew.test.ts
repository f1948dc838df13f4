import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { until } from '../../test/support/processes.ts'
import { Crew, type CrewLimits } from './crew.ts'

const limits: CrewLimits = { restartMsMin: 1, restartMsMax: 20, healthyMs: 60_000, earlyDeathsMax: 3, stillbornMax: 2 }

async function start(t: TestContext, behaviour: string) {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-crew-'))
  t.after(() => rm(folder, { recursive: true }))
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('crew.fixture.ts', import.meta.url)),
    args: [behaviour, join(folder, 'marker')],
  })
  const lines: string[] = []
  const crew = new Crew({
    cluster,
    size: 2,
    sources: { flags: {}, env: {}, file: undefined },
    port: 0,
    env: {},
    logger: pino({}, { write: (line) => void lines.push(line) }),
    limits,
    clock: () => performance.now(),
    onMetricsWanted: () => {},
  })
  t.after(async () => {
    await crew.stop()
    cluster.removeAllListeners()
  })
  return { crew, lines }
}

const pids = () => Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process.pid ?? [])

test('All serve once the first has prepared', async (t) => {
  const { crew, lines } = await start(t, 'serve')
  await crew.ready
  assert.equal(pids().length, 2)
  assert.deepEqual(lines, [])
})

test('When the first one dies while it prepares, another takes over', async (t) => {
  const { crew, lines } = await start(t, 'first-dies')
  await crew.ready
  await until('two workers', () => pids().length === 2 || undefined)
  assert.equal(lines.length, 1)
})

test('Processes that end before they can serve are given up soon', async (t) => {
  const { crew, lines } = await start(t, 'stillborn')
  await assert.rejects(crew.ready, { name: 'WorkerFailure', message: /end before they can serve/ })
  await crew.lost
  assert.match(lines.at(-1) ?? '', /died 3 times in a row; giving up/)
})

test('Processes that die again and again while they serve are given up in the end', async (t) => {
  const { crew, lines } = await start(t, 'serve')
  await crew.ready
  let isLost = false
  const lost = crew.lost.then(() => {
    isLost = true
  })
  await until('the end', () => {
    for (const pid of pids()) process.kill(pid, 'SIGKILL')
    return isLost || undefined
  })
  await lost
  assert.ok(lines.some((line) => line.includes('died 4 times in a row; giving up')))
})
