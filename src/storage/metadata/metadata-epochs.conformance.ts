import assert from 'node:assert/strict'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

import type { Metadata } from './metadata.ts'
import { addAccounts, type On } from './metadata-rows.conformance.ts'

export function testEpochs(on: On): void {
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

/** News may take a second; a busy machine is given three. */
async function untilChanged(metadata: Metadata, scope: string, before: number): Promise<void> {
  const startedAt = performance.now()
  // A request from outside comes in a turn of its own.
  await nextTurn()
  metadata.epochs.refresh()
  while (metadata.epochs.of(scope) === before) {
    assert.equal(metadata.kind, 'postgres', `${scope} must change on refresh`)
    assert.ok(performance.now() - startedAt < 3_000, `${scope} has not changed in time`)
    await sleep(5)
    metadata.epochs.refresh()
  }
}
