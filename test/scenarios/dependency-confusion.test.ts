import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  CreatePackageGroupCommand,
  PutPackageOriginConfigurationCommand,
  UpdatePackageGroupOriginConfigurationCommand,
} from '@aws-sdk/client-codeartifact'
import { skipWithoutClient } from '../support/clients.ts'
import { firstDomain, type Packyard } from '../support/packyard.ts'
import { runWell } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { PypiWire } from '../support/pypi-wire.ts'
import { pips, PythonUser, skipWithoutPip } from '../support/python-clients.ts'
import { type Setup, testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const domain = firstDomain
const options = { skip: skipWithoutClient('npm 11') }

/** A team's repository beside the store with the external connection, and one that has both upstream. */
async function setUpTeams(yard: Packyard, store = 'npm-store'): Promise<void> {
  await yard.createRepository('team', [])
  await yard.createRepository('web', ['team', store])
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

const [pip] = pips

/** A pip that installs from `web`, beside who publishes to `team`. */
async function startPython(t: TestContext, setup: Setup, ...outside: readonly string[]) {
  const upstream = await startUpstream(t, { pypi: outside })
  const yard = await setup.start({ connections: { 'public:pypi': { url: upstream.url, ttlSeconds: 0 } } })
  await setUpTeams(yard, 'pypi-store')
  const team = new PypiWire(await yard.endpoint('team', 'pypi'), await yard.token())
  const user = await PythonUser.create(yard.folder, await yard.endpoint('web', 'pypi'), await yard.token())
  return { upstream, yard, team, user }
}

testOnEachSetup(
  'pip takes the own package, however high the version and whatever the spelling that a stranger publishes',
  { skip: skipWithoutPip },
  async (t, setup) => {
    const { upstream, yard, team, user } = await startPython(t, setup, 'tiny@1.3.0')
    assert.equal((await team.upload({ name: 'acme-internal', version: '1.0' })).status, 200)
    upstream.pypi.add({ name: 'Acme.Internal', version: '99.0' })
    await user.install(pip, 'acme-internal', 'tiny')
    assert.equal(await user.installed('acme_internal'), '1.0')
    assert.equal(await user.installed('tiny'), '1.3.0')
    const refused = await user.attemptInstall(pip, 'ACME_internal==99.0')
    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /No matching distribution found/)
    assert.deepEqual(await yard.versions('pypi-store', 'acme-internal', 'pypi'), [])
    const why = await explain(yard, 'acme-internal', '99.0', '--repository', 'web', '--format', 'pypi')
    assert.match(why, /public:pypi not asked: the name belongs to this domain, as repository 'team' holds it/)
  },
)

testOnEachSetup(
  'pip gets nothing of a prefix that a package group keeps, until it is published inside or allowed',
  { skip: skipWithoutPip },
  async (t, setup) => {
    const { yard, team, user } = await startPython(t, setup, 'acme-new@1.0', 'acme-free@1.0', 'acrne-new@1.0')
    const packageGroup = '/pypi//acme~'
    const restrictions = { EXTERNAL_UPSTREAM: 'BLOCK' } as const
    await yard.sdk.send(new CreatePackageGroupCommand({ domain, packageGroup }))
    await yard.sdk.send(new UpdatePackageGroupOriginConfigurationCommand({ domain, packageGroup, restrictions }))
    for (const name of ['acme-new', 'acrne-new']) {
      const refused = await user.attemptInstall(pip, name)
      assert.match(refused.output, /No matching distribution found/, name)
    }
    assert.equal((await team.upload({ name: 'acme-new', version: '0.1' })).status, 200)
    await user.install(pip, 'acme-new')
    assert.equal(await user.installed('acme_new'), '0.1')
    const free = { domain, packageGroup: '/pypi//acme-free$' }
    await yard.sdk.send(new CreatePackageGroupCommand(free))
    const open = { ...free, restrictions: { EXTERNAL_UPSTREAM: 'ALLOW' } } as const
    await yard.sdk.send(new UpdatePackageGroupOriginConfigurationCommand(open))
    await user.install(pip, 'acme-free')
    assert.equal(await user.installed('acme_free'), '1.0')
  },
)
