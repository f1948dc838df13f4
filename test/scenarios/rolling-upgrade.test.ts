import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { NpmWire } from '../support/npm-wire.ts'
import { startPackyard } from '../support/packyard.ts'
import { newBucket } from '../support/s3.ts'
import { withPostgres } from '../support/setups.ts'

/** What a later version may do to the tables: see CONTRIBUTING.md, "Migrations". */
const laterMigration = [
  'create table things_to_come (id text primary key)',
  'alter table packages add column to_come bigint',
  "alter table repository_versions add column to_come text not null default 'x'",
  'create index repository_versions_to_come on repository_versions (to_come)',
  'update schema_version set version = version + 1',
]

test('servers go on publishing and installing while a later version changes the tables, and none starts anew', async (t) => {
  const blobUrl = await newBucket(t)
  if (blobUrl === undefined) return
  await withPostgres(t, async (databaseUrl) => {
    const yard = await startPackyard(t, { databaseUrl, blobUrl, processes: 2 })
    const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
    const statuses: number[] = []
    let isOver = false
    const work = async (client: number) => {
      for (let at = 0; !isOver || at < 5; at++) {
        const name = `lib-${client}-${at}`
        statuses.push((await wire.publish(`${name}@1.0.0`)).status)
        statuses.push((await wire.get(name)).status, (await wire.tarball(name, '1.0.0')).status)
      }
    }
    const working = [0, 1, 2].map(work)
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    t.after(() => client.end())
    await client.query('begin')
    for (const sql of laterMigration) await client.query(sql)
    await client.query('commit')
    isOver = true
    await Promise.all(working)
    assert.deepEqual(new Set(statuses), new Set([201, 200]))
    assert.ok(statuses.length >= 45)
    assert.deepEqual(await yard.versions('main', 'lib-0-4'), ['1.0.0 Published INTERNAL'])
    await yard.stop()
    await assert.rejects(yard.server.start(), /knows only up to/)
  })
})
