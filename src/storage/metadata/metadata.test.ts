import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestContext, test } from 'node:test'

import { sql } from 'kysely'
import pg from 'pg'

import { startPostgres } from '../../../test/support/postgres.ts'
import { testMetadata } from './metadata.conformance.ts'
import type { DatabaseUnderTest } from './metadata-rows.conformance.ts'
import type { Metadata } from './metadata.ts'
import { openPostgres } from './postgres/open.ts'
import { SqliteConnection } from './sqlite/connection.ts'
import { openSqlite } from './sqlite/open.ts'

testMetadata('SQLite', onSqlite)
testMetadata('PostgreSQL', onPostgres)

test('a database that a newer Packyard made is left alone', async (t) => {
  const database = await onSqlite(t)
  await (await database.open()).close()
  const connection = new SqliteConnection({ file: database.address, access: 'write', busyTimeoutMs: 0 })
  connection.exec('pragma user_version = 999')
  connection.close()
  await assert.rejects(database.open(), /schema version 999/)
})

test('SQLite: commits wait for the disk, and only the owner may read the file', async (t) => {
  const database = await onSqlite(t)
  await database.open()
  assert.equal((await stat(database.address)).mode & 0o077, 0)
  assert.equal((await stat(`${database.address}-wal`)).mode & 0o077, 0)
  const connection = new SqliteConnection({ file: database.address, access: 'write', busyTimeoutMs: 0 })
  t.after(() => connection.close())
  assert.deepEqual(connection.query('pragma journal_mode', []).rows, [{ journal_mode: 'wal' }])
  assert.deepEqual(connection.query('pragma synchronous', []).rows, [{ synchronous: 2 }])
  assert.deepEqual(connection.query('pragma foreign_keys', []).rows, [{ foreign_keys: 1 }])
})

test('SQLite: a writer waits for another process without blocking this one', async (t) => {
  const database = await onSqlite(t)
  const metadata = await database.open()
  const other = new SqliteConnection({ file: database.address, access: 'write', busyTimeoutMs: 0 })
  t.after(() => other.close())
  other.exec('begin immediate')
  let isWritten = false
  const writing = metadata
    .write(async ({ touch }) => touch('scope'))
    .then(() => {
      isWritten = true
    })
  await sleep(50)
  assert.equal(isWritten, false)
  await metadata.check()
  other.exec('commit')
  await writing
})

test('SQLite: a full disk fails the writes that share a commit, changes nothing, and passes', async (t) => {
  const database = await onSqlite(t)
  const metadata = await database.open()
  const fill = async (id: string, name: string) =>
    metadata.write(async ({ tx }) => tx.insertInto('accounts').values({ id, name, created_at: 0 }).execute())
  const limit = async (pages: number) =>
    metadata.write(async ({ tx }) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(tx))
  await fill('before', 'small')
  await limit(1)
  const outcomes = await Promise.allSettled([
    fill('first', 'small'),
    fill('huge', 'x'.repeat(1_000_000)),
    fill('last', 'small'),
  ])
  await limit(1_000_000)
  await fill('after', 'small')
  const kept = (await metadata.db.selectFrom('accounts').select('id').execute()).map(({ id }) => id)
  assert.equal(outcomes[1].status, 'rejected')
  for (const [index, id] of ['first', 'huge', 'last'].entries()) {
    assert.equal(kept.includes(id), outcomes[index]?.status === 'fulfilled', id)
  }
  assert.ok(kept.includes('before') && kept.includes('after'))
})

test('SQLite: who missed removed changes forgets everything', async (t) => {
  const database = await onSqlite(t)
  const [writer, reader] = [await database.open(), await database.open()]
  const before = reader.epochs.of('unrelated')
  for (let count = 0; count < 3; count++) await writer.write(async ({ touch }) => touch('scope'))
  await writer.write(async ({ tx }) => tx.deleteFrom('changes').where('sequence', '<', 3).execute())
  reader.epochs.refresh()
  assert.notEqual(reader.epochs.of('unrelated'), before)
})

test('SQLite: changes of long ago are removed, all but the newest', async (t) => {
  const file = path.join(await temporaryFolder(t), 'packyard.db')
  let now = 0
  const metadata = await openSqlite({ file, clock: () => now })
  t.after(async () => metadata.close())
  for (let count = 0; count < 63; count++) await metadata.write(async ({ touch }) => touch(`old ${count}`))
  now = 3_600_001
  await metadata.write(async ({ touch }) => touch('new'))
  assert.deepEqual(await metadata.db.selectFrom('changes').select('scope').execute(), [{ scope: 'new' }])
})

test('PostgreSQL: what changed is learnt without a notification too', async (t) => {
  await withPostgres(t, async ({ open, admin }) => {
    const reader = await open()
    const before = reader.epochs.of('silent')
    await admin.query("insert into changes (scope, created_at) values ('silent', 0)")
    await until(() => reader.epochs.of('silent') !== before)
  })
})

test('PostgreSQL: a change that commits after a younger one is learnt too', async (t) => {
  await withPostgres(t, async ({ open, admin }) => {
    const [writer, reader] = [await open(), await open()]
    const before = reader.epochs.of('slow')
    await admin.query("begin; insert into changes (scope, created_at) values ('slow', 0)")
    for (let count = 0; count < 3; count++) {
      const young = reader.epochs.of('young')
      await writer.write(async ({ touch }) => touch('young'))
      await until(() => reader.epochs.of('young') !== young)
      await sleep(600)
    }
    assert.equal(reader.epochs.of('slow'), before)
    await admin.query('commit')
    await until(() => reader.epochs.of('slow') !== before)
  })
})

test('PostgreSQL: every connection is lost, and reads, writes and epochs go on', async (t) => {
  await withPostgres(t, async ({ open, admin }) => {
    const [first, second] = [await open(), await open()]
    await first.write(async ({ touch }) => touch('before'))
    await second.check()
    await loseConnections(admin)
    await first.write(async ({ tx, touch }) => {
      await tx.insertInto('accounts').values({ id: 'a', name: 'n', created_at: 0 }).execute()
      touch('after')
    })
    await second.check()
    const before = second.epochs.of('later')
    await first.write(async ({ touch }) => touch('later'))
    await until(() => second.epochs.of('later') !== before)
  })
})

test('PostgreSQL: work whose connection is lost in the middle runs again from the start', async (t) => {
  await withPostgres(t, async ({ open, admin }) => {
    const metadata = await open()
    let runs = 0
    await metadata.write(async ({ tx }) => {
      runs += 1
      await tx
        .insertInto('accounts')
        .values({ id: `run ${runs}`, name: 'n', created_at: 0 })
        .execute()
      if (runs === 1) await loseConnections(admin)
      await tx
        .insertInto('accounts')
        .values({ id: `again ${runs}`, name: 'n', created_at: 0 })
        .execute()
    })
    const rows = await metadata.db.selectFrom('accounts').select('id').orderBy('id').execute()
    assert.deepEqual(rows, [{ id: 'again 2' }, { id: 'run 2' }])
  })
})

async function onSqlite(t: TestContext): Promise<DatabaseUnderTest> {
  const address = path.join(await temporaryFolder(t), 'data', 'packyard.db')
  return { kind: 'sqlite', address, open: closing(t, async () => openSqlite({ file: address })) }
}

async function onPostgres(t: TestContext): Promise<DatabaseUnderTest | undefined> {
  const address = await startPostgres(t)
  if (address === undefined) return undefined
  return { kind: 'postgres', address, open: closing(t, async () => openPostgres({ url: address })) }
}

async function withPostgres(
  t: TestContext,
  run: (parts: { open(): Promise<Metadata>; admin: pg.Client }) => Promise<void>,
): Promise<void> {
  const database = await onPostgres(t)
  if (database === undefined) return
  const admin = new pg.Client({ connectionString: database.address })
  await admin.connect()
  t.after(async () => admin.end())
  await run({ open: database.open, admin })
}

function closing(t: TestContext, open: () => Promise<Metadata>): () => Promise<Metadata> {
  return async () => {
    const metadata = await open()
    t.after(async () => metadata.close())
    return metadata
  }
}

async function loseConnections(admin: pg.Client): Promise<void> {
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'packyard%'`,
  )
}

async function until(isSo: () => boolean): Promise<void> {
  const startedAt = performance.now()
  while (!isSo()) {
    assert.ok(performance.now() - startedAt < 2_000, 'not within two seconds')
    await sleep(5)
  }
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'packyard-metadata-'))
  t.after(async () => rm(folder, { recursive: true, force: true }))
  return folder
}
