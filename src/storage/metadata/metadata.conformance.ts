import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { describe, type TestContext, test } from 'node:test'

import { testEpochs } from './metadata-epochs.conformance.ts'
import { account, accountIds, addAccounts, type DatabaseUnderTest, type On } from './metadata-rows.conformance.ts'
import { testRemoval, testText, testValues } from './metadata-values.conformance.ts'
import { testConcurrency, testRefusals, testTransactions } from './metadata-writes.conformance.ts'

type Create = (t: TestContext) => Promise<DatabaseUnderTest | undefined>

/** What Metadata must do on every database. Undefined: what it needs is missing, and the test is marked so. */
export function testMetadata(name: string, create: Create): void {
  const on: On = (title, run) => {
    test(title, async (t) => {
      const database = await create(t)
      if (database !== undefined) await run(database)
    })
  }
  describe(`Metadata: ${name}`, { concurrency: false }, () => {
    for (const part of PARTS) part(on)
  })
}

const PARTS = [
  testOpening,
  testTransactions,
  testRefusals,
  testConcurrency,
  testValues,
  testText,
  testRemoval,
  testEpochs,
  testDurability,
]

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
