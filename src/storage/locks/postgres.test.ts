import assert from 'node:assert/strict'
import { test } from 'node:test'

import pg from 'pg'

import { startPostgres } from '../../../test/support/postgres.ts'
import { testLocks } from './locks.conformance.ts'
import { postgresLocks } from './postgres.ts'

testLocks('PostgreSQL', async (t) => {
  const url = await startPostgres(t)
  if (url === undefined) return undefined
  const [first, second] = [postgresLocks({ url }), postgresLocks({ url })]
  t.after(async () => Promise.all([first.close(), second.close()]))
  return { first, second }
})

test('locks of a session that the server ended are free again, and the next task gets a new session', async (t) => {
  const url = await startPostgres(t)
  if (url === undefined) return
  const [first, second] = [postgresLocks({ url }), postgresLocks({ url })]
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  t.after(async () => Promise.all([first.close(), second.close(), admin.end()]))

  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const orphan = first.exclusively('key', async () => {
    started.resolve()
    await mayEnd
  })
  await started.promise
  const lockers =
    "select pid from pg_stat_activity where datname = current_database() and application_name = 'packyard locking'"
  await admin.query(`select pg_terminate_backend(pid) from (${lockers}) as lockers`)
  assert.equal(await second.exclusively('key', async () => 'taken over'), 'taken over')
  end()
  await orphan
  assert.equal(await first.exclusively('key', async () => 'again'), 'again')
})

test('whoever waits is told when the locks are closed', async (t) => {
  const url = await startPostgres(t)
  if (url === undefined) return
  const [first, second] = [postgresLocks({ url }), postgresLocks({ url })]
  t.after(async () => first.close())
  await first.exclusively('key', async () => {
    const waiting = second.exclusively('key', async () => {})
    const refused = assert.rejects(waiting)
    await second.close()
    await refused
  })
})
