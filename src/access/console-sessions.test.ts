import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { type IdentityStage, startIdentity } from '../../test/support/identity.ts'
import { withPostgres } from '../../test/support/setups.ts'
import { type ConsoleSessions, createConsoleSessions } from './console-sessions.ts'

const MINUTE_MS = 60_000

/** Sessions as two processes have them. */
function openBoth(stage: IdentityStage): readonly [ConsoleSessions, ConsoleSessions] {
  const { metadata, identity, sessions, time } = stage
  const parts = {
    metadata,
    identity,
    sessions,
    clock: () => time.now,
    randomId: randomUUID,
    randomBytes,
    idleMs: 30 * MINUTE_MS,
    totalMs: 12 * 60 * MINUTE_MS,
  }
  return [createConsoleSessions(parts), createConsoleSessions(parts)]
}

async function begin(consoleSessions: ConsoleSessions, { identity, key }: IdentityStage) {
  const signing = await identity.findAccessKey(key.accessKeyId)
  assert.ok(signing)
  const { accessKeyId } = key
  const start = { principal: signing.principal, accessKeyId, remoteAddress: '192.0.2.1', userAgent: 'x'.repeat(500) }
  return consoleSessions.begin(start)
}

function onEach(title: string, body: (t: TestContext, databaseUrl?: string) => Promise<void>): void {
  test(`${title} (SQLite)`, (t) => body(t))
  test(`${title} (PostgreSQL)`, (t) => withPostgres(t, (url) => body(t, url)))
}

onEach('a session that is used goes on, one that is not ends', async (t, url) => {
  const stage = await startIdentity(t, url)
  const [here, there] = openBoth(stage)
  const { token, session } = await begin(here, stage)
  assert.equal(session.userAgent.length, 200)
  assert.equal((await there.find(token))?.principal.arn, stage.user.arn)
  for (let at = 0; at < 4; at++) {
    stage.time.now += 20 * MINUTE_MS
    assert.ok(await here.find(token), 'used here within the half hour')
  }
  // The other process has not seen it used for 80 minutes, and asks the database.
  assert.ok(await there.find(token))
  stage.time.now += 30 * MINUTE_MS
  assert.equal(await here.find(token), undefined)
  assert.equal(await there.find(token), undefined)
  assert.deepEqual((await here.list(stage.user.accountId, { size: 10 })).items, [])
})

onEach('no use takes a session beyond its time', async (t, url) => {
  const stage = await startIdentity(t, url)
  const [here] = openBoth(stage)
  const { token, session } = await begin(here, stage)
  const begun = stage.time.now
  assert.equal(session.expiresAt, begun + 12 * 60 * MINUTE_MS)
  for (let at = 1; at < 36; at++) {
    stage.time.now = begun + at * 20 * MINUTE_MS
    assert.ok(await here.find(token), `after ${at * 20} minutes`)
  }
  stage.time.now = begun + 12 * 60 * MINUTE_MS
  assert.equal(await here.find(token), undefined)
  await begin(here, stage)
  stage.time.now += 1
  const rows = await stage.metadata.db.selectFrom('console_sessions').select('session_id').execute()
  assert.ok(rows.length <= 2, 'what has ended does not stay for ever')
})

onEach('only a hash of the token is stored, and what is like it opens nothing', async (t, url) => {
  const stage = await startIdentity(t, url)
  const [here] = openBoth(stage)
  const { token } = await begin(here, stage)
  const [row] = await stage.metadata.db.selectFrom('console_sessions').selectAll().execute()
  assert.ok(row && !JSON.stringify(row).includes(token))
  for (const other of ['', row.token_sha256, `${token}x`, token.slice(1)])
    assert.equal(await here.find(other), undefined)
  await stage.setKeyStatus(stage.key.accessKeyId, 'Inactive')
  assert.equal(await here.find(token), undefined)
})

onEach('a session of temporary credentials ends with them', async (t, url) => {
  const stage = await startIdentity(t, url)
  const [here] = openBoth(stage)
  const { userId: entityId, accountId } = stage.user
  const draft = { kind: 'user', entityId, accountId, name: 'alice', facts: { tags: [] }, durationSeconds: 900 } as const
  const temporary = await stage.sessions.create(draft)
  const found = await stage.sessions.find(temporary.accessKeyId)
  assert.ok(found)
  const { token, session } = await here.begin({
    principal: found.principal,
    accessKeyId: temporary.accessKeyId,
    credentialsExpireAt: temporary.expiresAt,
    remoteAddress: '',
    userAgent: '',
  })
  assert.equal(session.expiresAt, temporary.expiresAt)
  assert.equal((await here.find(token))?.principal.accessKeyId, temporary.accessKeyId)
  stage.time.now += 900_000
  assert.equal(await here.find(token), undefined)
})
