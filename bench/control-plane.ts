import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-codeartifact'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { Client } from 'undici'
import { pathAppearanceKey } from '../src/registry/group-keys.ts'
import { readCredentials } from '../test/support/aws.ts'
import { type Packyard, startPackyard } from '../test/support/packyard.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { type CallCase, calls } from './control-plane/calls.ts'
import { type Bulk, BULK_REPOSITORIES, insertVersions, openPostgresBulk, openSqliteBulk } from './control-plane/data.ts'
import { renderTable } from './report.ts'

/** Rounds of each call, the two databases by turns; and requests in each. */
const ROUNDS = 7
const REQUESTS_PER_ROUND = 30
/** What is to be reached. Unit of the first: ms. */
const AIM = { medianMs: 10, ratio: 1.5 }

/** What stands in the two databases, the small one and the large one, and what is asked of both. */
export interface BulkCase {
  /** Of each size, what it has. */
  readonly sizes: readonly [small: number, large: number]
  readonly calls: readonly CallCase[]
  /** By requests to the server. */
  setUp(yard: Packyard, size: number): Promise<void>
  /** Past the server. */
  fill(bulk: Bulk, size: number): Promise<void>
}

interface Stage {
  readonly yard: Packyard
  readonly client: Client
}

interface Row {
  readonly title: string
  readonly smallMs: number
  readonly largeMs: number
  /** Of the rounds, which ran next to each other; the median. */
  readonly ratio: number
}

export interface ControlPlaneResult {
  readonly database: string
  readonly rows: readonly Row[]
}

/** Every call that lists or describes, with a thousand and with a million package versions, on both databases. */
export function benchControlPlane(lifetime: Lifetime): Promise<readonly ControlPlaneResult[]> {
  return benchBulk(lifetime, { sizes: [1_000, 1_000_000], calls, setUp, fill })
}

export async function benchBulk(lifetime: Lifetime, bulkCase: BulkCase): Promise<readonly ControlPlaneResult[]> {
  const results: ControlPlaneResult[] = []
  for (const database of ['SQLite', 'PostgreSQL'] as const) {
    const stages: Stage[] = []
    for (const size of bulkCase.sizes) stages.push(await openStage(lifetime, database, bulkCase, size))
    const [small, large] = stages as [Stage, Stage]
    const rows: Row[] = []
    for (const each of bulkCase.calls) rows.push(await compareFairly(each, small, large))
    console.log(renderRows(database, bulkCase.sizes, rows))
    results.push({ database, rows })
    for (const { client, yard } of stages) {
      await client.close()
      await yard.stop()
    }
  }
  return results
}

async function openStage(lifetime: Lifetime, database: string, bulkCase: BulkCase, size: number): Promise<Stage> {
  const databaseUrl = database === 'PostgreSQL' ? (await startServer(lifetime)).url : undefined
  const yard = await startPackyard(lifetime, {
    processes: 1,
    env: {
      PACKYARD_API_REQUESTS_PER_SECOND: '0',
      PACKYARD_LOG_LEVEL: 'warn',
    },
    connections: { 'public:npmjs': 'http://127.0.0.1:9/' },
    databaseUrl,
  })
  await bulkCase.setUp(yard, size)
  await yard.stop()
  const startedAt = performance.now()
  const bulk = databaseUrl ? await openPostgresBulk(databaseUrl) : openSqliteBulk(join(yard.dataDir, 'packyard.db'))
  await bulkCase.fill(bulk, size)
  await bulk.close()
  console.log(`${database}: ${size} in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  await yard.server.start()
  return { yard, client: new Client(yard.url) }
}

async function startServer(lifetime: Lifetime) {
  const server = await startPostgresServer()
  lifetime.after(() => server.stop())
  return server
}

type Places = Parameters<typeof insertVersions>[1]

/** What both sizes have alike: repositories, groups, policies, a package with many versions, an asset. */
export async function setUp({ sdk: client }: Packyard): Promise<void> {
  const domain = 'bench'
  await client.send(new sdk.CreateDomainCommand({ domain }))
  const tags = [{ key: 'team', value: 'bench' }]
  for (const repository of names) await client.send(new sdk.CreateRepositoryCommand({ domain, repository, tags }))
  for (const packageGroup of ['/npm/*', '/npm/team00000/*', '/maven/*']) {
    await client.send(new sdk.CreatePackageGroupCommand({ domain, packageGroup }))
  }
  const statement = { Effect: 'Allow', Principal: '*', Action: 'codeartifact:ReadFromRepository', Resource: '*' }
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await client.send(new sdk.PutDomainPermissionsPolicyCommand({ domain, policyDocument }))
  await client.send(new sdk.PutRepositoryPermissionsPolicyCommand({ domain, repository: 'main', policyDocument }))
  const content = Buffer.from('asset')
  await client.send(
    new sdk.PublishPackageVersionCommand({
      domain,
      repository: 'main',
      format: 'generic',
      namespace: 'team',
      package: 'tool',
      packageVersion: '1',
      assetName: 'a',
      assetContent: content,
      assetSHA256: createHash('sha256').update(content).digest('hex'),
    }),
  )
}

const names = ['main', ...Array.from({ length: BULK_REPOSITORIES }, (_, index) => `bulk-${index}`)]

export async function fill(bulk: Bulk, versions: number): Promise<void> {
  const ids: string[] = []
  for (const name of names) ids.push(await idOf(bulk, 'repositories', name))
  const [mainId = '', ...bulkIds] = ids
  const places: Places = { domainId: await idOf(bulk, 'domains', 'bench'), mainId, bulkIds }
  await insertVersions(bulk, places, versions)
  await widen(bulk, places)
}

export async function idOf(bulk: Bulk, table: string, name: string): Promise<string> {
  const domain = table === 'repositories' ? ` and domain_id = (select id from domains where name = 'bench')` : ''
  const { id } = await bulk.one(`select id from ${table} where name = '${name}'${domain}`)
  assert.ok(typeof id === 'string', `${table} has ${name}`)
  return id
}

/** A package with 200 versions, which share one content. */
async function widen(bulk: Bulk, { domainId, mainId }: Places): Promise<void> {
  const one = { from: 0, to: 1 }
  await bulk.insert(
    () => `insert into packages (id, domain_id, repository_id, format, namespace, name, publish_restriction,
      upstream_restriction, is_decided, appearance_key, event_sequence, created_at, updated_at) --select
      select 'wide', '${domainId}', '${mainId}', 'npm', '', 'wide', 'ALLOW', 'ALLOW', 1,
      '${pathAppearanceKey('/npm//wide')}', 0, 1, 1
      from seq`,
    one,
  )
  await bulk.insert(
    (sql) => `insert into repository_versions (id, package_id, content_id, version, status, origin_type, entry_point,
      published_at, created_at) --select
      select 'wide' || ${sql.pad('n', 4)}, 'wide', 'c000000000', '2.0.' || n, case when n % 50 = 0 then 'Archived'
        else 'Published' end, 'INTERNAL', 'main', n, n from seq`,
    { from: 0, to: 200 },
  )
}

/** What is over is measured again, twice at most: what it costs stays, what the machine did meanwhile does not. */
async function compareFairly(each: CallCase, small: Stage, large: Stage): Promise<Row> {
  let row = await compare(each, small, large)
  for (let again = 0; again < 2 && isOver(row); again++) row = await compare(each, small, large)
  return row
}

function isOver({ ratio, largeMs }: Row): boolean {
  return ratio > AIM.ratio || largeMs >= AIM.medianMs
}

interface SignedRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

async function compare(each: CallCase, small: Stage, large: Stage): Promise<Row> {
  const signed = await Promise.all([sign(small, each), sign(large, each)])
  const rounds: { small: number; large: number }[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const times: { small: number[]; large: number[] } = { small: [], large: [] }
    // One request here and one there, so that whatever slows the machine slows both.
    for (let count = 0; count < REQUESTS_PER_ROUND; count++) {
      times.small.push(await timeOf(small, signed[0]))
      times.large.push(await timeOf(large, signed[1]))
    }
    // The round before the first is for the machine code and for what is read once.
    if (round >= 0) rounds.push({ small: median(times.small), large: median(times.large) })
  }
  return {
    title: each.title,
    smallMs: median(rounds.map((round) => round.small)),
    largeMs: median(rounds.map((round) => round.large)),
    ratio: median(rounds.map((round) => round.large / round.small)),
  }
}

/** A signature is good for some minutes, and for the same request again. */
async function sign({ yard }: Stage, { method, path, query, body }: CallCase): Promise<SignedRequest> {
  const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = '' } = yard.env
  const credentials = readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE)
  const signer = new SignatureV4({
    credentials,
    region: 'us-east-1',
    service: path.startsWith('/packyard/') ? 'packyard' : 'codeartifact',
    sha256: Sha256,
  })
  const { host, hostname } = new URL(yard.url)
  const request = { method, protocol: 'http:', hostname, path, query, headers: { host }, body: body ?? '' }
  const { headers } = await signer.sign(request)
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  const search = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return { method, path: search.length > 0 ? `${path}?${search.join('&')}` : path, headers, body }
}

/** From sending a request to the end of its answer. Unit: ms. */
async function timeOf({ client }: Stage, request: SignedRequest): Promise<number> {
  const startedAt = performance.now()
  const answer = await client.request({ ...request, body: request.body ?? null })
  const text = await answer.body.text()
  const timeMs = performance.now() - startedAt
  assert.equal(answer.statusCode, 200, `${request.path}: ${text.slice(0, 300)}`)
  return timeMs
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function renderRows(database: string, sizes: BulkCase['sizes'], rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.title,
    row.smallMs.toFixed(2),
    row.largeMs.toFixed(2),
    row.ratio.toFixed(2),
    isOver(row) ? 'over' : '',
  ])
  const columns = ['', ...sizes.map((size) => `${size.toLocaleString('en')} ms`), 'ratio', '']
  return `${database}, median of a call\n${renderTable(columns, cells)}\n`
}
