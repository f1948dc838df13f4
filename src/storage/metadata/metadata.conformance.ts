import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, type TestContext, test } from 'node:test'

import { sql } from 'kysely'

import { type AccountTable, type PackageTable } from './schema.ts'
import type { Metadata, Write } from './metadata.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** A database of its own, which may be opened any number of times. */
export interface DatabaseUnderTest {
  readonly kind: Metadata['kind']
  /** File or URL. */
  readonly address: string
  /** Closed after the test. */
  open(): Promise<Metadata>
}

type Create = (t: TestContext) => Promise<DatabaseUnderTest | undefined>

/** What Metadata must do on every database. Undefined: what it needs is missing, and the test is marked so. */
export function testMetadata(name: string, create: Create): void {
  const on: On = (title, run) =>
    test(title, async (t) => {
      const database = await create(t)
      if (database !== undefined) await run(database)
    })
  describe(`Metadata: ${name}`, { concurrency: false }, () => {
    testOpening(on)
    testTransactions(on)
    testConcurrency(on)
    testValues(on)
    testRemoval(on)
    testEpochs(on)
    testDurability(on)
  })
}

type On = (title: string, run: (database: DatabaseUnderTest) => Promise<void>) => void

function testOpening(on: On): void {
  on('several open a new database at once, and all find its tables', async (database) => {
    const opened = await Promise.all([1, 2, 3, 4].map(async () => database.open()))
    for (const [index, metadata] of opened.entries()) await addAccounts(metadata, [`a${index}`])
    for (const metadata of opened) assert.equal((await accountIds(metadata)).length, 4)
  })

  on('what was written is there when it is opened again', async (database) => {
    const first = await database.open()
    await addAccounts(first, ['kept'])
    await first.close()
    assert.deepEqual(await accountIds(await database.open()), ['kept'])
  })

  on('it is closed without ever having been used', async (database) => {
    const metadata = await database.open()
    await metadata.close()
    await assert.rejects(metadata.check())
    await assert.rejects(metadata.write(async () => {}))
  })

  on('it answers, and takes no writes outside write', async (database) => {
    const metadata = await database.open()
    await metadata.check()
    await assert.rejects(metadata.db.insertInto('accounts').values(account('a')).execute())
    await assert.rejects(
      metadata.db.transaction().execute(async (tx) => tx.insertInto('accounts').values(account('a')).execute()),
    )
    assert.deepEqual(await accountIds(metadata), [])
  })
}

function testTransactions(on: On): void {
  on('work that throws leaves nothing, and changes no epoch', async (database) => {
    const metadata = await database.open()
    const before = metadata.epochs.of('scope')
    const failing = metadata.write(async ({ tx, touch }) => {
      await tx.insertInto('accounts').values(account('a')).execute()
      touch('scope')
      throw new Error('the work failed')
    })
    await assert.rejects(failing, /the work failed/)
    metadata.epochs.refresh()
    assert.equal(metadata.epochs.of('scope'), before)
    assert.deepEqual(await accountIds(metadata), [])
    await addAccounts(metadata, ['b'])
  })

  on('nobody sees what is not committed, and the work sees its own', async (database) => {
    const metadata = await database.open()
    const other = await database.open()
    await metadata.write(async ({ tx }) => {
      await tx.insertInto('accounts').values(account('a')).execute()
      assert.equal((await tx.selectFrom('accounts').select('id').execute()).length, 1)
      assert.deepEqual(await accountIds(metadata), [])
      assert.deepEqual(await accountIds(other), [])
    })
    assert.deepEqual(await accountIds(other), ['a'])
  })

  on('a reading transaction sees one moment, also while others write', async (database) => {
    const metadata = await database.open()
    await addAccounts(metadata, ['a'])
    await metadata.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (tx) => {
        assert.equal((await tx.selectFrom('accounts').select('id').execute()).length, 1)
        await addAccounts(metadata, ['b'])
        assert.equal((await tx.selectFrom('accounts').select('id').execute()).length, 1)
      })
    assert.equal((await accountIds(metadata)).length, 2)
  })

  on('a write inside a write is refused, as it would wait for ever', async (database) => {
    const metadata = await database.open()
    await assert.rejects(
      metadata.write(async () => metadata.write(async () => {})),
      /inside/,
    )
    await addAccounts(metadata, ['a'])
  })

  on('a statement that comes after its transaction changes nothing', async (database) => {
    const metadata = await database.open()
    let escaped: Write | undefined
    await metadata.write(async (write) => {
      escaped = write
    })
    await assert.rejects(async () => escaped?.tx.insertInto('accounts').values(account('late')).execute())
    assert.deepEqual(await accountIds(metadata), [])
  })

  on('a second row with the same key is recognised', async (database) => {
    const metadata = await database.open()
    await addAccounts(metadata, ['a'])
    await assert.rejects(addAccounts(metadata, ['a']), isUniqueViolation)
    await metadata.write(async ({ tx }) =>
      tx
        .insertInto('users')
        .values(user('u1', 'a', 'same'))
        .execute(),
    )
    const again = metadata.write(async ({ tx }) =>
      tx
        .insertInto('users')
        .values(user('u2', 'a', 'same'))
        .execute(),
    )
    await assert.rejects(again, isUniqueViolation)
    const orphan = metadata.write(async ({ tx }) =>
      tx
        .insertInto('users')
        .values(user('u3', 'nobody', 'x'))
        .execute(),
    )
    await assert.rejects(orphan, (error) => !isUniqueViolation(error))
    assert.equal(isUniqueViolation(new Error('unique')), false)
  })
}

function testConcurrency(on: On): void {
  on('two instances add to the same number at the same time, and none is lost', async (database) => {
    const instances = [await database.open(), await database.open()]
    await addAccounts(instances[0] as Metadata, ['a'])
    const increment = async ({ tx }: Write) => {
      const row = await tx.selectFrom('accounts').select('created_at').where('id', '=', 'a').executeTakeFirstOrThrow()
      await tx
        .updateTable('accounts')
        .set({ created_at: row.created_at + 1 })
        .where('id', '=', 'a')
        .execute()
    }
    const writers = Array.from({ length: 8 }, async (_, index) => {
      for (let count = 0; count < 5; count++) await (instances[index % 2] as Metadata).write(increment)
    })
    await Promise.all(writers)
    const row = await instances[1]?.db.selectFrom('accounts').select('created_at').executeTakeFirst()
    assert.equal(row?.created_at, 40)
  })

  on('of many who look first and then insert, one inserts and the others see it', async (database) => {
    const instances = [await database.open(), await database.open()]
    const insertOnce = async ({ tx }: Write) => {
      const there = await tx.selectFrom('accounts').select('id').where('id', '=', 'a').executeTakeFirst()
      if (there === undefined) await tx.insertInto('accounts').values(account('a')).execute()
      return there === undefined
    }
    const inserted = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => (instances[index % 2] as Metadata).write(insertOnce)),
    )
    assert.equal(inserted.filter(Boolean).length, 1)
  })

  on('reads go on while a write is under way', async (database) => {
    const metadata = await database.open()
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
    const writing = metadata.write(async ({ tx }) => {
      await tx.insertInto('accounts').values(account('a')).execute()
      await mayEnd
    })
    const reads = await Promise.all(Array.from({ length: 20 }, async () => accountIds(metadata)))
    assert.equal(reads.flat().length, 0)
    end()
    await writing
  })
}

function testValues(on: On): void {
  on('bytes come back as they went in', async (database) => {
    const metadata = await database.open()
    const all = Uint8Array.from({ length: 256 }, (_, index) => index)
    await addAccounts(metadata, ['a'])
    await metadata.write(async ({ tx }) =>
      tx
        .insertInto('users')
        .values(user('u', 'a', 'n'))
        .execute(),
    )
    for (const [index, bytes] of [all, new Uint8Array(0), Buffer.from(all)].entries()) {
      const key = { access_key_id: `k${index}`, user_id: 'u', secret_sealed: bytes, status: 'Active', created_at: 0 }
      await metadata.write(async ({ tx }) => tx.insertInto('access_keys').values(key).execute())
    }
    const rows = await metadata.db.selectFrom('access_keys').select('secret_sealed').orderBy('access_key_id').execute()
    assert.ok(rows.every(({ secret_sealed }) => secret_sealed instanceof Uint8Array))
    assert.deepEqual(
      rows.map(({ secret_sealed }) => [...secret_sealed]),
      [[...all], [], [...all]],
    )
  })

  on('whole numbers up to 2^53 come back as numbers, sums and counts too', async (database) => {
    const metadata = await database.open()
    const numbers = [0, -1, 2 ** 31, 2 ** 32 + 1, Date.now(), Number.MAX_SAFE_INTEGER]
    await metadata.write(async ({ tx }) =>
      tx
        .insertInto('accounts')
        .values(numbers.map((created_at, index) => ({ ...account(`a${index}`), created_at })))
        .execute(),
    )
    const rows = await metadata.db.selectFrom('accounts').select('created_at').orderBy('id').limit(10).execute()
    assert.deepEqual(
      rows.map(({ created_at }) => created_at),
      numbers,
    )
    const sums = await metadata.db
      .selectFrom('accounts')
      .select((on) => [on.fn.sum<number>('created_at').as('sum'), on.fn.countAll<number>().as('count')])
      .where('created_at', '<', 2 ** 33)
      .executeTakeFirstOrThrow()
    assert.deepEqual(sums, { sum: 2 ** 31 + 2 ** 32, count: 4 })
  })

  on('a number beyond 2^53 is an error, never another number', async (database) => {
    const metadata = await database.open()
    await metadata.write(async ({ tx }) => {
      await tx.insertInto('accounts').values(account('a')).execute()
      await sql`update accounts set created_at = 9007199254740993`.execute(tx)
    })
    await assert.rejects(metadata.db.selectFrom('accounts').selectAll().execute())
  })

  on('text is compared byte by byte, whatever the database was set up for', async (database) => {
    const metadata = await database.open()
    const ids = ['', ' ', '-', 'A', 'B', '_', 'a', 'a-b', 'a.b', 'ab', 'b', 'é', 'z', 'ß', '一', '😀']
    await addAccounts(metadata, ids)
    const bytewise = ids.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    assert.deepEqual(await accountIds(metadata), bytewise)
    const after = await metadata.db.selectFrom('accounts').select('id').where('id', '>', 'B').orderBy('id').execute()
    assert.deepEqual(
      after.map(({ id }) => id),
      bytewise.slice(bytewise.indexOf('B') + 1),
    )
  })

  on('null stays null, quotes and line ends stay as they are', async (database) => {
    const metadata = await database.open()
    const event = {
      id: 'it\'s "quoted" \\ and\r\n\tbroken',
      domain_id: 'd',
      package_id: 'p',
      sequence: 1,
      body: '{"a":"\\u0000"}',
      created_at: 1,
      delivered_at: null,
    }
    await metadata.write(async ({ tx }) => tx.insertInto('events').values(event).execute())
    assert.deepEqual(await metadata.db.selectFrom('events').selectAll().execute(), [event])
  })
}

function testRemoval(on: On): void {
  on('what belongs to a domain goes with it, and the bytes stay listed', async (database) => {
    const metadata = await database.open()
    await fillDomain(metadata)
    await metadata.write(async ({ tx }) => tx.deleteFrom('domains').where('id', '=', 'd').execute())
    const counts = await countRows(metadata)
    assert.deepEqual(counts, { accounts: 1, blobs: 1 })
  })

  on('content that a repository still refers to can not be removed', async (database) => {
    const metadata = await database.open()
    await fillDomain(metadata)
    await assert.rejects(metadata.write(async ({ tx }) => tx.deleteFrom('version_contents').execute()))
    await metadata.write(async ({ tx }) => tx.deleteFrom('repositories').where('id', '=', 'r1').execute())
    await metadata.write(async ({ tx }) => tx.deleteFrom('version_contents').execute())
    assert.deepEqual(await countRows(metadata), { accounts: 1, blobs: 1, domains: 1, repositories: 1 })
  })
}

function testEpochs(on: On): void {
  on('an epoch changes for the writer before write returns, and once', async (database) => {
    const metadata = await database.open()
    const before = metadata.epochs.of('scope')
    await metadata.write(async ({ touch }) => {
      touch('scope')
      touch('scope')
      touch('other')
    })
    const after = metadata.epochs.of('scope')
    assert.notEqual(after, before)
    metadata.epochs.refresh()
    await addAccounts(metadata, ['a'])
    metadata.epochs.refresh()
    assert.equal(metadata.epochs.of('scope'), after)
    const rows = await metadata.db.selectFrom('changes').select('scope').orderBy('scope').execute()
    assert.deepEqual(rows, [{ scope: 'other' }, { scope: 'scope' }])
  })

  on('an epoch changes for the others within a second, and only that one', async (database) => {
    const [writer, reader] = [await database.open(), await database.open()]
    reader.epochs.refresh()
    const [before, untouched] = [reader.epochs.of('scope'), reader.epochs.of('untouched')]
    await writer.write(async ({ touch }) => touch('scope'))
    await untilChanged(reader, 'scope', before)
    assert.equal(reader.epochs.of('untouched'), untouched)
  })

  on('a thousand scopes of one write reach the others', async (database) => {
    const [writer, reader] = [await database.open(), await database.open()]
    const scopes = Array.from({ length: 1_000 }, (_, index) => `package:${index}:${'é'.repeat(20)}`)
    reader.epochs.refresh()
    const before = scopes.map((scope) => reader.epochs.of(scope))
    await writer.write(async ({ touch }) => scopes.forEach((scope) => touch(scope)))
    for (const [index, scope] of scopes.entries()) await untilChanged(reader, scope, before[index] ?? 0)
  })

  on('both learn what the other wrote while each was writing', async (database) => {
    const both = [await database.open(), await database.open()]
    const scopes = Array.from({ length: 40 }, (_, index) => `scope ${index}`)
    const before = both.map((metadata) => scopes.map((scope) => metadata.epochs.of(scope)))
    await Promise.all(
      scopes.map(async (scope, index) => (both[index % 2] as Metadata).write(async ({ touch }) => touch(scope))),
    )
    for (const [index, metadata] of both.entries()) {
      for (const [at, scope] of scopes.entries()) await untilChanged(metadata, scope, before[index]?.[at] ?? 0)
    }
  })

  on('a scope without a name, or with one beyond all measure, is refused', async (database) => {
    const metadata = await database.open()
    for (const scope of ['', 'x'.repeat(1_001)]) {
      await assert.rejects(metadata.write(async ({ touch }) => touch(scope)))
    }
  })
}

function testDurability(on: On): void {
  on('a writer killed at any moment keeps what it acknowledged, and nothing by halves', async (database) => {
    const metadata = await database.open()
    const fixture = path.join(import.meta.dirname, 'metadata-writer.fixture.ts')
    const writer = spawn(process.execPath, [fixture, database.kind, database.address], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const line of createInterface(writer.stdout)) {
      acknowledged.push(line)
      if (acknowledged.length === 25) writer.kill('SIGKILL')
    }
    const accounts = new Set(await accountIds(metadata))
    const domains = await metadata.db.selectFrom('domains').select('owner').execute()
    assert.ok(acknowledged.length >= 25)
    assert.deepEqual(
      acknowledged.filter((id) => !accounts.has(id)),
      [],
    )
    assert.deepEqual(domains.map(({ owner }) => owner).toSorted(), [...accounts].toSorted())
    await addAccounts(metadata, ['after the crash'])
  })
}

/** Fails after a second, which is how long news may take. */
async function untilChanged(metadata: Metadata, scope: string, before: number): Promise<void> {
  const startedAt = performance.now()
  metadata.epochs.refresh()
  while (metadata.epochs.of(scope) === before) {
    assert.equal(metadata.kind, 'postgres', `${scope} must change on refresh`)
    assert.ok(performance.now() - startedAt < 1_000, `${scope} has not changed within a second`)
    await sleep(5)
    metadata.epochs.refresh()
  }
}

function account(id: string): AccountTable {
  return { id, name: `account ${id}`, created_at: 0 }
}

function user(user_id: string, account_id: string, name: string) {
  return { user_id, account_id, name, path: '/', is_administrator: 0, created_at: 0 }
}

async function addAccounts(metadata: Metadata, ids: readonly string[]): Promise<void> {
  await metadata.write(async ({ tx }) => tx.insertInto('accounts').values(ids.map(account)).execute())
}

async function accountIds(metadata: Metadata): Promise<string[]> {
  return (await metadata.db.selectFrom('accounts').select('id').orderBy('id').execute()).map(({ id }) => id)
}

/** A domain with two repositories, one upstream of the other, and one version of one package with one asset. */
async function fillDomain(metadata: Metadata): Promise<void> {
  const domain = { id: 'd', owner: 'a', name: 'd', encryption_key: '', asset_size_bytes: 1, repository_count: 2 }
  const coordinates = { domain_id: 'd', format: 'npm', namespace: '', name: 'p' }
  const restrictions = { publish_restriction: 'ALLOW', upstream_restriction: 'ALLOW' }
  const found: PackageTable = {
    ...coordinates,
    ...restrictions,
    id: 'p',
    repository_id: 'r1',
    event_sequence: 0,
    created_at: 0,
    updated_at: 0,
  }
  const content = { id: 'c', version: '1', revision: 'r', document: '{}', facts: '{}', readme: null, is_inspected: 1 }
  const digests = { sha256: 's', sha512: 's', sha1: 's', md5: 's' }
  await addAccounts(metadata, ['a'])
  await metadata.write(async ({ tx }) => {
    await tx
      .insertInto('domains')
      .values({ ...domain, created_at: 0 })
      .execute()
    for (const id of ['r1', 'r2']) {
      const repository = { id, domain_id: 'd', name: id, administrator_account: 'a', description: '', created_at: 0 }
      await tx.insertInto('repositories').values(repository).execute()
    }
    await tx
      .insertInto('repository_upstreams')
      .values({ repository_id: 'r2', position: 0, upstream_id: 'r1' })
      .execute()
    await tx
      .insertInto('repository_connections')
      .values({ repository_id: 'r1', format: 'npm', connection: 'x' })
      .execute()
    await tx.insertInto('packages').values(found).execute()
    await tx.insertInto('package_tags').values({ package_id: 'p', tag: 'latest', version: '1' }).execute()
    await tx.insertInto('blobs').values({ domain_id: 'd', sha256: 's', size_bytes: 1, created_at: 0 }).execute()
    await tx
      .insertInto('version_contents')
      .values({ ...coordinates, ...content, created_at: 0 })
      .execute()
    const asset = { content_id: 'c', name: 'f', domain_id: 'd', size_bytes: 1, ...digests }
    await tx.insertInto('version_assets').values(asset).execute()
    const reference = { id: 'v', package_id: 'p', content_id: 'c', version: '1', status: 'Published' }
    const origin = { origin_type: 'INTERNAL', entry_point: null, published_at: 0, created_at: 0 }
    await tx
      .insertInto('repository_versions')
      .values({ ...reference, ...origin })
      .execute()
  })
}

/** Tables that hold something. */
async function countRows({ db }: Metadata): Promise<Record<string, number>> {
  const tables = [
    'accounts',
    'blobs',
    'domains',
    'packages',
    'package_tags',
    'repositories',
    'repository_connections',
    'repository_upstreams',
    'repository_versions',
    'version_assets',
    'version_contents',
  ] as const
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const { count } = await db
      .selectFrom(table)
      .select((on) => on.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (count > 0) counts[table] = count
  }
  return counts
}
