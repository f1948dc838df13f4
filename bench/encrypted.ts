import { createHash, randomBytes } from 'node:crypto'
import { startPackyard } from '../test/support/packyard.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { unlimited } from './contestants.ts'
import { type Measure, measure } from './load.ts'
import { median, renderTable } from './report.ts'

const MB = 1_000_000
/** Larger than what is kept in memory: each is read from the disk, which the system keeps in memory. */
const sizes = [
  { name: '1 MB', bytes: MB, connections: 8 },
  { name: '100 MB', bytes: 100 * MB, connections: 2 },
] as const

/** Rounds of each server by turns, and the length of one. Unit: s. */
const ROUNDS = 7
const SECONDS = 3

interface Server {
  readonly pid: number
  readonly token: string
  readonly endpoint: string
}

interface Comparison {
  readonly asset: string
  readonly plainMbPerSecond: number
  readonly encryptedMbPerSecond: number
  /** Of single rounds next to each other, the median. */
  readonly ratio: number
  /** Of the server's processor time for the same bytes: plain over encrypted. */
  readonly cpuRatio: number
}

/** What downloads of encrypted assets reach of those of plain ones, over HTTP. */
export async function benchEncrypted(lifetime: Lifetime): Promise<readonly Comparison[]> {
  const [plain, encrypted] = [await start(lifetime, 'off'), await start(lifetime, 'on')]
  const comparisons: Comparison[] = []
  for (const size of sizes) {
    for (const server of [plain, encrypted]) await put(server, size.name, randomBytes(size.bytes))
    const rounds: [Measure, Measure][] = []
    for (let round = -1; round < ROUNDS; round++) {
      const order = round % 2 === 0 ? [plain, encrypted] : [encrypted, plain]
      const measures = new Map<Server, Measure>()
      for (const server of order) measures.set(server, await load(server, size))
      if (round >= 0) rounds.push([measures.get(plain) as Measure, measures.get(encrypted) as Measure])
    }
    comparisons.push(compare(size, rounds))
  }
  console.log(render(comparisons))
  return comparisons
}

async function start(lifetime: Lifetime, encryption: 'on' | 'off'): Promise<Server> {
  const env = { ...unlimited, PACKYARD_ENCRYPTION: encryption }
  const yard = await startPackyard(lifetime, { processes: 1, log: 'file', env })
  return { pid: yard.server.pid, token: await yard.token(), endpoint: await yard.endpoint('main', 'generic') }
}

const urlOf = ({ endpoint }: Server, name: string) => `${endpoint}bench/noise-${name.replace(' ', '')}/1.0/noise.bin`

async function put(server: Server, name: string, body: Buffer): Promise<void> {
  const url = urlOf(server, name)
  const headers = { authorization: `Bearer ${server.token}` }
  const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  const got = Buffer.from(await (await fetch(url, { headers })).arrayBuffer())
  if (digest(got) !== digest(body)) throw new Error(`${url} gives other bytes`)
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function load(server: Server, { name, connections }: (typeof sizes)[number]): Promise<Measure> {
  const headers = { authorization: `Bearer ${server.token}` }
  const probe = { url: urlOf(server, name), headers, status: 200, answerHeaders: {}, body: Buffer.alloc(0) }
  return measure(probe, server.pid, { seconds: SECONDS, connections })
}

function compare(
  { name, bytes }: (typeof sizes)[number],
  rounds: readonly (readonly [Measure, Measure])[],
): Comparison {
  const speed = (which: 0 | 1) => (median(rounds.map((round) => round[which].requestsPerSecond)) * bytes) / MB
  return {
    asset: name,
    plainMbPerSecond: speed(0),
    encryptedMbPerSecond: speed(1),
    ratio: median(rounds.map(([plain, encrypted]) => encrypted.requestsPerSecond / plain.requestsPerSecond)),
    cpuRatio: median(rounds.map(([plain, encrypted]) => plain.cpuMsPerRequest / encrypted.cpuMsPerRequest)),
  }
}

function render(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ asset, plainMbPerSecond, encryptedMbPerSecond, ratio, cpuRatio }) => {
    return [asset, plainMbPerSecond.toFixed(0), encryptedMbPerSecond.toFixed(0), ratio.toFixed(2), cpuRatio.toFixed(2)]
  })
  const columns = ['', 'plain MB/s', 'encrypted MB/s', 'of plain', 'of plain in CPU time']
  return `Downloads of encrypted assets next to plain ones\n${renderTable(columns, rows)}\n`
}
