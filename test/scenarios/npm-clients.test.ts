import assert from 'node:assert/strict'
import type { Packyard } from '../support/packyard.ts'
import { type ClientKind, type ClientName, clientKinds, skipWithoutClient } from '../support/clients.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

testOnEachSetup('every client installs, publishes, and installs again without the upstream', {}, async (t, setup) => {
  const upstream = await startUpstream(t, {
    npm: [
      'tiny@1.2.0',
      'tiny@1.3.0',
      { name: '@tools/deep', version: '2.0.1', dependencies: { tiny: '^1.0.0' } },
      { name: 'wide', version: '3.0.0', dependencies: { '@tools/deep': '2.x', tiny: '1.2.0' } },
    ],
  })
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
  for (const kind of clientKinds) {
    await t.test(kind.name, { skip: skipWithoutClient(kind.name) }, async () => {
      await upstream.restart()
      await useClient(kind, yard, upstream)
    })
  }
})

async function useClient(kind: ClientKind, yard: Packyard, upstream: Upstream): Promise<void> {
  const label = kind.name.toLowerCase().replace(' ', '')
  const repository = await yard.createRepository(label)
  const client = await yard.client(kind.name as ClientName, { repository })
  const [scoped, unscoped] = [`@acme/${label}-widgets`, `own-${label}-gears`]

  await client.add('wide@3.0.0')
  assert.equal(await client.installed('@tools/deep'), '@tools/deep@2.0.1')
  assert.deepEqual(await yard.versions(repository, '@tools/deep'), ['2.0.1 Published EXTERNAL'])

  await client.publish({ name: scoped, version: '1.0.0', dependencies: { tiny: '^1.3.0' } })
  await client.publish({ name: unscoped, version: '1.0.0', dependencies: { [scoped]: '^1.0.0' } })
  assert.deepEqual(await yard.versions(repository, scoped), ['1.0.0 Published INTERNAL'])
  assert.deepEqual(await yard.versions(repository, unscoped), ['1.0.0 Published INTERNAL'])

  await client.add(`${unscoped}@1.0.0`)
  assert.equal(await client.installed(scoped), `${scoped}@1.0.0`)

  await upstream.stop()
  await client.forget()
  await client.installFrozen()
  const all = [scoped, unscoped, 'wide', '@tools/deep']
  assert.deepEqual(await Promise.all(all.map((name) => client.installed(name))), [
    `${scoped}@1.0.0`,
    `${unscoped}@1.0.0`,
    'wide@3.0.0',
    '@tools/deep@2.0.1',
  ])
}
