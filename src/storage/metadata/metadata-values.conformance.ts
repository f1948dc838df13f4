import assert from 'node:assert/strict'

import { sql } from 'kysely'

import { account, accountIds, addAccounts, countRows, fillDomain, type On, user } from './metadata-rows.conformance.ts'

export function testValues(on: On): void {
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
}

export function testText(on: On): void {
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

export function testRemoval(on: On): void {
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
