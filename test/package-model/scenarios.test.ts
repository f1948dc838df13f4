import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Metadata } from '../../src/storage/metadata/metadata.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { openSqlite } from '../../src/storage/metadata/sqlite/open.ts'
import { startPackyard } from '../support/packyard.ts'
import { withPostgres } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'
import { copyScenarios } from './copy-scenarios.ts'
import { groupScenarios } from './group-scenarios.ts'
import { identityScenarios } from './identity-scenarios.ts'
import { originScenarios } from './origin-scenarios.ts'
import { rowsElsewhere, SCENARIO_ROWS } from './rows-elsewhere.ts'
import { statusScenarios } from './status-scenarios.ts'
import { type EventDetail, runScenario, type World } from './steps.ts'
import { upstreamScenarios } from './upstream-scenarios.ts'

const scenarios = [
  ...identityScenarios,
  ...statusScenarios,
  ...copyScenarios,
  ...upstreamScenarios,
  ...originScenarios,
  ...groupScenarios,
]

test('the package model does what its table says (SQLite)', (t) => runAll(t, undefined))

test('the package model does what its table says (PostgreSQL)', (t) =>
  withPostgres(t, (databaseUrl) => runAll(t, databaseUrl)))

test('every row of the table is here, or it is known where else', () => {
  const here = new Set([...scenarios.flatMap(({ rows }) => rows), ...Object.values(rowsElsewhere).flat()])
  const all = Array.from({ length: SCENARIO_ROWS }, (_, index) => index + 1)
  assert.deepEqual(
    all.filter((row) => !here.has(row)),
    [],
  )
})

async function runAll(t: TestContext, databaseUrl: string | undefined): Promise<void> {
  const upstream = await startUpstream(t)
  const connections = { 'public:npmjs': { url: upstream.url, ttlSeconds: 0 } }
  const env = { PACKYARD_PROCESSES: '1', PACKYARD_DOMAINS_PER_ACCOUNT_MAX: '1000' }
  const yard = await startPackyard(t, { connections, databaseUrl, env })
  const metadata = databaseUrl
    ? await openPostgres({ url: databaseUrl })
    : await openSqlite({ file: join(yard.dataDir, 'packyard.db') })
  t.after(() => metadata.close())
  const world: World = { yard, upstream, readEvents: (domain, repository) => readEvents(metadata, domain, repository) }
  for (const [index, scenario] of scenarios.entries()) {
    const title = `${scenario.rows.join(', ') || 'ours'}: ${scenario.title}`
    await t.test(title, () => runScenario(world, scenario, `model-${index}`))
  }
}

async function readEvents(metadata: Metadata, domain: string, repository: string): Promise<EventDetail[]> {
  const rows = await metadata.db
    .selectFrom('events')
    .innerJoin('domains', 'domains.id', 'events.domain_id')
    .select('events.body')
    .where('domains.name', '=', domain)
    .orderBy('events.id')
    .execute()
  const details = rows.map(
    (row) => (JSON.parse(row.body) as { detail: EventDetail & { repositoryName: string } }).detail,
  )
  return details.filter((detail) => detail.repositoryName === repository)
}
