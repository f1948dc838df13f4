import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { DotnetClient, skipWithoutDotnet } from '../support/dotnet.ts'
import { makeNuget } from '../support/nuget-package.ts'
import { NugetWire } from '../support/nuget-wire.ts'
import { startPackyard } from '../support/packyard.ts'
import { startUpstream } from '../support/upstream.ts'

const skip = skipWithoutDotnet()

test('dotnet packs, pushes, restores, deletes, and restores without the upstream', { skip }, async (t) => {
  const upstream = await startUpstream(t, {
    nuget: [
      'Tiny.Leaf@1.0.0',
      'Tiny.Leaf@1.1.0.5',
      'Tiny.Leaf@2.0.0-Beta.1',
      { id: 'Mid.Way', version: '0.2.0', dependencies: { 'Tiny.Leaf': '1.0' } },
    ],
  })
  const yard = await startPackyard(t, { connections: { 'public:nuget-org': upstream.nuget.url }, processes: 1 })
  const endpoint = await yard.endpoint('main', 'nuget')
  const token = await yard.token()
  const dotnet = await DotnetClient.create(yard.folder, { endpoint, token })
  const symbols = '<IncludeSymbols>true</IncludeSymbols><SymbolPackageFormat>snupkg</SymbolPackageFormat>'
  const gear = await dotnet.newProject('Acme.Gear', '1.0.0-a.1', ['Mid.Way@0.2.0'], symbols)

  await t.test('what depends on public packages is packed and pushed, with its symbols', async () => {
    await dotnet.run('pack -c Release -o out', gear)
    const { output } = await dotnet.run('nuget push out/Acme.Gear.1.0.0-a.1.nupkg --source pk', gear)
    assert.match(output, /Your package was pushed/)
    assert.deepEqual(await yard.versions('main', 'acme.gear', 'nuget'), ['1.0.0-a.1 Published INTERNAL'])
    assert.deepEqual(await yard.versions('main', 'mid.way', 'nuget'), ['0.2.0 Published EXTERNAL'])
    const wire = new NugetWire(endpoint, token)
    const snupkg = await wire.get('v3/flatcontainer/acme.gear/1.0.0-a.1/acme.gear.1.0.0-a.1.snupkg')
    assert.ok(snupkg.bytes.equals(await readFile(join(gear, 'out/Acme.Gear.1.0.0-a.1.snupkg'))))
  })

  await t.test('a debugger gets the symbols of the build by the key that stands in it', async () => {
    const built = join(gear, 'bin/Release/netcoreapp3.1/Acme.Gear')
    const key = `${codeViewGuid(await readFile(`${built}.dll`))}ffffffff`
    const found = await new NugetWire(endpoint, token).get(`v3/symbols/acme.gear.pdb/${key}/acme.gear.pdb`)
    assert.ok(found.status === 200 && found.bytes.equals(await readFile(`${built}.pdb`)), found.reason)
  })

  await t.test('other bytes under the same version are refused in our words, unless that is no matter', async () => {
    await writeFile(join(gear, 'other.nupkg'), makeNuget('Acme.Gear@1.0.0-A.1').bytes)
    const command = `nuget push other.nupkg --source pk --api-key ${token}`
    const refused = await dotnet.attempt(command, gear)
    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /409 \(repository 'main' holds version 1\.0\.0-a\.1/)
    await dotnet.run(`${command} --skip-duplicate`, gear)
  })

  await t.test('a graph of private and public packages is restored', async () => {
    await dotnet.newProject('application', '0.0.0', ['Acme.Gear@1.0.0-a.1', 'tiny.leaf@[1.1,2.0)'])
    await dotnet.run('restore')
    assert.deepEqual((await dotnet.locked()).sort(), ['Acme.Gear 1.0.0-a.1', 'Mid.Way 0.2.0', 'Tiny.Leaf 1.1.0.5'])
  })

  await t.test('newer versions outside are told', async () => {
    const { output } = await dotnet.run('list package --outdated --include-prerelease')
    assert.match(output, /tiny\.leaf\s.*1\.1\.0\.5\s+2\.0\.0-Beta\.1/i)
  })

  await t.test('a wrong token is told in our words', async () => {
    const stranger = await DotnetClient.create(yard.folder, { endpoint, token: 'wrong-token-of-somebody' })
    await stranger.newProject('application', '0.0.0', ['Tiny.Leaf@1.0.0'])
    const { code, output } = await stranger.attempt('restore')
    assert.notEqual(code, 0)
    assert.match(output, /401 \([^)]*token/)
  })

  await t.test('what was deleted is restored by who has it in a lock file, without the upstream', async () => {
    await dotnet.run('nuget delete Acme.Gear 1.0-A.1 --source pk --non-interactive')
    assert.deepEqual(await yard.versions('main', 'acme.gear', 'nuget'), ['1.0.0-a.1 Unlisted INTERNAL'])
    await upstream.stop()
    await dotnet.forget()
    const lock = join(dotnet.project, 'packages.lock.json')
    const before = await readFile(lock, 'utf8')
    await dotnet.run('restore --locked-mode')
    assert.equal(await readFile(lock, 'utf8'), before)
  })
})

/** From the debug directory of a library. Source: PE format, CodeView entry of a portable PDB. */
function codeViewGuid(library: Buffer): string {
  const guid = library.subarray(library.indexOf('RSDS') + 4)
  const parts = [guid.readUInt32LE(0), guid.readUInt16LE(4), guid.readUInt16LE(6)]
  const [first, second, third] = parts.map((part, index) => part.toString(16).padStart(index === 0 ? 8 : 4, '0'))
  return `${first}${second}${third}${guid.toString('hex', 8, 16)}`
}
