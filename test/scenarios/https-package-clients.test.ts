import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AssociateExternalConnectionCommand } from '@aws-sdk/client-codeartifact'
import { CargoClient, skipWithoutCargo } from '../support/cargo.ts'
import { DotnetClient, skipWithoutDotnet } from '../support/dotnet.ts'
import { firstDomain, type Packyard, startPackyard } from '../support/packyard.ts'
import { RubyClient, skipWithoutRuby } from '../support/ruby-clients.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

/** What publishes, installs, yanks and installs without the upstream over HTTP does so here over HTTPS, with a private authority. */

interface Stage {
  readonly yard: Packyard
  readonly upstream: Upstream
  readonly endpoint: string
  readonly token: string
  /** The file of the authority that the server's certificate is from. */
  readonly ca: string
}

async function openStage(t: TestContext, format: 'nuget' | 'ruby' | 'cargo', packages: object): Promise<Stage> {
  const upstream = await startUpstream(t, packages)
  const addresses = { nuget: upstream.nuget.url, ruby: upstream.url, cargo: upstream.cargo.url }
  const names = { nuget: 'public:nuget-org', ruby: 'public:ruby-gems-org', cargo: 'public:crates-io' }
  const yard = await startPackyard(t, {
    env: { PACKYARD_TLS: 'auto' },
    connections: { [names[format]]: addresses[format] },
    processes: 1,
  })
  const repository = await yard.createRepository('own', [])
  const association = { domain: firstDomain, repository, externalConnection: names[format] }
  await yard.sdk.send(new AssociateExternalConnectionCommand(association))
  const endpoint = await yard.endpoint(repository, format)
  assert.match(endpoint, /^https:/)
  return { yard, upstream, endpoint, token: await yard.token(), ca: join(yard.dataDir, 'ca.pem') }
}

test('dotnet pushes, restores, deletes and restores again over HTTPS', { skip: skipWithoutDotnet() }, async (t) => {
  const { yard, upstream, endpoint, token, ca } = await openStage(t, 'nuget', { nuget: ['Tiny.Leaf@1.0.0'] })
  const stranger = await DotnetClient.create(yard.folder, { endpoint, token })
  await stranger.newProject('application', '0.0.0', ['Tiny.Leaf@1.0.0'])
  assert.match((await stranger.attempt('restore')).output, /SSL|certificate/i)

  const dotnet = await DotnetClient.create(yard.folder, { endpoint, token, ca })
  const gear = await dotnet.newProject('Acme.Gear', '1.0.0', ['Tiny.Leaf@1.0.0'])
  await dotnet.run('pack -c Release -o out', gear)
  await dotnet.run('nuget push out/Acme.Gear.1.0.0.nupkg --source pk', gear)
  await dotnet.newProject('application', '0.0.0', ['Acme.Gear@1.0.0'])
  await dotnet.run('restore')
  assert.deepEqual((await dotnet.locked()).sort(), ['Acme.Gear 1.0.0', 'Tiny.Leaf 1.0.0'])
  await dotnet.run('nuget delete Acme.Gear 1.0.0 --source pk --non-interactive')
  assert.deepEqual(await yard.versions('own', 'acme.gear', 'nuget'), ['1.0.0 Unlisted INTERNAL'])
  await upstream.stop()
  await dotnet.forget()
  await dotnet.run('restore --locked-mode')
})

test('gem and Bundler push, install, yank and install again over HTTPS', { skip: skipWithoutRuby() }, async (t) => {
  const { yard, upstream, endpoint, token, ca } = await openStage(t, 'ruby', { ruby: ['pub-base@1.0'] })
  const stranger = await RubyClient.create(yard.folder, endpoint, token)
  assert.match((await stranger.attemptGem(`list --remote --source ${stranger.source}`)).output, /certificate/i)

  const client = await RubyClient.create(yard.folder, endpoint, token, ca)
  const dependency = ["s.add_runtime_dependency 'pub-base', '~> 1.0'"]
  await client.gem(`push ${await client.build('acme-tool', '1.0', dependency)}`)
  await client.gem(`push ${await client.build('acme-tool', '1.1', dependency)}`)
  await client.install('acme-tool -v 1.0')
  await client.gemfile("'acme-tool'")
  await client.bundle('install')
  assert.match((await client.bundle('list')).stdout, /acme-tool \(1\.1\).*pub-base \(1\.0\)/s)
  await client.gem(`yank acme-tool -v 1.1 --host ${endpoint.replace(/\/$/, '')}`)
  assert.deepEqual(await yard.versions('own', 'acme-tool', 'ruby'), ['1.0 Published INTERNAL', '1.1 Unlisted INTERNAL'])
  await upstream.stop()
  await client.forget()
  assert.match((await client.attemptBundle('install')).output, /acme-tool \(1\.1\)[^]*no longer be found/)
  await client.unlock()
  await client.bundle('install')
  assert.match((await client.bundle('list')).stdout, /acme-tool \(1\.0\).*pub-base \(1\.0\)/s)
  await client.forget()
  await client.bundle('install')
})

test('Cargo publishes, adds, yanks and builds again over HTTPS', { skip: skipWithoutCargo() }, async (t) => {
  const { yard, upstream, endpoint, token, ca } = await openStage(t, 'cargo', { cargo: ['tiny_leaf@1.0.0'] })
  const login = 'token from a command'
  const stranger = await CargoClient.create(yard.folder, { endpoint, token, login })
  assert.match((await stranger.attempt('add tiny_leaf@1')).output, /certificate|SSL/i)

  const cargo = await CargoClient.create(yard.folder, { endpoint, token, login, ca })
  await cargo.publish({ name: 'acme_gear', version: '1.0.0', dependencies: [{ name: 'tiny_leaf', req: '1' }] })
  await cargo.run('add acme_gear@1 --registry pk')
  await cargo.run('check')
  await cargo.run('yank acme_gear@1.0.0 --registry pk')
  assert.deepEqual(await yard.versions('own', 'acme_gear', 'cargo'), ['1.0.0 Unlisted INTERNAL'])
  await upstream.stop()
  await cargo.forget()
  await cargo.run('fetch --locked')
  await yard.stop()
  await cargo.run('check --locked --offline')
  assert.deepEqual(await cargo.locked('tiny_leaf'), ['1.0.0'])
})
