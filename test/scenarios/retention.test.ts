import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import pg from 'pg'
import { skipWithoutClient } from '../support/clients.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { firstDomain, type Packyard } from '../support/packyard.ts'
import { type Run, run, until } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const DAY_MS = 86_400_000

function packyard(yard: Packyard, ...args: readonly string[]): Promise<Run> {
  const env = { ...yard.serverEnv, ...yard.env, PACKYARD_PORT: new URL(yard.url).port }
  return run(process.execPath, [mainProgram, ...args], { cwd: yard.folder, env })
}

async function figures(yard: Packyard, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const result = await packyard(yard, ...args, '--output', 'json')
  assert.equal(result.code, 0, result.output)
  return JSON.parse(result.stdout) as Record<string, unknown>
}

/** Asks the server's database itself: a test can't wait for months. */
async function ask(yard: Packyard, statement: string): Promise<readonly unknown[]> {
  const databaseUrl = yard.serverEnv['PACKYARD_DATABASE_URL']
  if (databaseUrl === undefined) {
    const db = new DatabaseSync(join(yard.dataDir, 'packyard.db'))
    try {
      db.exec('pragma busy_timeout = 10000')
      return db.prepare(statement).all()
    } finally {
      db.close()
    }
  }
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

/** As if all that was fetched and used so far had been so long ago. */
async function letPass(yard: Packyard, days: number): Promise<void> {
  await ask(yard, `update version_uses set used_at = used_at - ${days * DAY_MS}`)
  await ask(yard, `update repository_versions set created_at = created_at - ${days * DAY_MS}`)
}

/** They are written down a moment after the download. */
async function usesNoted(yard: Packyard, count: number): Promise<void> {
  await until('the uses are noted', async () => {
    return (await ask(yard, 'select version from version_uses')).length >= count || undefined
  })
}

/** Past the server: this is about what rules do, not about how they are made. */
async function putRule(yard: Packyard, parameters: object): Promise<void> {
  await ask(
    yard,
    `insert into governance_rules (id, domain_id, name, kind, mode, scope_type, scope, parameters, description, contact,
      version, created_at, created_by, updated_at, updated_by)
    select 'rule', id, 'clean', 'retention', 'enforce', 'domain', '', '${JSON.stringify(parameters)}', '', '', 1, 0, '', 0, ''
    from domains where name = '${firstDomain}'`,
  )
}

testOnEachSetup(
  'unused versions go as the dry run said, come again when asked for, and stay where they are on hold',
  { skip: skipWithoutClient('npm 11') },
  async (t, setup) => {
    const upstream = await startUpstream(t, { npm: ['tiny@1.0.0', 'tiny@1.1.0', 'kept@1.0.0', 'kept@2.0.0'] })
    const yard = await setup.start({
      connections: { 'public:npmjs': upstream.url },
      env: { PACKYARD_GC_GRACE_SECONDS: '0' },
    })
    const npm = await yard.client('npm 11')
    for (const spec of ['tiny@1.0.0', 'tiny@1.1.0', 'kept@1.0.0', 'kept@2.0.0']) {
      await npm.forget()
      await npm.add(spec)
    }
    const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
    assert.equal((await wire.publish('own@1.0.0')).status, 201)
    await usesNoted(yard, 4)
    await letPass(yard, 100)
    await putRule(yard, { unusedDays: 90, keepNewest: 1 })

    const held = await packyard(yard, 'holds', 'add', '/npm//kept$', '--versions', '1.0*', '--reason', 'an audit')
    assert.equal(held.code, 0, held.output)

    const preview = await packyard(yard, 'retention', 'preview', 'clean')
    assert.match(preview.stdout, /^main\s+npm\s+tiny\s+1\.0\.0\s+delete/m)
    assert.match(preview.stdout, /^npm-store\s+npm\s+tiny\s+1\.0\.0\s+delete/m)
    assert.match(preview.stdout, /2 to go, 2 more on hold/)
    const freeable = Number(/\((\d+) bytes\)/.exec(preview.stdout)?.[1])
    assert.ok(freeable > 0, preview.stdout)
    assert.deepEqual((await yard.versions('main', 'tiny')).length, 2)

    const done = await packyard(yard, 'retention', 'run', 'clean')
    assert.match(done.stdout, new RegExp(`2 versions removed; .* gives back ${freeable} bytes`), done.output)
    const swept = await figures(yard, 'gc')
    assert.deepEqual([swept['removedBlobs'], swept['removedBytes']], [1, freeable])
    assert.deepEqual(await yard.versions('main', 'tiny'), ['1.1.0 Published EXTERNAL'])
    assert.deepEqual((await yard.versions('main', 'kept')).length, 2)
    assert.deepEqual(await yard.versions('main', 'own'), ['1.0.0 Published INTERNAL'])

    const again = await yard.client('npm 11')
    await again.add('tiny@1.0.0')
    await upstream.stop()
    const offline = await yard.client('npm 11')
    await offline.add('kept@1.0.0')
    await offline.add('tiny@1.0.0')
    const jobs = await packyard(yard, 'jobs')
    assert.match(jobs.stdout, /^retention\s+done.*removedVersions=2/m)
  },
)
