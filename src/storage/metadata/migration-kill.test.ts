import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { startPostgres } from '../../../test/support/postgres.ts'
import { readTables } from './catalog.ts'
import type { Metadata } from './metadata.ts'
import { openPostgres } from './postgres/open.ts'
import { openPostgresImport } from './postgres/row-import.ts'
import { openSqlite } from './sqlite/open.ts'
import { openSqliteImport } from './sqlite/row-import.ts'

const migrator = fileURLToPath(new URL('migrator.fixture.ts', import.meta.url))
const rounds = 6
/** What the databases have before. */
const OLD_VERSION = 3

/** Two processes migrate at once; one of them, or both, are killed on the way. */
async function killMigrating(place: string, afterMs: number): Promise<void> {
  const children = [0, 1].map(() => spawn(process.execPath, [migrator, place]))
  const exits = children.map((child) => once(child, 'exit'))
  await once(children[0]!.stdout, 'data')
  await sleep(afterMs)
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(exits)
}

async function checkWhole(metadata: Metadata): Promise<void> {
  const tables = (await readTables(metadata)).map(({ name }) => name)
  for (const name of ['domains', 'package_groups', 'version_faults', 'encryption_keys'])
    assert.ok(tables.includes(name))
  assert.deepEqual(await metadata.db.selectFrom('jobs').selectAll().execute(), [])
  await metadata.close()
}

test('a migration that is killed has happened or not, and the next start makes it whole (SQLite)', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'packyard-migration-'))
  t.after(async () => rm(folder, { recursive: true }))
  for (let round = 0; round < rounds; round++) {
    const file = path.join(folder, `${round}.db`)
    await (await openSqliteImport(file, OLD_VERSION, Math.random)).close()
    await killMigrating(file, Math.random() * 60)
    await checkWhole(await openSqlite({ file }))
  }
})

test('a migration that is killed has happened or not, and the next start makes it whole (PostgreSQL)', async (t) => {
  for (let round = 0; round < rounds / 2; round++) {
    const url = await startPostgres(t)
    if (url === undefined) return
    await (await openPostgresImport(url, OLD_VERSION)).close()
    await killMigrating(url, Math.random() * 200)
    await checkWhole(await openPostgres({ url }))
  }
})
