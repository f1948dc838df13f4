import assert from 'node:assert/strict'

import type { Metadata, Write } from './metadata.ts'
import { account, accountIds, addAccounts, type On, user } from './metadata-rows.conformance.ts'
import { isUniqueViolation } from './unique-violation.ts'

export function testTransactions(on: On): void {
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
        assert.equal((await accountIds(metadata)).length, 2)
        assert.equal((await tx.selectFrom('accounts').select('id').execute()).length, 1)
      })
    assert.equal((await accountIds(metadata)).length, 2)
  })
}

export function testRefusals(on: On): void {
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

export function testConcurrency(on: On): void {
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

  on('of writes that come together some fail, and only those leave nothing', async (database) => {
    const metadata = await database.open()
    const write = async (index: number) =>
      metadata.write(async ({ tx, touch }) => {
        await tx
          .insertInto('accounts')
          .values(account(`a${index}`))
          .execute()
        touch(`scope ${index}`)
        if (index % 3 === 0) throw new Error('the work failed')
      })
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, async (_, index) => write(index)))
    assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 10)
    const numbers = (await accountIds(metadata)).map((id) => Number(id.slice(1)))
    assert.equal(numbers.length, 20)
    assert.ok(numbers.every((number) => number % 3 !== 0))
    const { count } = await metadata.db
      .selectFrom('changes')
      .select((on) => on.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    assert.equal(count, 20)
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
