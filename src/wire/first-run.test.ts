import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startPostgres } from '../../test/support/postgres.ts'
import { type Config, parseConfig } from '../config.ts'
import { deleteRepository, describeRepository } from '../registry/repositories.ts'
import { parseAccountId, parseDomainName, parseRepositoryName } from '../registry/names.ts'
import { principalOf } from '../access/identity.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { postgresLocks } from '../storage/locks/postgres.ts'
import { readAccessKeyId } from './credentials.ts'
import { prepareFirstRun } from './first-run.ts'
import { type OpenedRegistry, openRegistry } from './registry.ts'

/** A start of the server as far as the first run goes. */
async function start(config: Config, look: (opened: OpenedRegistry) => Promise<void> = async () => {}): Promise<void> {
  const { databaseUrl } = config
  const locks = databaseUrl === undefined ? memoryLocks() : postgresLocks({ url: databaseUrl })
  const opened = await openRegistry(config, locks)
  try {
    await prepareFirstRun(config, opened)
    await look(opened)
  } finally {
    await opened.close()
    await locks.close()
  }
}

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-first-run-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}

const configOf = (dataDir: string, env: Record<string, string> = {}) =>
  parseConfig({ flags: { dataDir }, env, file: undefined })

const address = (repository: string) => ({
  owner: parseAccountId('000000000000'),
  domain: parseDomainName('packyard'),
  repository: parseRepositoryName(repository),
})

async function countRows({ registry }: OpenedRegistry, table: 'accounts' | 'users' | 'access_keys' | 'repositories') {
  return (await registry.metadata.db.selectFrom(table).selectAll().execute()).length
}

const stores = ['npm-store', 'pypi-store', 'maven-central-store', 'nuget-store', 'rubygems-store', 'crates-store']

test('The first start makes administrator, domain, repositories and credentials; the next one changes nothing', async (t) => {
  const dataDir = await emptyFolder(t)
  const config = configOf(dataDir)
  await start(config, async ({ registry, identity }) => {
    const main = await describeRepository(registry, address('main'))
    assert.deepEqual(main.upstreams, stores)
    const connections = await Promise.all(
      stores.map(async (name) =>
        (await describeRepository(registry, address(name))).connections.map((one) => one.name),
      ),
    )
    assert.deepEqual(connections.flat(), [
      'public:npmjs',
      'public:pypi',
      'public:maven-central',
      'public:nuget-org',
      'public:ruby-gems-org',
      'public:crates-io',
    ])
    const key = await identity.findAccessKey((await readAccessKeyId(join(dataDir, 'credentials'))) ?? '')
    const policies = key?.principal.grants.identity.map(({ name }) => name)
    assert.deepEqual([key?.principal.userName, policies], ['admin', ['arn:aws:iam::aws:policy/AdministratorAccess']])
  })
  const credentials = await readFile(join(dataDir, 'credentials'), 'utf8')
  assert.match(credentials, /^\[packyard\]\naws_access_key_id = AKIA\w{16}\naws_secret_access_key = \S{40}\n$/)
  for (const file of ['credentials', 'keys/master.key', 'packyard.db']) {
    assert.equal((await stat(join(dataDir, file))).mode & 0o777, 0o600, file)
  }
  await start(config, async (opened) => {
    assert.equal(await countRows(opened, 'access_keys'), 1)
    assert.equal(await countRows(opened, 'repositories'), 7)
  })
  assert.equal(await readFile(join(dataDir, 'credentials'), 'utf8'), credentials)
})

test('What a user has deleted stays deleted', async (t) => {
  const config = configOf(await emptyFolder(t))
  await start(config, async ({ registry, identity }) => {
    const { user_id } = await registry.metadata.db.selectFrom('users').select('user_id').executeTakeFirstOrThrow()
    const user = await identity.findUser(user_id)
    assert.ok(user)
    const caller = {
      principal: principalOf(user, ''),
      requestId: '1',
      remoteAddress: '',
      userAgent: '',
      isSecure: false,
    }
    await deleteRepository(registry, caller, address('crates-store'))
  })
  await start(config, async (opened) => assert.equal(await countRows(opened, 'repositories'), 6))
})

test('A first start that was cut off is finished by the next one', async (t) => {
  const dataDir = await emptyFolder(t)
  const config = configOf(dataDir)
  await start(config, async ({ registry }) => {
    // As after a crash between the account and everything else.
    await registry.metadata.write(async ({ tx }) => {
      await tx.deleteFrom('repository_connections').execute()
      await tx.deleteFrom('repository_upstreams').execute()
      await tx.deleteFrom('repositories').where('name', '!=', 'npm-store').execute()
      await tx.updateTable('accounts').set({ name: 'packyard, being set up' }).execute()
    })
  })
  await rm(join(dataDir, 'credentials'))
  await start(config, async (opened) => {
    assert.equal(await countRows(opened, 'repositories'), 7)
    assert.equal(await countRows(opened, 'users'), 1)
    const { connections } = await describeRepository(opened.registry, address('npm-store'))
    assert.equal(connections[0]?.name, 'public:npmjs')
    assert.ok(await opened.identity.findAccessKey((await readAccessKeyId(join(dataDir, 'credentials'))) ?? ''))
  })
})

test('Lost credentials are replaced, and those of another installation are kept aside', async (t) => {
  const dataDir = await emptyFolder(t)
  const config = configOf(dataDir)
  await start(config)
  const before = await readAccessKeyId(join(dataDir, 'credentials'))
  await rm(join(dataDir, 'credentials'))
  await start(config, async (opened) => assert.equal(await countRows(opened, 'access_keys'), 2))
  const after = await readAccessKeyId(join(dataDir, 'credentials'))
  assert.ok(after !== undefined && after !== before)
  for (const name of ['packyard.db', 'packyard.db-wal', 'packyard.db-shm'])
    await rm(join(dataDir, name), { force: true })
  await start(config)
  assert.notEqual(await readAccessKeyId(join(dataDir, 'credentials')), after)
  const aside = (await readdir(dataDir)).filter((name) => name.startsWith('credentials.'))
  assert.equal(aside.length, 1)
  assert.equal(await readAccessKeyId(join(dataDir, aside[0] ?? '')), after)
})

test('Another master key than the one of the database stops the start with advice', async (t) => {
  const dataDir = await emptyFolder(t)
  const config = configOf(dataDir)
  await start(config)
  await rm(join(dataDir, 'keys', 'master.key'))
  await assert.rejects(start(config), /the master key is not the one that this database was made with: copy/)
})

test('A master key that others can read stops the start', async (t) => {
  const dataDir = await emptyFolder(t)
  await start(configOf(dataDir))
  await rm(join(dataDir, 'keys', 'master.key'))
  await writeFile(join(dataDir, 'keys', 'master.key'), Buffer.alloc(32), { mode: 0o644 })
  await assert.rejects(start(configOf(dataDir)), /others than its owner can read it/)
})

test('Starts at the same moment make one installation (SQLite)', async (t) => {
  const config = configOf(await emptyFolder(t))
  await Promise.all([start(config), start(config), start(config)])
  await start(config, async (opened) => {
    assert.equal(await countRows(opened, 'accounts'), 1)
    assert.equal(await countRows(opened, 'users'), 1)
    assert.equal(await countRows(opened, 'repositories'), 7)
    assert.ok(await opened.identity.findAccessKey((await readAccessKeyId(join(config.dataDir, 'credentials'))) ?? ''))
  })
})

test('Starts at the same moment make one installation (PostgreSQL)', async (t) => {
  const databaseUrl = await startPostgres(t)
  if (databaseUrl === undefined) return
  const config = configOf(await emptyFolder(t), { PACKYARD_DATABASE_URL: databaseUrl })
  await Promise.all([start(config), start(config), start(config)])
  await start(config, async (opened) => {
    assert.equal(await countRows(opened, 'access_keys'), 1)
    assert.equal(await countRows(opened, 'repositories'), 7)
  })
})
