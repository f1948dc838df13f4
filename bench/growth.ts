import assert from 'node:assert/strict'
import { NpmWire } from '../test/support/npm-wire.ts'
import { type Packyard, startPackyard } from '../test/support/packyard.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { newBucket } from '../test/support/s3.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { unlimited } from './contestants.ts'
import { fill, setUp } from './control-plane.ts'
import { openPostgresBulk } from './control-plane/data.ts'
import { median, renderTable } from './report.ts'

/** Package versions of the one and of the other. */
const SIZES = [1_000, 1_000_000] as const
/** Rounds, and packages published in each, here and there by turns. */
const ROUNDS = 7
const PACKAGES = 12

const steps = ['publish', 'index, first', 'asset, first', 'index again', 'asset again'] as const
type Step = (typeof steps)[number]

interface Growth {
  readonly step: Step
  readonly smallMs: number
  readonly largeMs: number
  /** Of rounds next to each other; the median. */
  readonly ratio: number
}

/** What package clients ask for, with a thousand and with a million versions, on PostgreSQL and an object store. */
export async function benchGrowth(lifetime: Lifetime): Promise<readonly Growth[]> {
  const wires: NpmWire[] = []
  for (const size of SIZES) wires.push(await openStage(lifetime, size))
  const rounds: Record<Step, number>[][] = []
  for (let round = -1; round < ROUNDS; round++) {
    const times = wires.map(() => [] as Record<Step, number>[])
    for (let count = 0; count < PACKAGES; count++) {
      for (const [index, wire] of wires.entries()) times[index]?.push(await trip(wire, `grown-${round + 1}-${count}`))
    }
    // The round before the first is for the machine code.
    if (round >= 0) rounds.push(times.map(medians))
  }
  const growths = steps.map((step) => compare(step, rounds))
  console.log(render(growths))
  return growths
}

async function openStage(lifetime: Lifetime, size: number): Promise<NpmWire> {
  const server = await startPostgresServer()
  lifetime.after(() => server.stop())
  const blobUrl = await newBucket({
    skip: (why?: string) => {
      throw new Error(why)
    },
  })
  const env = { ...unlimited, PACKYARD_API_REQUESTS_PER_SECOND: '0', PACKYARD_LOG_LEVEL: 'warn' }
  const connections = { 'public:npmjs': 'http://127.0.0.1:9/' }
  const yard = await startPackyard(lifetime, { processes: 1, env, connections, databaseUrl: server.url, blobUrl })
  await setUp(yard)
  await yard.stop()
  const startedAt = performance.now()
  const bulk = await openPostgresBulk(server.url)
  await fill(bulk, size)
  await bulk.close()
  console.log(`${size} versions in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  await yard.server.start()
  return new NpmWire(await endpointOf(yard), await yard.token('bench'))
}

/** Of the repository that half of all packages stand in. */
async function endpointOf(yard: Packyard): Promise<string> {
  const endpoint = await yard.endpoint('main')
  return endpoint.replace('/packyard-', '/bench-')
}

/** One package: published, read for the first time, and once more. */
async function trip(wire: NpmWire, name: string): Promise<Record<Step, number>> {
  const version = '1.0.0'
  const published = await timed(201, () => wire.publish({ name, version, noiseBytes: 20_000 }))
  const [index, asset] = [() => wire.get(name), () => wire.tarball(name, version)]
  return {
    publish: published,
    'index, first': await timed(200, index),
    'asset, first': await timed(200, asset),
    'index again': await timed(200, index),
    'asset again': await timed(200, asset),
  }
}

/** Unit: ms. */
async function timed(status: number, ask: () => ReturnType<NpmWire['get']>): Promise<number> {
  const startedAt = performance.now()
  const reply = await ask()
  const ms = performance.now() - startedAt
  assert.equal(reply.status, status, reply.bytes.toString('utf8', 0, 300))
  return ms
}

function medians(times: readonly Record<Step, number>[]): Record<Step, number> {
  const of = (step: Step) => median(times.map((each) => each[step]))
  return Object.fromEntries(steps.map((step) => [step, of(step)])) as Record<Step, number>
}

function compare(step: Step, rounds: readonly (readonly Record<Step, number>[])[]): Growth {
  const pairs = rounds.map(([small, large]) => [small?.[step] ?? Number.NaN, large?.[step] ?? Number.NaN] as const)
  return {
    step,
    smallMs: median(pairs.map(([small]) => small)),
    largeMs: median(pairs.map(([, large]) => large)),
    ratio: median(pairs.map(([small, large]) => large / small)),
  }
}

function render(growths: readonly Growth[]): string {
  const rows = growths.map(({ step, smallMs, largeMs, ratio }) => [
    step,
    smallMs.toFixed(2),
    largeMs.toFixed(2),
    ratio.toFixed(2),
  ])
  const columns = ['', ...SIZES.map((size) => `${size.toLocaleString('en')} ms`), 'ratio']
  return `Packages on PostgreSQL and an object store, median of a request\n${renderTable(columns, rows)}\n`
}
