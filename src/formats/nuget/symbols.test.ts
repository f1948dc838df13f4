import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeNuget, makePdb, makeSymbols } from '../../../test/support/nuget-package.ts'
import { NugetWire } from '../../../test/support/nuget-wire.ts'
import { startPackyard } from '../../../test/support/packyard.ts'
import { portablePdbKey } from './portable-pdb.ts'

// Of the first three parts of a GUID the bytes stand the other way round.
const guid = Buffer.from('3c2d1e0f5a4b78698796a5b4c3d2e1f0', 'hex')
const key = '0f1e2d3c4b5a69788796a5b4c3d2e1f0ffffffff'

test('a debugger finds symbols by the key of their build, in any case, and of unlisted versions too', async (t) => {
  const yard = await startPackyard(t, { processes: 1 })
  const wire = new NugetWire(await yard.endpoint('main', 'nuget'), await yard.token())
  const address = (of: string, name = 'debugged%20too.pdb') => `v3/symbols/${name}/${of}/${name}`
  const pdb = makePdb(guid)
  assert.equal((await wire.push(makeNuget('Debugged@1.0.0').bytes)).status, 201)
  assert.equal((await wire.get(address(key))).status, 404)
  const files = [{ path: 'lib/net8.0/Debugged Too.pdb', content: pdb }]
  const pushed = await wire.push(makeSymbols({ id: 'Debugged', version: '1.0.0', files }), { to: 'v3/symbol/' })
  assert.equal(pushed.status, 201, pushed.reason)
  for (const spelled of [address(key), address(key.toUpperCase(), 'Debugged%20Too.pdb')]) {
    const found = await wire.get(spelled, { symbolchecksum: 'SHA256:00' })
    assert.ok(found.status === 200 && found.bytes.equals(pdb), found.reason)
  }
  assert.equal((await wire.request('HEAD', address(key))).headers.get('content-length'), `${pdb.length}`)
  assert.equal((await wire.get(address(key.replace('0', '1')))).status, 404)
  assert.equal((await wire.get(address(key, 'debugged.pdb'))).status, 404, 'what is no portable PDB has no key')
  assert.equal((await wire.get(`v3/symbols/debugged%20too.pdb/${key}/other.pdb`)).status, 404)
  assert.equal((await wire.request('DELETE', 'v3/package/Debugged/1.0.0')).status, 204)
  assert.equal((await wire.get(address(key))).status, 200)
})

test('the key of a PDB is read from its beginning, and of anything else there is none', () => {
  const pdb = makePdb(guid)
  assert.equal(portablePdbKey(pdb), key)
  for (let length = 0; length < pdb.length - 16; length++)
    assert.equal(portablePdbKey(pdb.subarray(0, length)), undefined)
  assert.equal(portablePdbKey(Buffer.from('Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0')), undefined)
  fc.assert(
    fc.property(fc.nat(pdb.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
      const changed = Buffer.from(pdb)
      Buffer.from(bytes).copy(changed, at)
      const found = portablePdbKey(changed)
      assert.ok(found === undefined || /^[0-9a-f]{32}ffffffff$/.test(found))
    }),
  )
})
