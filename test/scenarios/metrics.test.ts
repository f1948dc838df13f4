import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { type Metrics, readMetrics } from '../support/metrics.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { startPackyard } from '../support/packyard.ts'
import { run, until } from '../support/processes.ts'
import { skipWithout } from '../support/requirements.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'
import { packyard } from '../support/users.ts'

const root = join(import.meta.dirname, '../..')
const alertsFile = join(root, 'ops/prometheus/alerts.yml')

/** `docs/metrics.md` by metric. */
async function documented() {
  const text = await readFile(join(root, 'docs/metrics.md'), 'utf8')
  const rows = text.matchAll(/^\| `(packyard_\w+)` \| (\w+) \| ([\w, ]*) \| (.*) \|$/gm)
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '', help = '']) => {
      return [name, { type, help, labels: labels.trim() === '' ? [] : labels.trim().split(', ') }]
    }),
  )
}

/** Names of metrics in an expression: those that a server exports as they stand, or as parts of a histogram. */
function metricNames(expression: string): string[] {
  return [...expression.matchAll(/\b((?:packyard|nodejs|process)_\w+)/g)].map(([, name = '']) => name)
}

function isExported({ types }: Metrics, name: string): boolean {
  const base = name.replace(/_(bucket|sum|count)$/, '')
  return types.has(name) || types.get(base) === 'histogram'
}

/** Every process counts from a moment after it was ready on. */
async function countingMetrics(url: string): Promise<Metrics> {
  return until(
    'the counting to start',
    async () => {
      const metrics = await readMetrics(url)
      return metrics.types.has('packyard_database_up') && metrics.types.has('packyard_cache_requests_total')
        ? metrics
        : undefined
    },
    30_000,
  )
}

testOnEachSetup('what a server did can be seen in its metrics, each as it is documented', {}, async (t, setup) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url }, processes: 1 })
  await countingMetrics(yard.url)
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  assert.equal((await wire.publish('very-own-name@1.0.0')).status, 201)
  for (const name of ['tiny', 'tiny', 'very-own-name', 'very-own-name'])
    assert.equal((await wire.get(name)).status, 200)
  for (let times = 0; times < 2; times++) assert.equal((await wire.tarball('tiny', '1.3.0')).status, 200)
  assert.equal((await packyard(yard, ['gc'])).code, 0)
  const metrics = await until(
    'what was counted',
    async () => {
      const read = await readMetrics(yard.url)
      return read.sum('packyard_event_deliveries_waiting', { state: 'unrouted' }) === 0 &&
        read.sum('packyard_jobs', { kind: 'gc', state: 'done' }) === 1
        ? read
        : undefined
    },
    30_000,
  )

  await t.test('each is documented, and each that is documented is there', async () => {
    const table = await documented()
    const own = [...metrics.types].filter(([name]) => name.startsWith('packyard_'))
    assert.deepEqual(new Set(own.map(([name]) => name)), new Set(table.keys()))
    for (const [name, type] of own) {
      assert.deepEqual([type, metrics.help.get(name)], [table.get(name)?.type, table.get(name)?.help], name)
    }
    for (const { name, labels } of metrics.samples) {
      const row = table.get(name) ?? table.get(name.replace(/_(bucket|sum|count)$/, ''))
      if (row)
        assert.deepEqual(
          Object.keys(labels)
            .filter((label) => label !== 'le')
            .sort(),
          row.labels.toSorted(),
          name,
        )
    }
  })

  await t.test('they say what happened', () => {
    const { sum } = metrics
    assert.equal(sum('packyard_versions_published_total', { format: 'npm' }), 1)
    assert.equal(sum('packyard_assets_fetched_total', { format: 'npm' }), 1)
    const npm = { plane: 'packages', format: 'npm', status: '2xx' }
    assert.equal(sum('packyard_http_request_duration_seconds_count', npm), 7)
    assert.ok(sum('packyard_http_sent_bytes_total', npm) > 100)
    assert.ok(sum('packyard_cache_requests_total', { cache: 'index', result: 'hit' }) >= 1)
    assert.ok(sum('packyard_cache_requests_total', { cache: 'index', result: 'miss' }) >= 2)
    assert.ok(sum('packyard_cache_requests_total', { cache: 'asset', result: 'miss' }) >= 1)
    const upstreams = { connection: 'public:npmjs', end: '2xx' }
    assert.ok(sum('packyard_upstream_request_duration_seconds_count', upstreams) >= 2)
    assert.equal(sum('packyard_database_up'), 1)
    assert.ok(sum('packyard_storage_bytes') > 0)
    assert.ok(sum('packyard_data_free_bytes') > 0)
    assert.ok(sum('packyard_database_connections', { purpose: 'writing', state: 'open' }) >= 1)
    const database = setup.name === 'SQLite' ? 'sqlite' : 'postgres'
    assert.equal(sum('packyard_info', { database, store: setup.name === 'SQLite' ? 'folder' : 's3' }), 1)
  })

  await t.test('no label holds a name that a user chose', () => {
    assert.equal(
      metrics.samples.some(({ labels }) => Object.values(labels).some((value) => value.includes('own-name'))),
      false,
    )
  })

  await t.test('an upstream that stays silent shows', async () => {
    await upstream.stop()
    for (let times = 0; times < 3; times++) await wire.get(`unheard-of-${times}`)
    const after = await readMetrics(yard.url)
    const failed = { connection: 'public:npmjs', end: 'failed' }
    assert.ok(after.sum('packyard_upstream_request_duration_seconds_count', failed) >= 5)
    assert.equal(after.sum('packyard_upstream_circuits_open', { connection: 'public:npmjs' }), 1)
  })
})

test('every metric of the dashboard and of the alert rules is exported by a server', async (t) => {
  const yard = await startPackyard(t, { processes: 2 })
  const metrics = await countingMetrics(yard.url)
  const dashboard = await readFile(join(root, 'ops/grafana/packyard.json'), 'utf8')
  const { groups } = parse(await readFile(alertsFile, 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[]
  }
  const rules = groups.flatMap((group) => group.rules)
  const { panels } = JSON.parse(dashboard) as { panels: { title: string; targets?: { expr: string }[] }[] }
  const expressions = [
    ...rules.map(({ alert, expr }) => [alert, expr] as const),
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
  ]
  assert.ok(rules.length > 10 && panels.length > 20)
  for (const [where, expression] of expressions) {
    for (const name of metricNames(expression)) assert.ok(isExported(metrics, name), `${where} names ${name}`)
  }
  const used = new Set(expressions.flatMap(([, expression]) => metricNames(expression)))
  const unused = [...(await documented()).keys()].filter((name) => {
    return ![...used].some((other) => other.replace(/_(bucket|sum|count)$/, '') === name.replace(/_count$/, ''))
  })
  assert.deepEqual(
    unused,
    ['packyard_job_seconds_total', 'packyard_advisory_feed_total', 'packyard_schema_version'],
    'all others are looked at',
  )
})

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

test('Prometheus takes the alert rules and what a server answers', {
  skip: skipWithout('promtool', hasPromtool),
}, async (t) => {
  const options = { cwd: root, env: { PATH: process.env.PATH ?? '' } }
  const { code, output } = await run('promtool', ['check', 'rules', alertsFile], options)
  assert.equal(code, 0, output)
  const yard = await startPackyard(t)
  await countingMetrics(yard.url)
  const text = await (await fetch(`${yard.url}/metrics`)).text()
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  // 3: it could be named better, as prom-client's own metrics.
  assert.ok(status === 0 || status === 3, stderr)
  assert.doesNotMatch(stderr, /packyard_/)
})
