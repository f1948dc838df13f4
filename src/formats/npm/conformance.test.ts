import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { skipWithoutClient } from '../../../test/support/clients.ts'
import { startPackyard } from '../../../test/support/packyard.ts'
import { packTarball } from '../../../test/support/tarball.ts'
import { startUpstream } from '../../../test/support/upstream.ts'
import { clientCommands, orderedVersions, type SamplePackage, samplePackages } from './conformance.ts'
import { npm } from './format.ts'

function packed({ name, version, manifest, files }: SamplePackage): Buffer {
  const all = { 'package.json': JSON.stringify({ name, version, ...manifest }), ...files }
  return packTarball(Object.entries(all).map(([path, content]) => ({ path: `package/${path}`, content })))
}

for (const sample of samplePackages) {
  test(`${sample.name}@${sample.version} is read as it was made`, async () => {
    const bytes = packed(sample)
    const source = { name: 'package.tgz', sizeBytes: bytes.length, open: () => Readable.from([bytes]) }
    const inspection = await npm.inspect(source)
    assert.equal(inspection?.readme, sample.readme)
    const { displayName, licenses, dependencies } = npm.facts(inspection?.document)
    assert.deepEqual({ displayName, licenses, dependencies }, sample.facts)
    const name = npm.names.parsePackage(sample.name)
    assert.equal(npm.names.show(name), sample.name)
    assert.deepEqual(npm.names.fromInput(name.namespace, name.name), name)
    assert.equal(npm.names.parseVersion(sample.version), sample.version)
  })
}

test('versions are ordered as npm orders them', () => {
  assert.deepEqual(orderedVersions.toReversed().sort(npm.names.compareVersions), orderedVersions)
})

test('npm publishes every sample and reads it back', { skip: skipWithoutClient('npm 11') }, async (t) => {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { processes: 1, connections: { 'public:npmjs': upstream.url } })
  const client = await yard.client('npm 11')
  for (const { name, version, manifest, files } of samplePackages) {
    const { dependencies: _, peerDependencies: __, optionalDependencies: ___, ...alone } = manifest ?? {}
    await client.publish({ name, version, manifest: alone, ...(files && { files }) }, '--ignore-scripts --tag latest')
    assert.deepEqual(await yard.versions('main', name), [`${version} Published INTERNAL`])
    for (const command of clientCommands) await client.run(command.replace('{spec}', `${name}@${version}`))
    assert.equal(await client.installed(name), `${name}@${version}`)
  }
})
