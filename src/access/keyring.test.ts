import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/support/identity.ts'
import { KeyringError, openKeyring } from './keyring.ts'

test('The master key is made once, readable by its owner alone, and found again', async (t) => {
  const folder = join(await temporaryFolder(t), 'keys')
  const first = await openKeyring(folder, randomBytes)
  const path = join(folder, 'master.key')
  assert.equal((await readFile(path)).length, 32)
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(folder), ['master.key'])
  const second = await openKeyring(folder, randomBytes)
  assert.deepEqual(second.derive('x'), first.derive('x'))
  assert.equal(second.open(first.seal(Buffer.from('secret'), 'p'), 'p').toString(), 'secret')
})

test('Keyrings opened at the same moment have the same key', async (t) => {
  const folder = join(await temporaryFolder(t), 'keys')
  const keyrings = await Promise.all(Array.from({ length: 8 }, () => openKeyring(folder, randomBytes)))
  const keys = new Set(keyrings.map((keyring) => keyring.derive('x').toString('hex')))
  assert.equal(keys.size, 1)
  assert.deepEqual(await readdir(folder), ['master.key'])
})

test('A master key that others can read, or of another size, is refused by name', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'master.key')
  await writeFile(path, Buffer.alloc(32), { mode: 0o600 })
  for (const mode of [0o640, 0o604, 0o660]) {
    await chmod(path, mode)
    await assert.rejects(openKeyring(folder, randomBytes), (error) => {
      assert.ok(error instanceof KeyringError)
      assert.ok(error.message.startsWith(`${path} has mode 0${mode.toString(8)}`), error.message)
      return true
    })
  }
  await chmod(path, 0o600)
  await writeFile(path, Buffer.alloc(31))
  await assert.rejects(openKeyring(folder, randomBytes), /holds 31 bytes, and must hold 32/)
})

test('What is sealed opens for its own purpose only, and not when a bit of it has changed', async (t) => {
  const folder = await temporaryFolder(t)
  const keyring = await openKeyring(folder, randomBytes)
  const sealed = keyring.seal(Buffer.from('secret'), 'key A')
  assert.equal(sealed.includes('secret'), false)
  assert.notDeepEqual(keyring.seal(Buffer.from('secret'), 'key A'), sealed)
  assert.equal(keyring.open(new Uint8Array(sealed), 'key A').toString(), 'secret')
  assert.equal(keyring.open(keyring.seal(Buffer.alloc(0), 'p'), 'p').length, 0)
  assert.throws(() => keyring.open(sealed, 'key B'), KeyringError)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.throws(() => keyring.open(changed, 'key A'), KeyringError, `byte ${at}`)
    assert.throws(() => keyring.open(sealed.subarray(0, at), 'key A'), KeyringError, `length ${at}`)
  }
})

test('Each purpose has a key of its own', async (t) => {
  const keyring = await openKeyring(await temporaryFolder(t), randomBytes)
  assert.equal(keyring.derive('a').length, 32)
  assert.deepEqual(keyring.derive('a'), keyring.derive('a'))
  assert.notDeepEqual(keyring.derive('a'), keyring.derive('b'))
})
