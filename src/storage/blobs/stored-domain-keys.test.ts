import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'

import { startPostgres } from '../../../test/support/postgres.ts'
import { temporaryFolder } from '../../../test/support/identity.ts'
import { createWrappingKeys, type WrappingKeys } from '../../access/wrapping-keys.ts'
import { openKeyring } from '../../access/keyring.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { openPostgres } from '../metadata/postgres/open.ts'
import { openSqlite } from '../metadata/sqlite/open.ts'
import { DomainKeyMissingError } from './domain-keys.ts'
import { StoredDomainKeys } from './stored-domain-keys.ts'

const databases: Readonly<Record<string, (t: TestContext) => Promise<Metadata | undefined>>> = {
  SQLite: async (t) => openSqlite({ file: `${await temporaryFolder(t)}/packyard.db` }),
  PostgreSQL: async (t) => {
    const url = await startPostgres(t)
    return url === undefined ? undefined : openPostgres({ url })
  },
}

for (const [name, openMetadata] of Object.entries(databases)) {
  test(`processes that need a key of a domain first all get the same one (${name})`, async (t) => {
    const opened = await open(t, openMetadata)
    if (opened === undefined) return
    const domainId = randomUUID()
    const keys = await Promise.all([1, 2, 3].map(async () => opened.process().newest(domainId)))
    assert.deepEqual(new Set(keys.map(({ version }) => version)), new Set([1]))
    assert.equal(new Set(keys.map(({ key }) => key.export().toString('hex'))).size, 1)
    const [row] = await opened.rows()
    assert.ok(!Buffer.from(row?.wrapped ?? []).includes(keys[0]?.key.export() ?? ''), 'the key itself is nowhere')
  })

  test(`a domain's renewed key is for new blobs; the old one stays for those that were there (${name})`, async (t) => {
    const opened = await open(t, openMetadata)
    if (opened === undefined) return
    const [domainId, other] = [randomUUID(), randomUUID()]
    const keys = opened.process()
    const before = await keys.newest(domainId)
    await keys.newest(other)
    await keys.renew(domainId)
    const after = await keys.newest(domainId)
    assert.equal(after.version, 2)
    assert.ok(!after.key.equals(before.key))
    assert.ok((await opened.process().find(domainId, 1)).key.equals(before.key))
    assert.equal((await keys.newest(other)).version, 1)
    assert.deepEqual((await keys.domains()).toSorted(), [domainId, other].toSorted())
  })

  test(`after a rotation every key is wrapped anew, and the old wrapping key opens none (${name})`, async (t) => {
    const opened = await open(t, openMetadata)
    if (opened === undefined) return
    const keys = opened.process()
    const made = await Promise.all(Array.from({ length: 5 }, async () => keys.newest(randomUUID())))
    const file = await opened.wrapping.add()
    assert.equal(await keys.rewrap(), 5)
    const rows = await opened.rows()
    assert.deepEqual(new Set(rows.map((row) => row.wrapped_by)), new Set(['keyring:2']))
    for (const { domainId, version, key } of made) {
      assert.ok((await opened.process().find(domainId, version)).key.equals(key))
    }
    await chmod(file, 0o644)
    await assert.rejects(opened.process().find(made[0]?.domainId ?? '', 1), /wrapping-2\.key has mode 0644/)
    await rm(file)
    await assert.rejects(opened.process().find(made[0]?.domainId ?? '', 1), /wrapping-2\.key is missing/)
  })

  test(`a wrapped key of one domain is none of another's (${name})`, async (t) => {
    const opened = await open(t, openMetadata)
    if (opened === undefined) return
    const [first, second] = [randomUUID(), randomUUID()]
    const keys = opened.process()
    await keys.newest(first)
    await keys.newest(second)
    const { wrapped } = (await opened.rows()).find((row) => row.domain_id === first) ?? {}
    await opened.metadata.write(async ({ tx }) => {
      await tx.updateTable('domain_keys').set({ wrapped }).where('domain_id', '=', second).execute()
    })
    await assert.rejects(opened.process().find(second, 1), /damaged, or the master key is another/)
    await assert.rejects(keys.find(second, 7), DomainKeyMissingError)
  })
}

interface Opened {
  readonly metadata: Metadata
  readonly wrapping: WrappingKeys
  /** What another process on the same database would see. */
  process(): StoredDomainKeys
  rows(): Promise<{ domain_id: string; wrapped: Uint8Array; wrapped_by: string }[]>
}

async function open(
  t: TestContext,
  openMetadata: (t: TestContext) => Promise<Metadata | undefined>,
): Promise<Opened | undefined> {
  const metadata = await openMetadata(t)
  if (metadata === undefined) return undefined
  t.after(async () => metadata.close())
  const directory = await temporaryFolder(t)
  const keyring = await openKeyring(directory, randomBytes)
  const wrapping = createWrappingKeys({ directory, keyring, randomBytes })
  return {
    metadata,
    wrapping,
    process: () => new StoredDomainKeys({ metadata, wrapping, randomBytes, clock: Date.now }),
    rows: async () => metadata.db.selectFrom('domain_keys').selectAll().execute(),
  }
}
