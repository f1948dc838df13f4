import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as sdk from '@aws-sdk/client-codeartifact'
import { parseDomainName } from '../src/registry/names.ts'
import { apiClient, apiSigner } from '../test/support/packyard-api.ts'
import { type Packyard, startPackyard } from '../test/support/packyard.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { residentMemory } from '../test/support/processes.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { idOf } from './control-plane.ts'
import { type Bulk, BULK_REPOSITORIES, insertVersions, openPostgresBulk, openSqliteBulk } from './control-plane/data.ts'

const domain = parseDomainName('bench')
const names = ['main', ...Array.from({ length: BULK_REPOSITORIES }, (_, index) => `bulk-${index}`)]

/** One that chooses nothing, and one that chooses most. */
const rules = {
  'none-go': { origins: 'all', unusedDays: 3_000 },
  'most-go': { origins: 'all', unusedDays: 30, keepNewest: 3 },
} as const

interface Outcome {
  readonly database: string
  readonly rule: string
  readonly seconds: number
  readonly lookedAt: number
  readonly chosen: number
  /** Of the server's processes together, more than before. Unit: bytes. */
  readonly grownBytes: number
  /** Of a request while the run goes on, and before. Unit: ms. */
  readonly medianMs: number
  readonly slowestMs: number
  readonly idleMs: number
}

/** Dry runs over a million versions while the server answers: one that chooses none, one that chooses most. */
export async function benchRetention(lifetime: Lifetime, versions = 1_000_000): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const database of ['SQLite', 'PostgreSQL']) {
    const yard = await openStage(lifetime, database, versions)
    for (const rule of Object.keys(rules)) {
      const outcome = { database, rule, ...(await watchRun(yard, rule)) }
      console.log(JSON.stringify(outcome))
      outcomes.push(outcome)
    }
    await yard.stop()
  }
  return outcomes
}

async function openStage(lifetime: Lifetime, database: string, versions: number): Promise<Packyard> {
  const databaseUrl = database === 'PostgreSQL' ? await startServer(lifetime) : undefined
  const env = { PACKYARD_API_REQUESTS_PER_SECOND: '0', PACKYARD_LOG_LEVEL: 'warn' }
  const yard = await startPackyard(lifetime, { processes: 1, env, databaseUrl })
  await yard.sdk.send(new sdk.CreateDomainCommand({ domain }))
  for (const repository of names) await yard.sdk.send(new sdk.CreateRepositoryCommand({ domain, repository }))
  await yard.stop()
  const bulk = databaseUrl ? await openPostgresBulk(databaseUrl) : openSqliteBulk(join(yard.dataDir, 'packyard.db'))
  const [mainId = '', ...bulkIds] = await Promise.all(names.map((name) => idOf(bulk, 'repositories', name)))
  const domainId = await idOf(bulk, 'domains', domain)
  await insertVersions(bulk, { domainId, mainId, bulkIds }, versions)
  for (const [name, parameters] of Object.entries(rules)) await insertRule(bulk, domainId, name, parameters)
  await insertUses(bulk, mainId, versions / 4)
  await bulk.close()
  await yard.server.start()
  return yard
}

async function startServer(lifetime: Lifetime): Promise<string> {
  const server = await startPostgresServer()
  lifetime.after(() => server.stop())
  return server.url
}

/** All came and were used 40 days ago, a quarter of them through `main`. */
async function insertUses(bulk: Bulk, repositoryId: string, count: number): Promise<void> {
  const long = Date.now() - 40 * 86_400_000
  const at = '(n / 10)'
  await bulk.insert(
    ({ pad }) => `insert into version_uses (repository_id, format, namespace, name, version, used_at) --select
      select '${repositoryId}', case when ${at} % 4 = 3 then 'maven' else 'npm' end, case when ${at} % 4 = 2
        then 'team' || ${pad(`${at} / 100`, 5)} when ${at} % 4 = 3 then 'org.x' || ${pad(`${at} / 20`, 5)} else '' end,
        'lib-' || ${pad(at, 8)}, '1.0.' || (n % 10), ${long} from seq`,
    { from: 0, to: count },
  )
  await bulk.run(
    `update repository_versions set created_at = ${long}, published_at = published_at - ${40 * 86_400_000}`,
  )
}

/** Past the server, as everything else. */
async function insertRule(bulk: Bulk, domainId: string, name: string, parameters: object): Promise<void> {
  await bulk.run(`insert into governance_rules (id, domain_id, name, kind, mode, scope_type, scope, parameters, description,
    contact, version, created_at, created_by, updated_at, updated_by) values ('${name}', '${domainId}', '${name}',
    'retention', 'monitor', 'domain', '', '${JSON.stringify(parameters)}', '', '', 1, 0, '', 0, '')`)
}

async function watchRun(yard: Packyard, rule: string): Promise<Omit<Outcome, 'database' | 'rule'>> {
  const api = apiClient(apiSigner(yard))
  const idle = await timeRequests(yard, async () => false, 200)
  const { pid } = yard.server
  const before = residentMemory(pid)?.nowBytes ?? 0
  const startedAt = performance.now()
  const { run } = await api('POST /packyard/v1/retention/previews', { domain, rule })
  let last = run
  const busy = await timeRequests(yard, async () => {
    last = (await api('GET /packyard/v1/retention/runs/{id}', { domain, id: run.id })).run
    return last.endedAt !== undefined
  })
  const { lookedAtVersions, chosenVersions } = last.figures
  return {
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    lookedAt: lookedAtVersions,
    chosen: chosenVersions,
    grownBytes: (residentMemory(pid)?.peakBytes ?? 0) - before,
    medianMs: busy.medianMs,
    slowestMs: busy.slowestMs,
    idleMs: idle.medianMs,
  }
}

/** One request after the other, until it is over or so many are done. */
async function timeRequests(yard: Packyard, isOver: () => Promise<boolean>, most = Number.POSITIVE_INFINITY) {
  const times: number[] = []
  for (let count = 0; count < most; count++) {
    const startedAt = performance.now()
    await (await fetch(`${yard.url}/readyz`)).text()
    times.push(performance.now() - startedAt)
    if (count % 50 === 49 && (await isOver())) break
    await sleep(2)
  }
  const sorted = times.toSorted((left, right) => left - right)
  const round = (ms = 0) => Math.round(ms * 10) / 10
  return { medianMs: round(sorted[Math.floor(sorted.length / 2)]), slowestMs: round(sorted.at(-1)) }
}
