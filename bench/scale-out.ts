import { execFileSync } from 'node:child_process'
import { tarballFile } from '../test/support/npm-package.ts'
import { NpmWire } from '../test/support/npm-wire.ts'
import { type Packyard, startPackyard } from '../test/support/packyard.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { newBucket } from '../test/support/s3.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { unlimited } from './contestants.ts'
import { type Measure, measure } from './load.ts'
import { median, renderTable } from './report.ts'

/** Rounds of one process and of both by turns, and the length of one. Unit: s. */
const ROUNDS = 7
const LOAD = { seconds: 3, connections: 8 }

interface ScaleOut {
  readonly request: string
  readonly onePerSecond: number
  readonly twoPerSecond: number
  /** Both over the one, round by round; the median. */
  readonly ratio: number
}

/**
 * Warm requests to one process on one core, and to two on two, on the same PostgreSQL and object store. Each process has its
 * core together with the generator that asks it, so that the second core brings what it would on a machine with more.
 */
export async function benchScaleOut(lifetime: Lifetime): Promise<readonly ScaleOut[]> {
  const yards = await startBoth(lifetime)
  const token = await yards[0].token()
  const wires = await Promise.all(yards.map(async (yard) => new NpmWire(await endpointOf(yard), token)))
  await wires[0]?.publish({ name: 'warm', version: '1.0.0', noiseBytes: 10_000 })
  const paths = { index: 'warm', asset: `warm/-/${tarballFile('warm', '1.0.0')}` }
  const results: ScaleOut[] = []
  for (const [request, path] of Object.entries(paths)) {
    const load = async (yard: Packyard, core: number) => loadOf(yard, path, token, core)
    const rounds: { one: Measure; two: readonly Measure[] }[] = []
    for (let round = -1; round < ROUNDS; round++) {
      const one = await load(yards[0], 0)
      const two = await Promise.all(yards.map(load))
      if (round >= 0) rounds.push({ one, two })
    }
    results.push(compare(request, rounds))
  }
  console.log(render(results))
  return results
}

async function startBoth(lifetime: Lifetime): Promise<readonly [Packyard, Packyard]> {
  const server = await startPostgresServer()
  lifetime.after(() => server.stop())
  const blobUrl = await newBucket({
    skip: (why?: string) => {
      throw new Error(why)
    },
  })
  const options = { processes: 1, env: unlimited, databaseUrl: server.url, blobUrl, log: 'file' } as const
  const first = await startPackyard(lifetime, options)
  const second = await startPackyard(lifetime, { beside: first, log: 'file' })
  for (const [core, { server: running }] of [first, second].entries()) {
    execFileSync('taskset', ['-acp', String(core), String(running.pid)], { stdio: 'ignore' })
  }
  return [first, second]
}

async function endpointOf(yard: Packyard): Promise<string> {
  const { pathname } = new URL(await yard.endpoint('main'))
  return yard.url + pathname
}

async function loadOf(yard: Packyard, path: string, token: string, core: number): Promise<Measure> {
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' }
  const url = (await endpointOf(yard)) + path
  return measure({ url, headers, status: 200, answerHeaders: {}, body: Buffer.alloc(0) }, yard.server.pid, {
    ...LOAD,
    core,
  })
}

function compare(request: string, rounds: readonly { one: Measure; two: readonly Measure[] }[]): ScaleOut {
  const both = (measures: readonly Measure[]) => measures.reduce((total, each) => total + perSecond(each), 0)
  const perSecond = ({ requestsPerSecond }: Measure) => requestsPerSecond
  return {
    request,
    onePerSecond: median(rounds.map(({ one }) => perSecond(one))),
    twoPerSecond: median(rounds.map(({ two }) => both(two))),
    ratio: median(rounds.map(({ one, two }) => both(two) / perSecond(one))),
  }
}

function render(results: readonly ScaleOut[]): string {
  const rows = results.map(({ request, onePerSecond, twoPerSecond, ratio }) => [
    request,
    onePerSecond.toFixed(0),
    twoPerSecond.toFixed(0),
    ratio.toFixed(2),
  ])
  const columns = ['', 'one, per s', 'two, per s', 'two/one']
  return `Warm requests to one process and to two, on PostgreSQL and an object store\n${renderTable(columns, rows)}\n`
}
