import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startIdentity } from '../../test/support/identity.ts'
import { identityScope } from '../storage/metadata/scopes.ts'
import { readLastUse } from './iam/access-keys.ts'
import { createKeyUses } from './key-uses.ts'

const place = { service: 'codeartifact', region: 'eu-west-3' }

async function start(t: Parameters<typeof startIdentity>[0]) {
  const stage = await startIdentity(t)
  const { metadata, keyring, time, user, key } = stage
  const faults: unknown[] = []
  const uses = createKeyUses({ metadata, clock: () => time.now, onError: (error) => faults.push(error) })
  const parts = { metadata, keyring, arns: { partition: 'aws', region: 'eu-west-3' }, clock: () => time.now }
  const iam = { ...parts, randomBytes: () => Buffer.alloc(0) }
  return { ...stage, uses, faults, lastUse: () => readLastUse(iam, user.accountId, key.accessKeyId) }
}

test('A use of a key is written once a minute, and forgets nothing that is remembered', async (t) => {
  const { metadata, key, time, uses, lastUse, faults } = await start(t)
  const epoch = metadata.epochs.of(identityScope)
  const first = time.now
  uses.note(key.accessKeyId, place)
  assert.equal((await lastUse()).usedAt, undefined)
  await uses.flush()
  assert.deepEqual(await lastUse(), { userName: 'alice', usedAt: first, ...place })
  time.now += 59_999
  uses.note(key.accessKeyId, { ...place, service: 'iam' })
  await uses.flush()
  assert.equal((await lastUse()).usedAt, first)
  time.now += 1
  uses.note(key.accessKeyId, { ...place, service: 'iam' })
  await uses.flush()
  assert.deepEqual(await lastUse(), { userName: 'alice', usedAt: first + 60_000, ...place, service: 'iam' })
  assert.equal(metadata.epochs.of(identityScope), epoch)
  assert.deepEqual(faults, [])
})

test('A later use that another process wrote stays, and a key that is gone harms nothing', async (t) => {
  const { metadata, key, time, uses, lastUse, faults } = await start(t)
  uses.note(key.accessKeyId, place)
  uses.note('AKIAGONEGONEGONEGONE', place)
  const later = time.now + 1000
  await metadata.write(({ tx }) => tx.updateTable('access_keys').set({ last_used_at: later }).execute())
  await uses.flush()
  assert.equal((await lastUse()).usedAt, later)
  assert.deepEqual(faults, [])
})
