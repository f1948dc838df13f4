import assert from 'node:assert/strict'
import { AssociateExternalConnectionCommand } from '@aws-sdk/client-codeartifact'
import { CargoClient, type CargoLogin, skipWithoutCargo } from '../support/cargo.ts'
import { firstDomain, type Packyard } from '../support/packyard.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const skip = skipWithoutCargo()

testOnEachSetup('Cargo publishes, adds, checks, yanks, and builds without the upstream', { skip }, async (t, setup) => {
  const upstream = await startUpstream(t, {
    cargo: [
      'tiny_leaf@1.0.0',
      'tiny_leaf@1.1.0',
      'CamelCase@2.0.0',
      {
        name: 'mid-way',
        version: '0.2.0',
        dependencies: [
          { name: 'tiny_leaf', req: '^1', optional: true },
          { name: 'CamelCase', req: '^2', alias: 'camel' },
        ],
        features: { default: ['leafy'], leafy: ['dep:tiny_leaf'] },
      },
    ],
  })
  const yard = await setup.start({ connections: { 'public:crates-io': upstream.cargo.url } })
  const repository = await yard.createRepository('crates', [])
  const association = { domain: firstDomain, repository, externalConnection: 'public:crates-io' }
  await yard.sdk.send(new AssociateExternalConnectionCommand(association))
  const cargo = await newClient(yard, 'token from a command')

  await t.test('public crates come through', async () => {
    await cargo.run('add mid-way@0.2')
    await cargo.run('check')
    assert.deepEqual(await cargo.locked('tiny_leaf'), ['1.1.0'])
    assert.deepEqual(await yard.versions(repository, 'CamelCase', 'cargo'), ['2.0.0 Published EXTERNAL'])
    assert.deepEqual(await yard.versions(repository, 'tiny_leaf', 'cargo'), ['1.1.0 Published EXTERNAL'])
  })

  await t.test('what was published is there at once, and builds with what it needs', async () => {
    const gear = { name: 'acme_gear', dependencies: [{ name: 'tiny_leaf', req: '1', alias: 'leaf' }] }
    const { durationMs } = await cargo.publish({ ...gear, version: '1.0.0' })
    assert.ok(durationMs < 20_000, `published after ${durationMs} ms`)
    await cargo.run('add acme_gear@1 --registry pk')
    await cargo.run('check')
    assert.deepEqual(await yard.versions(repository, 'acme_gear', 'cargo'), ['1.0.0 Published INTERNAL'])
    const again = await cargo.attempt(
      'publish --registry pk --no-verify --allow-dirty',
      `${cargo.folder}/acme_gear-1.0.0`,
    )
    assert.match(again.output, /already exists/)
    const bearer = await newClient(yard, 'bearer token')
    await bearer.publish({ ...gear, version: '1.1.0' })
    const raw = await newClient(yard, 'token as it is')
    assert.match((await raw.run('search gear --registry pk')).stdout, /^acme_gear = "1\.1\.0"/m)
    assert.match((await raw.run('info acme_gear --registry pk')).stdout, /^version: 1\.1\.0/m)
  })

  await t.test('a yanked version is for lock files only, until it is unyanked', async () => {
    await cargo.run('update')
    assert.deepEqual(await cargo.locked('acme_gear'), ['1.1.0'])
    await cargo.run('yank acme_gear@1.1.0 --registry pk')
    assert.deepEqual(await yard.versions(repository, 'acme_gear', 'cargo'), [
      '1.0.0 Published INTERNAL',
      '1.1.0 Unlisted INTERNAL',
    ])
    await cargo.forget()
    await cargo.run('fetch --locked')
    await cargo.unlock()
    await cargo.run('generate-lockfile')
    assert.deepEqual(await cargo.locked('acme_gear'), ['1.0.0'])
    await cargo.run('yank acme_gear@1.1.0 --undo --registry pk')
    await cargo.run('update')
    assert.deepEqual(await cargo.locked('acme_gear'), ['1.1.0'])
  })

  await t.test('what is refused is told in our words', async () => {
    const owners = await cargo.attempt('owner --list acme_gear --registry pk')
    assert.notEqual(owners.code, 0)
    assert.match(owners.output, /403.*crates have no owners here/s)
    const twin = await cargo.newCrate({ name: 'acme-gear', version: '1.0.0' })
    const refused = await cargo.attempt('publish --registry pk --no-verify --allow-dirty', twin)
    assert.match(refused.output, /409.*cannot be told from crate 'acme_gear'/s)
    const absent = await cargo.attempt('add no-such-crate --registry pk')
    assert.match(absent.output, /could not be found in registry/)
  })

  await t.test('cargo login keeps a token, and a wrong one is told from none', async () => {
    const person = await newClient(yard, 'log in later')
    assert.match((await person.attempt('search gear --registry pk')).output, /cargo login/)
    assert.equal((await person.login(await yard.token())).code, 0)
    assert.match((await person.run('search gear --registry pk')).stdout, /^acme_gear = /m)
    await person.login('a-token-that-is-none')
    assert.match((await person.attempt('search gear --registry pk')).output, /401.*not a token of this server/s)
  })

  await t.test('a locked build needs no upstream, and then no server', async () => {
    await upstream.stop()
    await cargo.forget()
    await cargo.run('fetch --locked')
    await yard.stop()
    await cargo.run('check --locked --offline')
  })
})

async function newClient(yard: Packyard, login: CargoLogin): Promise<CargoClient> {
  const endpoint = await yard.endpoint('crates', 'cargo')
  return CargoClient.create(yard.folder, { endpoint, token: await yard.token(), login })
}
