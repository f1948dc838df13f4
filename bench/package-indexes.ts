import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'undici'
import { buildGem } from '../test/support/gem-file.ts'
import { makeCrate, publishBody } from '../test/support/cargo-crate.ts'
import { type Packyard, startPackyard } from '../test/support/packyard.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { openSqliteBulk } from './control-plane/data.ts'
import { insertPackages } from './package-indexes/data.ts'
import { median, renderTable } from './report.ts'
import { memoryOf } from './resources.ts'

/** Gems, and crates, of the small and of the large repository. */
const SIZES = [1_000, 100_000] as const
/** Rounds of each call, the two repositories by turns; and requests in each. */
const ROUNDS = 7
const REQUESTS_PER_ROUND = 30

interface Stage {
  readonly yard: Packyard
  readonly client: Client
  readonly count: number
  readonly headers: Readonly<Record<string, string>>
  /** Paths of the two endpoints, with a final slash. */
  readonly paths: { readonly ruby: string; readonly cargo: string }
}

interface Answer {
  readonly ms: number
  readonly status: number
  readonly etag: string
  readonly bytes: Buffer
}

interface Row {
  readonly title: string
  readonly smallMs: number
  readonly largeMs: number
  readonly ratio: number
  /** Of the large one's answer. */
  readonly bytes: number
}

/** What a client asks of an index, and how it must be answered. */
interface Question {
  readonly title: string
  readonly status: number
  ask(stage: Stage): { readonly path: string; readonly headers: Readonly<Record<string, string>> }
}

export interface PackageIndexesResult {
  readonly firsts: readonly (readonly string[])[]
  readonly rows: readonly Row[]
}

/** The compact index and the sparse index of a repository with a thousand packages and of one with a hundred thousand. */
export async function benchPackageIndexes(lifetime: Lifetime): Promise<PackageIndexesResult> {
  const stages: Stage[] = []
  for (const count of SIZES) stages.push(await openStage(lifetime, count))
  const [small, large] = stages as [Stage, Stage]
  const firsts = [await readFirst(small), await readFirst(large)]
  const columns = ['', 'first versions ms', 'bytes', 'after a push ms', 'first crate ms', 'after a publish ms', 'MB']
  console.log(`after a start, SQLite\n${renderTable(columns, firsts)}\n`)
  const rows: Row[] = []
  for (const question of questionsOf(await seenBefore(small), await seenBefore(large), small)) {
    rows.push(await compare(question, small, large))
  }
  console.log(renderRows(rows))
  for (const { client } of stages) await client.close()
  return { firsts, rows }
}

async function openStage(lifetime: Lifetime, count: number): Promise<Stage> {
  const env = { PACKYARD_LOG_LEVEL: 'warn' }
  const yard = await startPackyard(lifetime, { processes: 1, env })
  await yard.createRepository('indexes', [])
  const token = await yard.token()
  const paths = {
    ruby: new URL(await yard.endpoint('indexes', 'ruby')).pathname,
    cargo: new URL(await yard.endpoint('indexes', 'cargo')).pathname,
  }
  await yard.stop()
  const bulk = openSqliteBulk(join(yard.dataDir, 'packyard.db'))
  await insertPackages(bulk, 'indexes', count)
  await bulk.close()
  await yard.server.start()
  return { yard, client: new Client(yard.url), count, headers: { authorization: `Bearer ${token}` }, paths }
}

/** Everything that is not in memory yet, and what a change costs. */
async function readFirst(stage: Stage): Promise<string[]> {
  const { ruby, cargo } = stage.paths
  const versions = await get(stage, `${ruby}versions`)
  assert.equal(versions.bytes.toString('latin1').match(/\n/g)?.length, stage.count + 2, 'every gem has a line')
  await send(stage, 'POST', `${ruby}api/v1/gems`, buildGem('new-gem@1.0').bytes)
  const pushed = await get(stage, `${ruby}versions`)
  assert.match(pushed.bytes.subarray(versions.bytes.length).toString(), /^new-gem 1\.0 [0-9a-f]{32}\n$/)
  const crate = await get(stage, `${cargo}cr/at/crate_000007`)
  await send(stage, 'PUT', `${cargo}api/v1/crates/new`, newCrate())
  const published = await get(stage, `${cargo}ne/w_/new_crate`)
  const ms = (answer: Answer) => answer.ms.toFixed(1)
  const memory = String(memoryOf(stage.yard.server.pid)?.nowMb ?? '?')
  const heading = stage.count.toLocaleString('en')
  return [heading, ms(versions), String(versions.bytes.length), ms(pushed), ms(crate), ms(published), memory]
}

function newCrate(): Buffer {
  const { metadata, bytes } = makeCrate('new_crate@1.0.0')
  return publishBody(metadata, bytes)
}

interface Seen {
  readonly versions: Answer
  readonly crate: Answer
}

async function seenBefore(stage: Stage): Promise<Seen> {
  const versions = await get(stage, `${stage.paths.ruby}versions`)
  await send(stage, 'POST', `${stage.paths.ruby}api/v1/gems`, buildGem('newer-gem@1.0').bytes)
  return { versions, crate: await get(stage, `${stage.paths.cargo}cr/at/crate_000007`) }
}

function questionsOf(ofSmall: Seen, ofLarge: Seen, small: Stage): Question[] {
  const seen = (stage: Stage) => (stage === small ? ofSmall : ofLarge)
  const question = (title: string, status: number, ask: Question['ask']): Question => ({ title, status, ask })
  return [
    question('versions: what came since (206)', 206, (stage) => {
      const { etag, bytes } = seen(stage).versions
      const headers = { 'if-none-match': etag, range: `bytes=${bytes.length - 1}-` }
      return { path: `${stage.paths.ruby}versions`, headers }
    }),
    question('info of a gem', 200, ({ paths }) => ({ path: `${paths.ruby}info/gem-000007`, headers: {} })),
    question('index of a crate', 200, ({ paths }) => ({ path: `${paths.cargo}cr/at/crate_000007`, headers: {} })),
    question('index of a crate, unchanged (304)', 304, (stage) => ({
      path: `${stage.paths.cargo}cr/at/crate_000007`,
      headers: { 'if-none-match': seen(stage).crate.etag },
    })),
    question('index of a crate that is not there (404)', 404, ({ paths }) => ({
      path: `${paths.cargo}no/-s/no-such`,
      headers: {},
    })),
    question('search of crates', 200, ({ paths }) => ({
      path: `${paths.cargo}api/v1/crates?q=crate_00000&per_page=10`,
      headers: {},
    })),
  ]
}

/** One request here and one there, so that whatever slows the machine slows both. */
async function compare({ title, status, ask }: Question, small: Stage, large: Stage): Promise<Row> {
  const rounds: { small: number; large: number }[] = []
  let bytes = 0
  for (let round = -1; round < ROUNDS; round++) {
    const times: { small: number[]; large: number[] } = { small: [], large: [] }
    for (let count = 0; count < REQUESTS_PER_ROUND; count++) {
      for (const [stage, list] of [
        [small, times.small],
        [large, times.large],
      ] as const) {
        const { path, headers } = ask(stage)
        const answer = await get(stage, path, headers, status)
        list.push(answer.ms)
        bytes = answer.bytes.length
      }
    }
    // The round before the first is for the machine code and for what is read once.
    if (round >= 0) rounds.push({ small: median(times.small), large: median(times.large) })
  }
  return {
    title,
    smallMs: median(rounds.map((round) => round.small)),
    largeMs: median(rounds.map((round) => round.large)),
    ratio: median(rounds.map((round) => round.large / round.small)),
    bytes,
  }
}

async function get(stage: Stage, path: string, headers: Readonly<Record<string, string>> = {}, status = 200) {
  return request(stage, { method: 'GET', path, headers: { ...stage.headers, ...headers }, body: null }, status)
}

async function send(stage: Stage, method: 'POST' | 'PUT', path: string, body: Buffer): Promise<void> {
  await request(stage, { method, path, headers: stage.headers, body }, 200)
}

type Request = Parameters<Client['request']>[0]

async function request({ client }: Stage, options: Request, status: number): Promise<Answer> {
  const startedAt = performance.now()
  const answer = await client.request(options)
  const bytes = Buffer.from(await answer.body.arrayBuffer())
  const ms = performance.now() - startedAt
  assert.equal(answer.statusCode, status, `${options.path}: ${bytes.toString('utf8', 0, 300)}`)
  const etag = String(answer.headers['etag'] ?? createHash('md5').update(bytes).digest('hex'))
  return { ms, status, etag, bytes }
}

function renderRows(rows: readonly Row[]): string {
  const cells = rows.map(({ title, smallMs, largeMs, ratio, bytes }) => {
    return [title, smallMs.toFixed(2), largeMs.toFixed(2), ratio.toFixed(2), String(bytes)]
  })
  const columns = ['', ...SIZES.map((size) => `${size.toLocaleString('en')} ms`), 'ratio', 'bytes']
  return `median of a call\n${renderTable(columns, cells)}\n`
}
