import assert from 'node:assert/strict'
import {
  CreatePackageGroupCommand,
  PutPackageOriginConfigurationCommand,
  UpdatePackageGroupOriginConfigurationCommand,
} from '@aws-sdk/client-codeartifact'
import { skipWithoutClient } from '../support/clients.ts'
import { firstDomain, type Packyard } from '../support/packyard.ts'
import { runWell } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const domain = firstDomain
const options = { skip: skipWithoutClient('npm 11') }

/** A team's repository beside the store with the external connection, and one that has both upstream. */
async function setUpTeams(yard: Packyard): Promise<void> {
  await yard.createRepository('team', [])
  await yard.createRepository('web', ['team', 'npm-store'])
}

async function explain(yard: Packyard, ...words: readonly string[]): Promise<string> {
  const command = [mainProgram, 'explain', 'package', ...words]
  return (await runWell(process.execPath, command, { cwd: yard.folder, env: { ...yard.serverEnv } })).stdout
}

testOnEachSetup(
  'npm takes the own package, however high the version that a stranger publishes',
  options,
  async (t, setup) => {
    const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
    const yard = await setup.start({ connections: { 'public:npmjs': { url: upstream.url, ttlSeconds: 0 } } })
    await setUpTeams(yard)
    const publisher = await yard.client('npm 11', { repository: 'team' })
    for (const name of ['@acme/tools', 'acme-internal']) await publisher.publish({ name, version: '1.0.0' })
    await upstream.add('@acme/tools@99.0.0')
    await upstream.add('acme-internal@99.0.0')

    const client = await yard.client('npm 11', { repository: 'web' })
    await client.run('install @acme/tools acme-internal tiny')
    assert.equal(await client.installed('@acme/tools'), '@acme/tools@1.0.0')
    assert.equal(await client.installed('acme-internal'), 'acme-internal@1.0.0')
    assert.equal(await client.installed('tiny'), 'tiny@1.3.0')
    const refused = await client.attempt('install acme-internal@99.0.0')
    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /ETARGET|E404/)
    assert.deepEqual(await yard.versions('npm-store', 'acme-internal'), [])

    const why = await explain(yard, 'acme-internal', '99.0.0', '--repository', 'web')
    assert.match(why, /public:npmjs not asked: the name belongs to this domain, as repository 'team' holds it/)
    assert.match(why, /99\.0\.0 is not visible/)
  },
)

testOnEachSetup('after somebody allowed it, npm takes what is newest from either side', options, async (t, setup) => {
  const upstream = await startUpstream(t, { npm: ['mixed@99.0.0'] })
  const yard = await setup.start({ connections: { 'public:npmjs': { url: upstream.url, ttlSeconds: 0 } } })
  await setUpTeams(yard)
  await (await yard.client('npm 11', { repository: 'team' })).publish({ name: 'mixed', version: '1.0.0' })
  const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' } as const
  const input = { domain, repository: 'team', format: 'npm', package: 'mixed', restrictions } as const
  await yard.sdk.send(new PutPackageOriginConfigurationCommand(input))
  const client = await yard.client('npm 11', { repository: 'web' })
  await client.run('install mixed')
  assert.equal(await client.installed('mixed'), 'mixed@99.0.0')
  const why = JSON.parse(await explain(yard, 'mixed', '--repository', 'web', '--output', 'json')) as { hops: object[] }
  assert.equal(why.hops.length, 3)
})

testOnEachSetup(
  'a prefix that a package group keeps is safe before anything is published',
  options,
  async (t, setup) => {
    const upstream = await startUpstream(t, { npm: ['acme-new@1.0.0', 'Acme.New@1.0.0', 'tiny@1.3.0'] })
    const yard = await setup.start({ connections: { 'public:npmjs': { url: upstream.url, ttlSeconds: 0 } } })
    await setUpTeams(yard)
    const packageGroup = '/npm//acme~'
    await yard.sdk.send(new CreatePackageGroupCommand({ domain, packageGroup }))
    const restrictions = { EXTERNAL_UPSTREAM: 'BLOCK' } as const
    await yard.sdk.send(new UpdatePackageGroupOriginConfigurationCommand({ domain, packageGroup, restrictions }))
    const client = await yard.client('npm 11', { repository: 'web' })
    for (const name of ['acme-new', 'Acme.New']) {
      const refused = await client.attempt(`install ${name}`)
      assert.match(refused.output, /E404/)
    }
    await client.run('install tiny')
    await (await yard.client('npm 11', { repository: 'team' })).publish({ name: 'acme-new', version: '0.1.0' })
    await client.run('install acme-new')
    assert.equal(await client.installed('acme-new'), 'acme-new@0.1.0')
    assert.match(await explain(yard, 'acme-new', '--repository', 'web'), /in package group \/npm\/\/acme~/)
  },
)
